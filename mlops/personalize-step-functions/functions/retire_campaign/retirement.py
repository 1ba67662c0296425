"""Whether the arm before may go, now that another one has all the traffic; pure.

Rule 1: it goes after the soak time, and only if it has no traffic and its row is still the one that was replaced.
Rule 2: when another release or a rollback has come between, this one has nothing to say any more.
Rule 3: an alarm within the soak time brings the old arm back, and campaigns that were updated in place.
Rule 4: a release that has only updated campaigns in place leaves no arm to go: its soak time is for the alarms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.arms import Row, campaigns_of, live_row, row_named, snapshot, version_known, weight_of
from pipeline.traffic import WATCH_SOAK_S, seconds

WAIT, RETIRE, ALARM, OVERTAKEN, SETTLED = "WAIT", "RETIRE", "ALARM", "OVERTAKEN", "SETTLED"

Known = Mapping[str, Any]


def may_go(retirement: Mapping[str, Any], rows: Sequence[Row], known: Known) -> bool:
    """Tell whether the rows are still as the release left them; `known` is remembered of a group without any."""
    if not retirement["old"]:
        holder = row_named(rows, retirement["arm"]) or known
        return all(version_known(holder, each["name"]) == each["version"] for each in retirement["in_place"])
    old = row_named(rows, retirement["old"]["name"])
    live = live_row(retirement["dataset_group"], rows)
    if live is None or live["name"] != retirement["arm"] or old is None:
        return False
    return snapshot(old) == retirement["old"] and weight_of(old) == 0


def is_gone(retirement: Mapping[str, Any], rows: Sequence[Row]) -> bool:
    """Tell whether the old row has been taken out already, by a call whose answer was lost."""
    if not retirement["old"]:
        return False
    live = live_row(retirement["dataset_group"], rows)
    return bool(live) and live["name"] == retirement["arm"] and row_named(rows, retirement["old"]["name"]) is None


def next_look(
    retirement: Mapping[str, Any], rows: Sequence[Row], known: Known, waited_s: int, alarms: list[str]
) -> dict[str, Any]:
    """Give the verdict within the soak time."""
    if not may_go(retirement, rows, known):
        return {"verdict": OVERTAKEN}
    if alarms:
        return {"verdict": ALARM, "alarms": alarms}
    left_s = retirement["pace"]["soak_s"] - waited_s
    if left_s <= 0:
        return {"verdict": RETIRE if retirement["old"] else SETTLED}
    wait_s = seconds(min(left_s, WATCH_SOAK_S))
    return {"verdict": WAIT, "wait_s": wait_s, "waited_s": waited_s + wait_s}


def leftovers(retirement: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, str]]:
    """Give the campaigns of the old arm that the live one does not name, as resources to delete."""
    live = row_named(rows, retirement["arm"])
    kept = campaigns_of(live)
    return [
        {"kind": "campaign", "name": arn.rsplit("/", 1)[-1], "arn": arn}
        for arn in retirement["old"].get("campaigns", ())
        if arn not in kept
    ]
