"""A client of Personalize that can look and nothing else."""

from __future__ import annotations

from typing import Any

ALLOWED = ("describe_", "list_")


class ReadOnlyClient:
    """Pass on what describes and lists; refuse whatever else, before it is sent."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        """Give the operation.

        Errors: PermissionError for one that could change something.
        """
        if not operation.startswith(ALLOWED):
            raise PermissionError(f"{operation} could change something: this command only describes and lists.")
        return getattr(self._client, operation)
