"""What users do with actions: the event types of action interactions.

Source: contract §3.2; the guide writes them in two ways, so that letter case and separators do not matter (inferred).
"""

from __future__ import annotations

TAKEN, NOT_TAKEN, VIEWED = "TAKEN", "NOT_TAKEN", "VIEWED"
OUTCOMES = (TAKEN, NOT_TAKEN, VIEWED)
_BY_LETTERS = {outcome.replace("_", "").casefold(): outcome for outcome in OUTCOMES}


def outcome_of(event_type: str) -> str | None:
    """Give the outcome that an event type stands for, such as TAKEN for `Taken`; None when it is none."""
    return _BY_LETTERS.get("".join(filter(str.isalpha, event_type)).casefold())
