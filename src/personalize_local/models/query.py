"""What a recommender is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np


def _no_rows() -> np.ndarray:
    return np.empty(0, dtype=np.int32)


def _no_times() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Query:
    """One user's history, or one item, at one moment.

    An empty history is an unknown user; `item_row` None is an unknown item. Items the model does not know are dropped
    from the history by whoever asks.
    Shapes: history_rows and history_epoch_s [events], oldest first.
    """

    history_rows: np.ndarray = field(default_factory=_no_rows)  # [events] int32
    history_epoch_s: np.ndarray = field(default_factory=_no_times)  # [events] int64
    item_row: int | None = None
    now_epoch_s: int = 0


class Recommender(Protocol):
    """What every model can do."""

    def scores(self, query: Query) -> np.ndarray:
        """Score all items for the query: [items] float32, higher is better."""
        ...


@runtime_checkable
class SparseRecommender(Protocol):
    """What a model can do besides whose scores are 0 for most items: name the others, so that nobody passes over all.

    A blend asks this of the parts that have it, and `scores` of the others. Both say the same.
    """

    def sparse_scores(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Give rows [rows], each at most once, in any order, and their scores [rows] float32, none below 0.

        Every row that is not named has the score 0.
        """
        ...
