"""How a new resource comes to be: stored with its tags, in the transaction of the checks before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.resources import build
from personalize_local.control.tags import store
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import CREATE_PENDING
from personalize_spec.arns import Scope


def add(
    service: Service,
    connection: sqlite3.Connection,
    scope: Scope,
    kind: str,
    arn: str,
    name: str,
    *,
    body: Mapping[str, Any],
    tags: Mapping[str, str],
    parent_arn: str | None = None,
    status: str = CREATE_PENDING,
) -> None:
    """Store a new resource; whoever calls sets its lifecycle or its job going."""
    resource = build(service, scope, kind, arn, name, status=status, parent_arn=parent_arn, body=body)
    store(service, connection, resource, tags)
