"""What stands before the handlers: a guard sees the operation and the request as it came, and may refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from personalize_local.wire.models import Operation
from personalize_spec.errors import PersonalizeException

READING = ("Describe", "List", "Get")


class AccessException(PersonalizeException):
    """The caller may not do this here, whatever the request says."""


class AccessDeniedException(AccessException):
    """The operation is not allowed at this address."""


@dataclass(frozen=True)
class Request:
    """A request as it came; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


Guard = Callable[[Operation, Request], None]


class ReadOnly:
    """A guard that lets the operations pass that read; `where_to_write` says where the others are to go."""

    def __init__(self, where_to_write: Callable[[], str]) -> None:
        self._where_to_write = where_to_write

    def check(self, operation: Operation, request: Request) -> None:
        """Do nothing for an operation that reads.

        Errors: AccessDeniedException.
        """
        if not operation.name.startswith(READING):
            raise AccessDeniedException(f"This server answers reads only. {self._where_to_write()}")
