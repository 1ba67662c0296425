"""Structured logs: one JSON object per line, and nothing that identifies a reader."""

import json
import logging
import sys
import traceback

LOGGER = logging.getLogger("recommendations")


class LineHandler(logging.Handler):
    """Writes records to whatever standard output is at that moment, as Lambda expects them."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        line = {"level": record.levelname, "event": record.getMessage(), **fields}
        sys.stdout.write(json.dumps(line, default=str) + "\n")


if not LOGGER.handlers:
    LOGGER.addHandler(LineHandler())
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def log_event(level: str, event: str, **fields: object) -> None:
    """Log what happened. Callers pass names, counts and codes; never a visitor id or a request's body."""
    LOGGER.log(logging.getLevelNamesMapping()[level.upper()], event, extra={"fields": fields})


def error_code(error: BaseException) -> str:
    """Return AWS's error code, or the exception's name; messages may quote what the reader sent."""
    response = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code") or type(error).__name__


def stack_of(error: BaseException) -> list[str]:
    """Return where an exception came from, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
