"""Whether the arm before may go, now that another one has all the traffic; pure.

Rule 1: it goes after the soak time, and only if it has no traffic and its row is still the one that was replaced.
Rule 2: when another release or a rollback has come between, this one has nothing to say any more.
Rule 3: an alarm within the soak time brings the old arm back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.arms import Row, campaigns_of, live_row, row_named, snapshot, weight_of
from pipeline.traffic import WATCH_SOAK_S, seconds

WAIT, RETIRE, ALARM, OVERTAKEN = "WAIT", "RETIRE", "ALARM", "OVERTAKEN"


def may_go(retirement: Mapping[str, Any], rows: Sequence[Row]) -> bool:
    """Tell whether the rows are still as the release left them."""
    old = row_named(rows, retirement["old"]["name"])
    live = live_row(retirement["dataset_group"], rows)
    if live is None or live["name"] != retirement["arm"] or old is None:
        return False
    return snapshot(old) == retirement["old"] and weight_of(old) == 0


def is_gone(retirement: Mapping[str, Any], rows: Sequence[Row]) -> bool:
    """Tell whether the old row has been taken out already, by a call whose answer was lost."""
    live = live_row(retirement["dataset_group"], rows)
    return bool(live) and live["name"] == retirement["arm"] and row_named(rows, retirement["old"]["name"]) is None


def next_look(retirement: Mapping[str, Any], rows: Sequence[Row], waited_s: int, alarms: list[str]) -> dict[str, Any]:
    """Give the verdict within the soak time."""
    if not may_go(retirement, rows):
        return {"verdict": OVERTAKEN}
    if alarms:
        return {"verdict": ALARM, "alarms": alarms}
    left_s = retirement["pace"]["soak_s"] - waited_s
    if left_s <= 0:
        return {"verdict": RETIRE}
    wait_s = seconds(min(left_s, WATCH_SOAK_S))
    return {"verdict": WAIT, "wait_s": wait_s, "waited_s": waited_s + wait_s}


def leftovers(retirement: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, str]]:
    """Give the campaigns of the old arm that the live one does not name, as resources to delete."""
    live = row_named(rows, retirement["arm"])
    kept = campaigns_of(live)
    return [
        {"kind": "campaign", "name": arn.rsplit("/", 1)[-1], "arn": arn}
        for arn in retirement["old"]["campaigns"]
        if arn not in kept
    ]
