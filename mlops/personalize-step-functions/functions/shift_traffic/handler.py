"""Move the API's traffic between the two arms of a dataset group."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from pipeline.alarms import make_client, ringing
from pipeline.logs import logged
from pipeline.memory import RELEASES, Memory, make_memory
from pipeline.settings_table import SettingsTable, make_table
from shift_traffic import Arms

_table: SettingsTable | None = None
_memory: Memory | None = None
_cloudwatch: Any = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do `event["action"]` (settle, open, advance, take back, hand back) for `event["plan"]`; give the verdict.

    The verdict is WAIT (call again after `wait_s`), DONE, ALARM or FAILED.
    """
    global _table, _memory, _cloudwatch
    _table, _memory, _cloudwatch = (
        _table or make_table(),
        _memory or make_memory(RELEASES),
        _cloudwatch or make_client(),
    )
    return act(_table, _memory, _cloudwatch, event, datetime.now(UTC))


def act(table: SettingsTable, memory: Memory, cloudwatch: Any, event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Do the action.

    Errors: TryAgainError; CallRefusedError.
    """
    arms = Arms(table, memory, event.get("plan") or way_back(event["retirement"]), now)
    if event["action"] == "settle":
        return arms.settle()
    if event["action"] == "open":
        return arms.open(event["results"])
    if event["action"] == "advance":
        return arms.advance(event["held_s"], partial(ringing, cloudwatch))
    if event["action"] == "hand back":
        return arms.hand_back(event["retirement"]["in_place"])
    return arms.take_back(event["results"], blamed=event["blamed"])


def way_back(retirement: dict[str, Any]) -> dict[str, Any]:
    """The plan that undoes a release within its soak time; without an arm before, only campaigns were updated."""
    return {
        "dataset_group": retirement["dataset_group"],
        "arm": retirement["old"].get("name", ""),
        "live_arm": retirement["arm"],
        "ratio": retirement["ratio"],
        "candidates": [],
    }
