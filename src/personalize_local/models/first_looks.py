"""What the parts of a blend say at a first look, each as often as it counts: the beginning of the blend's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.models.blockwise import add_times
from personalize_local.models.coarse import CoarseScores, says_coarsely
from personalize_local.models.query import Query, Recommender

Weighted = tuple[Recommender, np.float32]


@dataclass(frozen=True)
class FirstLooks:
    """First looks at likelihoods, with their weights; no look at all adds up to nothing."""

    looks: Sequence[tuple[CoarseScores, float]]

    @property
    def slack(self) -> float:
        """Tell how far off the sum may be."""
        return sum((weight * look.slack for look, weight in self.looks), start=0.0)

    def on_top_of(self, prior: np.ndarray) -> np.ndarray:
        """Add the looks to a prior, both [items]: [items] float32."""
        if not self.looks:
            return prior.astype(np.float32)
        base, total = np.asarray(prior), np.empty(len(prior), dtype=np.float32)
        for look, weight in self.looks:
            add_times(base, look.values, weight, total)
            base = total
        return total

    def missing(self, rows: np.ndarray) -> np.ndarray:
        """Give what is missing to the exact sum: rows [rows] → [rows] float32."""
        found = np.zeros(len(rows), dtype=np.float32)
        for look, weight in self.looks:
            if look.missing is not None:
                found += np.float32(weight) * look.missing(rows)
        return found

    def constant(self) -> float:
        """Give what the sum lacks, alike for all items, to that of the lifts, which are over an equal share."""
        each = (weight * (look.constant() + math.log(len(look.values))) for look, weight in self.looks)
        return sum(each, start=0.0)


def first_looks(parts: Sequence[Weighted], query: Query) -> tuple[FirstLooks, list[Weighted]]:
    """Have a first look by the parts that can do so, where that is quicker; give the others too."""
    looks, others = [], []
    for part, weight in parts:
        look = part.coarse_log_scores(query) if says_coarsely(type(part)) else None  # type: ignore[attr-defined]
        if look is None:
            others.append((part, weight))
        else:
            looks.append((look, float(weight)))
    return FirstLooks(looks), others
