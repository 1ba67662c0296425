"""List every resource of a dataset group, in the order in which a teardown deletes them."""

from __future__ import annotations

import os
from typing import Any

import boto3
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.inventory import take_inventory
from pipeline.settings_table import SettingsTable, make_table
from remembered import RememberedSchemas

_gateway: PersonalizeGateway | None = None
_table: SettingsTable | None = None


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the stages for `event["dataset_group"]`, and remember its schemas if `event["remember"]` says so."""
    global _gateway, _table
    _gateway, _table = _gateway or make_gateway(), _table or make_table()
    memory = RememberedSchemas(boto3.resource("dynamodb").Table(os.environ["LOCKS_TABLE"]))
    return list_resources(_gateway, _table, memory, event)


def list_resources(
    gateway: PersonalizeGateway, table: SettingsTable, memory: RememberedSchemas, event: dict[str, Any]
) -> dict[str, Any]:
    """List, remember, count.

    Errors: all of pipeline.errors.
    """
    group = event["dataset_group"]
    inventory = take_inventory(gateway, group, table.rows(group), memory.read(group))
    if event["remember"]:
        memory.write(group, [each["arn"] for each in inventory.resources if each["kind"] == "schema"])
    return {"stages": inventory.stages(), "count": len(inventory.resources)}
