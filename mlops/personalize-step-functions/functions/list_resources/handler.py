"""List every resource of a dataset group, in the order in which a teardown deletes them."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import boto3
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.inventory import BATCH_KINDS, Beside, take_inventory
from pipeline.logs import logged
from pipeline.memory import RELEASES, SCHEMAS, Memory, make_memory
from pipeline.schedules import Schedules
from pipeline.settings_table import SettingsTable, make_table

_gateway: PersonalizeGateway | None = None
_table: SettingsTable | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the stages for `event["dataset_group"]`, and remember its schemas if `event["remember"]` says so."""
    global _gateway, _table
    _gateway, _table = _gateway or make_gateway(), _table or make_table()
    schedules = Schedules(boto3.client("scheduler"), os.environ["SCHEDULE_GROUP"])
    memory = {what: make_memory(what) for what in (SCHEMAS, RELEASES)}
    return list_resources(_gateway, _table, schedules, memory, event)


def list_resources(
    gateway: PersonalizeGateway,
    table: SettingsTable,
    schedules: Schedules,
    memory: dict[str, Memory],
    event: dict[str, Any],
) -> dict[str, Any]:
    """List and remember; of what is deleted whole nothing is remembered.

    Errors: all of pipeline.errors.
    """
    group = event["dataset_group"]
    schemas = memory[SCHEMAS].read(group).get("schemas", [])
    beside = Beside(table.rows(group), schedules.existing(group))
    inventory = take_inventory(gateway, group, beside, schemas)
    if event["remember"]:
        found = [each["arn"] for each in inventory.resources if each["kind"] == "schema"]
        memory[SCHEMAS].write(group, {"schemas": found})
        if not inventory.resources:
            memory[RELEASES].write(group, {})
    jobs = Counter(each["kind"] for each in inventory.contained if each["kind"] in BATCH_KINDS)
    return {"stages": inventory.stages(), "count": len(inventory.resources), "jobs_that_stay": dict(jobs)}
