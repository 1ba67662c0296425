"""A DynamoDB table in memory: as much of boto3's Table as the pipeline uses, conditions on one attribute included."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from fake_personalize import client_error


class FakeTable:
    """Items by their key attributes."""

    def __init__(self, *key: str) -> None:
        self._key = key
        self.items: dict[tuple[str, ...], dict[str, Any]] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.items.values())

    def put_item(self, *, Item: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Put, where the condition holds."""
        key = self._key_of(Item)
        self._check(self.items.get(key), options)
        self.items[key] = copy.deepcopy(Item)
        return {}

    def delete_item(self, *, Key: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Delete, where the condition holds."""
        key = self._key_of(Key)
        self._check(self.items.get(key), options)
        self.items.pop(key, None)
        return {}

    def get_item(self, *, Key: dict[str, Any], ConsistentRead: bool = False) -> dict[str, Any]:
        """Give the item, where there is one."""
        item = self.items.get(self._key_of(Key))
        return {"Item": copy.deepcopy(item)} if item else {}

    def _key_of(self, item: dict[str, Any]) -> tuple[str, ...]:
        return tuple(item[name] for name in self._key)

    @staticmethod
    def _check(item: dict[str, Any] | None, options: dict[str, Any]) -> None:
        condition = options.get("ConditionExpression")
        if condition and not any(_holds(term, item, options) for term in condition.split(" OR ")):
            raise client_error("ConditionalCheckFailedException", "The conditional request failed")


def _holds(term: str, item: dict[str, Any] | None, options: dict[str, Any]) -> bool:
    names, values = options.get("ExpressionAttributeNames", {}), options.get("ExpressionAttributeValues", {})
    if found := re.fullmatch(r"attribute_(not_)?exists\((#\w+)\)", term.strip()):
        exists = item is not None and names[found.group(2)] in item
        return exists != bool(found.group(1))
    name, _, value = term.partition("=")
    return item is not None and item.get(names[name.strip()]) == values[value.strip()]
