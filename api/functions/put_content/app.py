"""What the content stream invokes. The work is in the `streams` package: start reading at `processor.py`."""

from typing import Any

from streams.handler import handle


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take one batch of records."""
    return handle("Items", event)
