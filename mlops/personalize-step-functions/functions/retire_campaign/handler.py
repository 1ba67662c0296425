"""Watch over the soak time of a release, and then take the old arm out of the settings table."""

from __future__ import annotations

from typing import Any

from pipeline.alarms import make_client, ringing
from pipeline.logs import logged
from pipeline.memory import RELEASES, Memory, make_memory
from pipeline.settings_table import SettingsTable, make_table
from retirement import OVERTAKEN, RETIRE, is_gone, leftovers, may_go, next_look

_table: SettingsTable | None = None
_memory: Memory | None = None
_cloudwatch: Any = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look (`event["action"]` is watch or, with the lock held, check), or drop the old row (drop); give the verdict."""
    global _table, _memory, _cloudwatch
    _table, _memory, _cloudwatch = (
        _table or make_table(),
        _memory or make_memory(RELEASES),
        _cloudwatch or make_client(),
    )
    return act(_table, _memory, _cloudwatch, event)


def act(table: SettingsTable, memory: Memory, cloudwatch: Any, event: dict[str, Any]) -> dict[str, Any]:
    """Look or drop.

    Errors: TryAgainError; CallRefusedError.
    """
    retirement = event["retirement"]
    rows, known = table.rows(retirement["dataset_group"]), memory.read(retirement["dataset_group"])
    if event["action"] == "watch":
        names = retirement["pace"]["alarms"]
        return next_look(retirement, rows, known, event["waited_s"], ringing(cloudwatch, names) if names else [])
    if not (may_go(retirement, rows, known) or is_gone(retirement, rows)):
        return {"verdict": OVERTAKEN, "withdraw": []}
    if event["action"] == "drop":
        table.delete(retirement["old"]["name"])
    return {"verdict": RETIRE, "withdraw": leftovers(retirement, rows)}
