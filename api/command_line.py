"""What the commands of this folder share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError


@contextmanager
def refusals_in_one_line() -> Iterator[None]:
    """End the program with AWS's words when it refuses a call: a name, a right or a region is wrong."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"error: {error}")
