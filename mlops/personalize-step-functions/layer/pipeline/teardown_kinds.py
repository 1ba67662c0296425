"""What a dataset group may have, in the order in which it can be deleted.

Source: contract §2.4. Jobs (imports, exports, batch) cannot be deleted; those that run are waited for by what they use.
Schedules go first: none may start a run meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.kinds import KINDS, ResourceKind

_MORE = (
    ResourceKind("metric-attribution", advice="Delete the metric attribution in the Personalize console."),
    ResourceKind("recommender"),
)
ALL_KINDS: Mapping[str, ResourceKind] = {**{kind.name: kind for kind in _MORE}, **KINDS}
STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("schedules", ("schedule",)),
    ("settings", ("settings-row",)),
    ("trainings", ("solution-version",)),
    ("serving", ("campaign", "recommender")),
    ("solutions", ("solution",)),
    ("events", ("event-tracker", "metric-attribution")),
    ("filters", ("filter",)),
    ("datasets", ("dataset",)),
    ("schemas", ("schema",)),
    ("dataset group", ("dataset-group",)),
)
