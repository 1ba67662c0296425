"""What the updates of all resources share: one at a time, shown in the resource's `latest…Update`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from personalize_local.control.kinds import KINDS
from personalize_local.jobs.service import Service
from personalize_local.jobs.updates import SUMMARY_MEMBERS, is_updating, start_update
from personalize_local.store.resources import Resource
from personalize_spec.errors import ResourceInUseException


def require_no_update(resource: Resource) -> None:
    """Make sure that no update of the resource is on its way.

    Errors: ResourceInUseException.
    """
    if is_updating(resource):
        raise ResourceInUseException(f"An update of the {KINDS[resource.kind].noun} {resource.arn} is in progress.")


def write_update(
    service: Service, connection: sqlite3.Connection, resource: Resource, wanted: Mapping[str, Any], now: datetime
) -> None:
    """Write down an update that begins now; whoever calls sets it going."""
    changes = {SUMMARY_MEMBERS[resource.kind]: start_update(wanted, now)}
    service.workspace.resources.update(connection, resource.arn, now, changes=changes)
