"""PutActions: actions one by one. Source: contract §3.7, §6.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.events.put_records import put_records
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope


def put_actions(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Store actions, each in place of the record its id had: all of them, or none when one is wrong."""
    put_records(service, scope, request["dataset_arn"], "ACTIONS", "ACTION_ID", request["actions"], "action_id")
