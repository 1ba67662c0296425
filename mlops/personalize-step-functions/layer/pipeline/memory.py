"""What the pipeline remembers of a dataset group besides where its traffic is.

`releases`: `refused` has what the gate has refused, and of groups without a row in the settings table (nobody leads
readers to them) what a row would have: `campaigns`, `former`, `withdrawn`. `schemas`: those of an unfinished teardown.
Kept beside the locks, under names that no dataset group can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.table_calls import call_table, connect

RELEASES, SCHEMAS = "releases", "schemas"
_WORDS = "locks table"


class Memory:
    """Reads and writes one thing of each dataset group.

    Errors: TryAgainError; CallRefusedError.
    """

    def __init__(self, table: Any, what: str) -> None:
        self._table, self._what = table, what

    def read(self, group: str) -> dict[str, Any]:
        """Give what was written; nothing where nothing was."""
        item = call_table(self._table, _WORDS, "get_item", Key=self._key(group), ConsistentRead=True).get("Item")
        return {name: value for name, value in (item or {}).items() if name != "name"}

    def write(self, group: str, contents: Mapping[str, Any]) -> None:
        """Write it in place of what was; nothing: forget."""
        if any(contents.values()):
            call_table(self._table, _WORDS, "put_item", Item={**contents, **self._key(group)})
        else:
            call_table(self._table, _WORDS, "delete_item", Key=self._key(group))

    def _key(self, group: str) -> dict[str, str]:
        return {"name": f"{self._what} of {group}"}


def make_memory(what: str) -> Memory:
    """Connect to the table that the stack names."""
    return Memory(connect("LOCKS_TABLE"), what)
