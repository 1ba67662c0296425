"""Take or free the lock of a dataset group."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
from pipeline.lock import SHORTEST_WAIT_S, Hold, Locks, is_running, next_wait_s
from pipeline.logs import logged


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do `event["action"]`, "take" or "free", for the dataset group and the owner, an execution's ARN.

    Gives whether the owner holds the lock, who does, and in how many seconds to ask again; `started_at`, when the
    owner started in ISO 8601, lets long waits be long.
    """
    table = boto3.resource("dynamodb").Table(os.environ["LOCKS_TABLE"])
    locks = Locks(table, partial(is_running, boto3.client("stepfunctions")))
    return hold(locks, event, datetime.now(UTC))


def hold(locks: Locks, event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Take or free, and say when to ask again."""
    act = {"take": locks.take, "free": locks.free}[event["action"]]
    found: Hold = act(event["dataset_group"], event["owner"])
    return {"held": found.held, "owner": found.owner, "wait_s": 0 if found.held else _wait_s(event, now)}


def _wait_s(event: dict[str, Any], now: datetime) -> int:
    started_at = event.get("started_at")
    return next_wait_s(datetime.fromisoformat(started_at), now) if started_at else SHORTEST_WAIT_S
