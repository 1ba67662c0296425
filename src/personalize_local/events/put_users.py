"""PutUsers: users one by one. Source: contract §3.7, §6.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.events.put_records import put_records
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope


def put_users(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Store users, each in place of the record its id had: all of them, or none when one is wrong."""
    put_records(service, scope, request["dataset_arn"], "USERS", "USER_ID", request["users"], "user_id")
