"""The API's settings table, as the pipeline writes it. Only `active` rows are known here: the API reads no others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from personalize_spec.api_settings import ACTIVE
from pipeline.arms import arm_names
from pipeline.table_calls import call_table, connect


class SettingsTable:
    """Reads, writes and deletes rows of one table; every change of a row is one write.

    Errors: TryAgainError when the table does not answer for the moment; CallRefusedError.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def rows(self, group: str) -> list[dict[str, Any]]:
        """Give the rows of the dataset group's arms, as they are now."""
        found = (self._call("get_item", Key=_key(name), ConsistentRead=True).get("Item") for name in arm_names(group))
        return [_plain(row) for row in found if row]

    def put(self, row: Mapping[str, Any]) -> None:
        """Put the row in the place of the one that has its name."""
        # DynamoDB takes decimal numbers only.
        self._call("put_item", Item=json.loads(json.dumps({**row, "status": ACTIVE}), parse_float=Decimal))

    def delete(self, name: str) -> None:
        """Delete the row, if it is there."""
        self._call("delete_item", Key=_key(name))

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return call_table(self._table, "settings table", operation, **arguments)


def make_table() -> SettingsTable:
    """Connect to the table that the stack names."""
    return SettingsTable(connect("SETTINGS_TABLE"))


def _key(name: str) -> dict[str, str]:
    return {"name": name, "status": ACTIVE}


def _plain(value: Any) -> Any:
    """A row's values without DynamoDB's own types: decimals as numbers, sets as lists."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | set | frozenset):
        return [_plain(entry) for entry in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
