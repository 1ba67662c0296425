"""What a recommender is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from personalize_local.models.sparse_rows import SparseRows


def _no_rows() -> np.ndarray:
    return np.empty(0, dtype=np.int32)


def _no_times() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Query:
    """One user's history, or one item, at one moment.

    An empty history is an unknown user; `item_row` None is an unknown item. Items the model does not know are dropped
    from the history by whoever asks.
    history_event: codes of the events' types in the model's vocabulary, -1 for others; None when nothing is known.
    context: what the request says of its situation, by column of the interactions. user: the user's record.
    Shapes: history_rows, history_epoch_s and history_event [events], oldest first.
    """

    history_rows: np.ndarray = field(default_factory=_no_rows)  # [events] int32
    history_epoch_s: np.ndarray = field(default_factory=_no_times)  # [events] int64
    item_row: int | None = None
    now_epoch_s: int = 0
    history_event: np.ndarray | None = None  # [events] int16
    context: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, object] = field(default_factory=dict)

    def keep(self, places: np.ndarray) -> Query:
        """Give the same question with some of the events of its history: places [kept], ascending."""
        event = None if self.history_event is None else self.history_event[places]
        rows, epoch_s = self.history_rows[places], self.history_epoch_s[places]
        return replace(self, history_rows=rows, history_epoch_s=epoch_s, history_event=event)


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


@runtime_checkable
class LikelihoodRecommender(Protocol):
    """What a model can do besides whose scores are likelihoods: say them as logarithms, so that none is lost.

    A blend asks this, in place of `scores`, of the parts that have it.
    """

    def log_scores(self, query: Query) -> np.ndarray:
        """Give the log of each item's likelihood to come next: [items] float32, their exponentials sum to 1."""
        ...


@runtime_checkable
class LiftRecommender(Protocol):
    """What a model can do besides that says how much more or less likely an item is than usual.

    A blend asks this, in place of `scores`, of the parts that have it.
    """

    def lifts(self, query: Query) -> np.ndarray:
        """Give the log of how many times as likely as usual each item is: [items] float32, 0 for as likely."""
        ...


@runtime_checkable
class SparseLiftRecommender(Protocol):
    """What a `LiftRecommender` can do besides whose lifts are 0 for most items: name the others. Both say the same."""

    def sparse_lifts(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Give rows [rows], each at most once, in any order, and their lifts [rows] float32."""
        ...


@runtime_checkable
class BlockRecommender(Protocol):
    """What a model can do besides that answers many readers at once in less time than one after the other."""

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give `scores` of each query, but for rounding: [queries, items] float32."""
        ...


@runtime_checkable
class BlockSparseRecommender(Protocol):
    """What a `SparseRecommender` can do besides that answers many readers at once in less time."""

    def block_sparse_scores(self, queries: Sequence[Query]) -> SparseRows:
        """Give `sparse_scores` of each query, but for rounding: [queries, items], a row's columns in any order."""
        ...


@runtime_checkable
class BlockLikelihoodRecommender(Protocol):
    """What a `LikelihoodRecommender` can do besides that answers many readers at once in less time."""

    def block_log_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give `log_scores` of each query, but for rounding: [queries, items] float32."""
        ...


def block_scores_of(model: Recommender, queries: Sequence[Query]) -> np.ndarray:
    """Score all items for several queries: [queries, items] float32."""
    if isinstance(model, BlockRecommender):
        return model.block_scores(queries)
    return np.stack([model.scores(query) for query in queries])
