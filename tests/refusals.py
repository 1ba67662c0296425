"""What a client is told when it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def refusal(call: Any, **arguments: Any) -> tuple[str, str]:
    """Make a call that is to be refused; give the error's code and message."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]
