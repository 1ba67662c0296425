"""How the statistics of a blend share the work: side by side on one machine, by ranges of users on several.

On one machine a part of the blend is fitted in each process, which shares the events with the others. On a cluster, one
part after the other is counted wherever there is a core, and solved here: no machine but this one needs memory for more
than the counts of a range.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from personalize_local.models.counting import ByRanges, Counting, at_once
from personalize_local.spread.spread import Here, Spread

WORTH_EVENTS = 200_000  # below, forks take longer than they save


@dataclass(frozen=True)
class Fitting:
    """Where fits are made, and how is counted."""

    spread: Spread = field(default_factory=Here)
    counting: Counting = at_once

    def side_by_side(self, event_count: int) -> Spread:
        """Give where the parts are fitted on so many events."""
        return self.spread if event_count >= WORTH_EVENTS else Here()


FITTING_HERE = Fitting()


def fitting_on(spread: Spread, event_count: int) -> Fitting:
    """Give how so many events are fitted where work is spread."""
    if spread.shares_memory or event_count < WORTH_EVENTS:
        return Fitting(spread)
    return Fitting(Here(), ByRanges(spread))
