"""Delete one resource, as far as one look goes: the state machine calls until it is gone."""

from __future__ import annotations

import os
from typing import Any

import boto3
from deletion import delete_step
from pipeline.arms import campaigns_of, weight_of
from pipeline.errors import CallRefusedError
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.logs import logged
from pipeline.schedules import Schedules
from pipeline.settings_table import SettingsTable, make_table

_gateway: PersonalizeGateway | None = None
_table: SettingsTable | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take the next step of deleting `event["resource"]` of the dataset group; give whether it is gone."""
    global _gateway, _table
    _gateway, _table = _gateway or make_gateway(), _table or make_table()
    schedules = Schedules(boto3.client("scheduler"), os.environ["SCHEDULE_GROUP"])
    return delete(_gateway, _table, schedules, event)


def delete(
    gateway: PersonalizeGateway, table: SettingsTable, schedules: Schedules, event: dict[str, Any]
) -> dict[str, Any]:
    """Delete, but nothing that readers are served by.

    Errors: CallRefusedError for a campaign that has traffic; all of pipeline.errors.
    """
    resource = event["resource"]
    if resource["kind"] in ("settings-row", "schedule"):
        remove = table.delete if resource["kind"] == "settings-row" else schedules.remove
        remove(resource["name"])
        return {**resource, "gone": True, "wait_s": 0}
    if resource["kind"] == "campaign":
        serving = [row for row in table.rows(event["dataset_group"]) if weight_of(row) > 0]
        if any(resource["arn"] in campaigns_of(row) for row in serving):
            raise CallRefusedError(f"The campaign {resource['arn']} serves readers, and is not deleted.")
    return delete_step(gateway, resource)
