"""When a solution trains by itself.

Rule 1: the first automatic training is due an hour after the solution became ACTIVE, or automatic training was switched
    on; a version made by hand in that hour takes its place.
Rule 2: the next one is due N days after the last training started, by hand or not.
Rule 3: a change of the frequency starts the count again.

Source: contract §4.3. That trainings by hand move the schedule also later, and that the first one waits until the hour
is over: inferred ("within 1 h" is documented).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from personalize_local.store.resources import Resource
from personalize_spec.limits import DEFAULT_TRAINING_SCHEDULE

FIRST_AFTER = timedelta(hours=1)
# Members of a solution that the service keeps for itself: epoch seconds of the last change of each kind.
SWITCHED_ON, RESCHEDULED = "automatic_training_switched_on_s", "automatic_training_rescheduled_s"
_RATE = re.compile(r"rate\((\d+) days?\)")


def trains_by_itself(solution: Resource) -> bool:
    """Tell whether automatic training is on, as it is when the customer said nothing."""
    return bool(solution.body.get("perform_auto_training", True))


def due_at(solution: Resource, versions: Iterable[Resource]) -> datetime:
    """Give when the next automatic training of a solution is due, after the versions that it has."""
    started_at = _moment(solution, SWITCHED_ON) or solution.created_at
    trained_at = max((version.created_at for version in versions), default=None)
    if trained_at is None or trained_at < started_at:
        return started_at + FIRST_AFTER
    counted_from = max(trained_at, _moment(solution, RESCHEDULED) or trained_at)
    return counted_from + interval(solution.body.get("solution_config") or {})


def interval(config: Mapping[str, Any]) -> timedelta:
    """Give the time between two automatic trainings; a configuration without one has the service's."""
    expression = (config.get("auto_training_config") or {}).get("scheduling_expression") or DEFAULT_TRAINING_SCHEDULE
    match = _RATE.fullmatch(expression)
    assert match is not None  # the request was checked against the pattern
    return timedelta(days=int(match[1]))


def restarted(solution: Resource, wanted: Mapping[str, Any], now: datetime) -> dict[str, float]:
    """Give the members that start the schedule again with an update of the solution to the members `wanted`."""
    if not wanted.get("perform_auto_training", trains_by_itself(solution)):
        return {}
    if not trains_by_itself(solution):
        return {SWITCHED_ON: now.timestamp()}
    present = solution.body.get("solution_config") or {}
    changed = interval(present | wanted.get("solution_update_config", {})) != interval(present)
    return {RESCHEDULED: now.timestamp()} if changed else {}


def _moment(solution: Resource, member: str) -> datetime | None:
    epoch_s = solution.body.get(member)
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
