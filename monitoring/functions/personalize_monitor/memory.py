"""What the guard remembers between runs, in a DynamoDB table: one item for each server that it said something of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from personalize_monitor.guard import Memory


class MemoryTable:
    """The table, read at once and written one item at a time."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def read(self) -> dict[str, Memory]:
        """Give what is remembered, by ARN. Errors: those of boto3."""
        items = _scan(self._client, self._name)
        return {item["arn"]["S"]: _memory(item) for item in items}

    def write(self, arn: str, memory: Memory) -> None:
        """Remember; a memory of nothing is forgotten. Errors: those of boto3."""
        if memory == Memory():
            self._client.delete_item(TableName=self._name, Key={"arn": {"S": arn}})
            return
        item: dict[str, Any] = {"arn": {"S": arn}, "said": {"S": memory.said}}
        if memory.warned_at is not None:
            item["warned_at"] = {"S": memory.warned_at.isoformat()}
        for name in ("set_tps", "found_tps"):
            value = getattr(memory, name)
            if value is not None:
                item[name] = {"N": str(value)}
        self._client.put_item(TableName=self._name, Item=item)


def read_live_arns(client: Any, tables: tuple[str, ...]) -> frozenset[str]:
    """Give every campaign that an active row of the API's settings names.

    `all` is every table whose name ends as the pipeline names it. Errors: those of boto3.
    Source: personalize_spec.api_settings.
    """
    names = [name for name in tables if name != "all"]
    if "all" in tables:
        listed = list_tables(client)
        names += [name for name in listed if name.endswith("-api-settings")]
    rows = [row for name in dict.fromkeys(names) for row in _scan(client, name)]
    live = [row for row in rows if row.get("status", {}).get("S") == "active"]
    return frozenset(
        row[column]["S"]
        for row in live
        for column in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")
        if "S" in row.get(column, {})
    )


def list_tables(client: Any) -> list[str]:
    """Give the names of all tables; ListTables calls its token differently on the way back."""
    names: list[str] = []
    arguments: dict[str, Any] = {}
    while True:
        reply = client.list_tables(**arguments)
        names += reply["TableNames"]
        if not reply.get("LastEvaluatedTableName"):
            return names
        arguments["ExclusiveStartTableName"] = reply["LastEvaluatedTableName"]


def _scan(client: Any, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {"TableName": name, "ConsistentRead": True}
    while True:
        reply = client.scan(**arguments)
        items += reply["Items"]
        if not reply.get("LastEvaluatedKey"):
            return items
        arguments["ExclusiveStartKey"] = reply["LastEvaluatedKey"]


def _memory(item: dict[str, Any]) -> Memory:
    warned_at = item.get("warned_at", {}).get("S")
    numbers = {name: int(Decimal(item[name]["N"])) for name in ("set_tps", "found_tps") if name in item}
    return Memory(warned_at=datetime.fromisoformat(warned_at) if warned_at else None, said=item["said"]["S"], **numbers)
