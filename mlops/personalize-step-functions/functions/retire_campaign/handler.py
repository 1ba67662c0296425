"""Watch over the soak time of a release, and then take the old arm out of the settings table."""

from __future__ import annotations

from typing import Any

from pipeline.alarms import make_client, ringing
from pipeline.settings_table import SettingsTable, make_table
from retirement import OVERTAKEN, RETIRE, is_gone, leftovers, may_go, next_look

_table: SettingsTable | None = None
_cloudwatch: Any = None


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look (`event["action"]` is watch or, with the lock held, check), or drop the old row (drop); give the verdict."""
    global _table, _cloudwatch
    _table, _cloudwatch = _table or make_table(), _cloudwatch or make_client()
    return act(_table, _cloudwatch, event)


def act(table: SettingsTable, cloudwatch: Any, event: dict[str, Any]) -> dict[str, Any]:
    """Look or drop.

    Errors: TryAgainError; CallRefusedError.
    """
    retirement = event["retirement"]
    rows = table.rows(retirement["dataset_group"])
    if event["action"] == "watch":
        names = retirement["pace"]["alarms"]
        return next_look(retirement, rows, event["waited_s"], ringing(cloudwatch, names) if names else [])
    if not (may_go(retirement, rows) or is_gone(retirement, rows)):
        return {"verdict": OVERTAKEN, "withdraw": []}
    if event["action"] == "drop":
        table.delete(retirement["old"]["name"])
    return {"verdict": RETIRE, "withdraw": leftovers(retirement, rows)}
