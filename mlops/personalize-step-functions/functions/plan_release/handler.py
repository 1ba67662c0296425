"""Plan a release, or the way back to the version before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.kinds import KINDS
from pipeline.logs import logged
from pipeline.memory import RELEASES, Memory, make_memory
from pipeline.settings_table import SettingsTable, make_table
from release_plan import Surroundings, plan_release
from rollback_plan import plan_rollback

from personalize_spec.parameters.reading import gate_of

_gateway: PersonalizeGateway | None = None
_table: SettingsTable | None = None
_memory: Memory | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the plan for `event["input"]`: a release's, or `{"dataset_group": …, "rollback": true}`."""
    global _gateway, _table, _memory
    _gateway, _table, _memory = _gateway or make_gateway(), _table or make_table(), _memory or make_memory(RELEASES)
    return make_plan(_gateway, _table, _memory, event["input"])


def make_plan(
    gateway: PersonalizeGateway, table: SettingsTable, memory: Memory, wanted: dict[str, Any]
) -> dict[str, Any]:
    """Look at rows, memory and campaigns, and plan.

    Errors: all of pipeline.errors.
    """
    group = wanted["dataset_group"]
    describe = partial(gateway.describe, KINDS["campaign"])
    around = Surroundings(group, table.rows(group), describe, memory.read(group))
    if not wanted.get("rollback"):
        return plan_release(wanted, around)
    return plan_rollback(around, partial(versions_of, gateway), gate_of({}).smoke_users)


def versions_of(gateway: PersonalizeGateway, solution_arn: str) -> Iterator[dict[str, Any]]:
    """Describe all versions of a solution.

    Errors: all of pipeline.errors.
    """
    kind = KINDS["solution-version"]
    for summary in gateway.children(kind, solution_arn):
        if members := gateway.describe(kind, summary[kind.arn_member]):
            yield members
