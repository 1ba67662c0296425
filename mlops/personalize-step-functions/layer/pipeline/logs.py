"""Structured logs: one line when a function has done its part, or failed, with the execution's name in each.

Lambda writes them as JSON, and every extra as a member of its own. What is logged is named here: kinds, names, ARNs,
statuses and errors, nothing of readers.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[[dict[str, Any], Any], Any]

_RESULTS = ("kind", "name", "arn", "status", "action", "held", "superseded", "accepted", "verdict", "passed")

logger = logging.getLogger("pipeline")
logger.setLevel(logging.INFO)


def logged(handler: Handler) -> Handler:
    """Log what a handler gave or raised, with the correlation id: the name of the execution that called it."""

    @functools.wraps(handler)
    def wrapper(event: dict[str, Any], context: Any) -> Any:
        about = {"execution": execution_name(event), "function": getattr(context, "function_name", "")}
        try:
            result = handler(event, context)
        except Exception as error:
            logger.warning("failed", extra={**about, "error": type(error).__name__, "cause": str(error)})
            raise
        logger.info("done", extra=about | _told_of(result))
        return result

    return wrapper


def execution_name(event: Mapping[str, Any]) -> str:
    """Give the name of the execution that an event comes from; empty where it does not say."""
    execution = event.get("execution")
    return execution.get("Name", "") if isinstance(execution, Mapping) else ""


def _told_of(result: Any) -> dict[str, Any]:
    """`name` is a word of Python's own log records."""
    known = {key: result[key] for key in _RESULTS if key in result} if isinstance(result, Mapping) else {}
    return {"resource" if key == "name" else key: value for key, value in known.items()}
