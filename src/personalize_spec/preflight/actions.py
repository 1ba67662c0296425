"""Check action interactions against the actions, and their event types.

Source: contract §3.2: the types are taken, not taken and viewed, in any letter case and with any separator (inferred).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from personalize_spec.parameters.finding import Finding, warning
from personalize_spec.preflight.dataset import DatasetCheck

_TYPES = {"taken": "TAKEN", "nottaken": "NOT_TAKEN", "viewed": "VIEWED"}
_PATH = "datasets.ActionInteractions"


def check_action_interactions(
    checks: Mapping[str, DatasetCheck], ids: Mapping[str, Counter[str]], budget_bytes: int
) -> Iterator[Finding]:
    """Read the action interactions and judge them together with the actions."""
    check = checks["ActionInteractions"]
    columns = [column.upper() for column in check.schema.columns]
    actions: Counter[str] = Counter()
    types: Counter[str] = Counter()

    def take(row: list[str]) -> None:
        values = dict(zip(columns, row, strict=True))
        actions[values.get("ACTION_ID", "")] += 1
        types[values.get("EVENT_TYPE", "")] += 1

    check.run(take, budget_bytes)
    unknown_types = [name for name in types if re.sub(r"[^a-z]", "", name.casefold()) not in _TYPES]
    if unknown_types:
        known = ", ".join(_TYPES.values())
        yield warning(_PATH, f"'{unknown_types[0]}' is no type of action interaction: the types are {known}.")
    known_actions = ids.get("Actions")
    if known_actions and checks["Actions"].is_whole:
        unknown = [action for action in actions if action not in known_actions]
        if unknown:
            text = f"{len(unknown):,} of the {len(actions):,} actions here are not in Actions, such as '{unknown[0]}'"
            cure = "check that ACTION_ID is written in the same way in both."
            severe = Finding if len(unknown) == len(actions) else warning
            yield severe(_PATH, f"{text}: {cure}")
