"""Scores at a first look: nearly right for all items, and exact for those that the look has found.

Who wants the best 25 of a million needs the exact scores of some dozens. A score that is off by no more than `slack`
can be among the best only if it is near the best ones at the first look; see best_rows in runtime/ranking.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, runtime_checkable

import numpy as np

from personalize_local.models.query import Query, Recommender

At = Callable[[np.ndarray], np.ndarray]  # rows [rows] → a value of each [rows]


def no_constant() -> float:
    """Give what is to be added to scores that lack nothing."""
    return 0.0


@dataclass(frozen=True)
class CoarseScores:
    """Scores but for a constant, how far each may be off, and what is missing to the exact ones.

    An order and a softmax are the same with the constant and without; who needs scores on a scale of their own asks
    for it, and waits for a pass over all items.
    Shapes: values [items] float32; missing: rows [rows] → [rows], None where the values are exact.
    """

    values: np.ndarray
    slack: float = 0.0
    missing: At | None = None
    constant: Callable[[], float] = no_constant

    def exact(self, rows: np.ndarray) -> np.ndarray:
        """Give the exact scores of rows, but for the constant: [rows]."""
        found = self.values[rows]
        return found if self.missing is None else found + self.missing(rows)


@runtime_checkable
class CoarseRecommender(Protocol):
    """What a model can do besides for which a score for every item takes long."""

    def coarse_scores(self, query: Query) -> CoarseScores:
        """Give what `scores` gives, at a first look."""
        ...

    def make_ready(self) -> None:
        """Make what the first look needs; the first question would wait for it."""
        ...


@runtime_checkable
class CoarseLikelihoodRecommender(Protocol):
    """What a `LikelihoodRecommender` can do besides for which that takes long."""

    def coarse_log_scores(self, query: Query) -> CoarseScores | None:
        """Give what `log_scores` gives, at a first look; None where the exact ones take no longer."""
        ...

    def make_ready(self) -> None:
        """Make what the first look needs."""
        ...


def coarse_scores_of(model: Recommender, query: Query) -> CoarseScores:
    """Score all items for a query, at a first look by models that can do so."""
    if _is_coarse(type(model)):
        return model.coarse_scores(query)  # type: ignore[attr-defined]
    return CoarseScores(model.scores(query))


def make_ready(model: Recommender) -> None:
    """Have a model make what a first look needs, if it has one."""
    if _is_coarse(type(model)) or says_coarsely(type(model)):
        model.make_ready()  # type: ignore[attr-defined]


@cache
def says_coarsely(kind: type[Any]) -> bool:
    """Tell whether recommenders of a class say their likelihoods at a first look; the protocol is slow to ask."""
    return issubclass(kind, CoarseLikelihoodRecommender)


@cache
def _is_coarse(kind: type[Any]) -> bool:
    return issubclass(kind, CoarseRecommender)
