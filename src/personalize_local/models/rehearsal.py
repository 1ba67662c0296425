"""A rehearsal: models fitted on what was before a moment, and what they are asked then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personalize_local.models.blend import borrows, lift_of
from personalize_local.models.cold_items import ColdItems
from personalize_local.models.query import Query, Recommender

ABSENT = np.float32(-1e4)  # what is added to the logarithm of what cannot be chosen
EXTRAS = 3


@dataclass(frozen=True)
class TrainingQuery:
    """A history, and the rows of the items that came after it: targets [targets]."""

    query: Query
    targets: np.ndarray


@dataclass(frozen=True)
class Rehearsal:
    """Models, their questions, and what was known of items.

    popularity gives the log shares [priors, items] as they are when a query is asked. cold is what served models
    would have; cold_as_if is the same with some more items taken for new ones, None where there are enough.
    Shapes: appeared_epoch_s [items] float64, from when an item can be chosen; NaN for always, infinite for never.
    """

    models: Sequence[Recommender]
    popularity: Callable[[Query], np.ndarray]
    cold: ColdItems | None
    queries: Sequence[TrainingQuery]
    appeared_epoch_s: np.ndarray | None = None
    cold_as_if: ColdItems | None = None

    def with_new_items(self) -> Rehearsal:
        """Give the same with as many new items as there are."""
        return self if self.cold_as_if is None else replace(self, cold=self.cold_as_if)

    def features(self, query: Query) -> np.ndarray:
        """Give one query's features: [models + priors + 3, items] float32; the last: new, scarce, seen."""
        priors, cold = self.popularity(query), self.cold
        values = np.concatenate([np.stack([lift_of(model, query) for model in self.models]), priors])
        values = values.astype(np.float32)
        extra = np.zeros((EXTRAS, values.shape[1]), dtype=np.float32)
        if cold is not None:
            lent = np.array([*(borrows(model) for model in self.models), *(True for _ in priors)])
            values[lent] = cold.borrowed(values[lent])
            extra[0, cold.rows], extra[1, cold.rows] = cold.shares_without_and_with_events()
        extra[2, query.history_rows] = 1.0
        return np.concatenate([values, extra])

    def offset(self, asked: TrainingQuery) -> np.ndarray:
        """Give what keeps items out that were not there when a query was asked: [items] float32."""
        item_count = self.popularity(asked.query).shape[1]
        if self.appeared_epoch_s is None:
            return np.zeros(item_count, dtype=np.float32)
        offset = np.where(self.appeared_epoch_s > asked.query.now_epoch_s, ABSENT, np.float32(0.0))
        offset[asked.targets] = 0.0
        return offset
