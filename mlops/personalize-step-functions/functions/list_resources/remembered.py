"""The schemas of a dataset group that is being deleted: once its datasets are gone, nothing else tells which they were.

Kept beside the locks, under a name that no dataset group can have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RememberedSchemas:
    """Reads and writes the ARNs."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def read(self, group: str) -> list[str]:
        """Give what an unfinished teardown has written."""
        item = self._table.get_item(Key=_key(group), ConsistentRead=True).get("Item")
        return list(item["schemas"]) if item else []

    def write(self, group: str, schemas: Sequence[str]) -> None:
        """Write the ARNs; none: forget."""
        if schemas:
            self._table.put_item(Item={**_key(group), "schemas": list(schemas)})
        else:
            self._table.delete_item(Key=_key(group))


def _key(group: str) -> dict[str, str]:
    return {"name": f"schemas of {group}"}
