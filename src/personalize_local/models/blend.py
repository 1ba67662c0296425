"""The blend: several recommenders' scores and popularity, added up as logarithms with fitted weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from personalize_local.models.age_lift import AgeLift
from personalize_local.models.coarse import CoarseScores, make_ready
from personalize_local.models.cold_items import ColdItems, ColdWeights
from personalize_local.models.cold_level import gap_of
from personalize_local.models.content import ContentAffinity
from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.first_looks import FirstLooks, Weighted, first_looks
from personalize_local.models.query import (
    BlockLikelihoodRecommender,
    BlockSparseRecommender,
    LiftRecommender,
    LikelihoodRecommender,
    Query,
    Recommender,
    SparseLiftRecommender,
    SparseRecommender,
)
from personalize_local.models.returns import Returns
from personalize_local.models.sequences import step_places
from personalize_local.models.sparse_rows import SparseRows


@dataclass(frozen=True)
class Blend:
    """Log-linear sum: its softmax over the catalogue is the likelihood of each item to come next.

    prior stands for popularity, already weighted; newcomer_prior for the same when nothing is known of the user. Both
    follow from `popularity` and its weights, which are kept so that events can be added when the blend is served.
    Shapes: weights [parts]; prior and newcomer_prior [items]; prior_weights and newcomer_weights [half-lives];
    stranger_weights [parts], of parts that need no history, for readers without one; None for the usual ones.
    """

    parts: tuple[Recommender, ...]
    weights: np.ndarray
    prior: np.ndarray
    newcomer_prior: np.ndarray
    seen_weight: float
    cold: ColdItems | None
    cold_weight: float
    popularity: DecayedCounts
    prior_weights: np.ndarray
    newcomer_weights: np.ndarray
    newcomer_cold_weight: float
    cold_weights: ColdWeights = field(default_factory=ColdWeights)
    has_echoes: bool = False
    stranger_weights: np.ndarray | None = None

    def scores(self, query: Query) -> np.ndarray:
        """Give log scores: [items] float32. Softmax them for shares that sum to 1."""
        if not len(query.history_rows):
            return self._newcomer_scores(query)
        total = self.prior.astype(np.float32)
        self._add_up(total, self._weighted(), self.stepped(query))
        return total

    def coarse_scores(self, query: Query) -> CoarseScores:
        """Give the log scores as parts with many items to score say them at a first look.

        Where new items are put by the best score, see cold_level.py, a first look would move all of them: no such look.
        """
        if self.cold_weights.gap is not None or not len(query.history_rows):
            return CoarseScores(self.scores(query))
        stepped = self.stepped(query)
        looks, others = first_looks(self._weighted(), stepped)
        total = looks.on_top_of(self.prior)
        self._add_up(total, others, stepped)
        return self._as_coarse(total, looks)

    def _as_coarse(self, total: np.ndarray, looks: FirstLooks) -> CoarseScores:
        """Say what the sum [items] lacks; cold items have borrowed what others lack."""
        if not looks.looks:
            return CoarseScores(total)
        missing = looks.missing
        if self.cold is not None:
            missing = partial(self.cold.borrow_at, values_at=missing, lent_share=self.cold_weights.lent_share)
        return CoarseScores(total, looks.slack, missing, looks.constant)

    def make_ready(self) -> None:
        """Have the parts make what their first look needs."""
        for part in self.parts:
            make_ready(part)

    def _weighted(self) -> list[Weighted]:
        """Give the parts that count, with their weights."""
        return [(part, weight) for part, weight in zip(self.parts, self.weights, strict=True) if weight > 0]

    def _add_up(self, total: np.ndarray, weighted: Sequence[Weighted], stepped: Query) -> None:
        """Add what parts say, and what counts besides, in place: total [items], with what was said so far."""
        for part, weight in weighted:
            if borrows(part):
                add_lift(total, part, stepped, weight)
        if self.cold is not None:
            self._lend(self.cold, total, stepped)
        for part, weight in weighted:
            if not borrows(part):
                add_lift(total, part, stepped, weight)
        seen = stepped.history_rows
        total[seen] = total[seen] + np.float32(self.seen_weight)  # once, however often it is there
        self._level(total, stepped)

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the log scores of several queries: [queries, items] float32."""
        total = np.empty((len(queries), len(self.prior)), dtype=np.float32)
        known = [place for place, query in enumerate(queries) if len(query.history_rows)]
        for place, query in enumerate(queries):
            if not len(query.history_rows):
                total[place] = self._newcomer_scores(query)
        if len(known) == len(queries):
            self._fill(total, queries)
        elif known:
            found = total[known]
            self._fill(found, [queries[place] for place in known])
            total[known] = found
        return total

    def _fill(self, total: np.ndarray, queries: Sequence[Query]) -> None:
        """Put the scores of readers with a history in place: total [queries, items]."""
        stepped = [self.stepped(query) for query in queries]
        total[:] = self.prior
        weighted = self._weighted()
        for part, weight in weighted:
            if borrows(part):
                _add_block_lifts(total, part, stepped, weight)
        if self.cold is not None:
            self._lend_block(self.cold, total, stepped)
        for part, weight in weighted:
            if not borrows(part):
                _add_block_lifts(total, part, stepped, weight)
        for row, query in zip(total, stepped, strict=True):
            row[query.history_rows] = row[query.history_rows] + np.float32(self.seen_weight)
            self._level(row, query)

    def _lend_block(self, cold: ColdItems, total: np.ndarray, queries: Sequence[Query]) -> None:
        """Do as `_lend` for several queries: total [queries, items]."""
        for row, query in zip(total, queries, strict=True):
            self._lend(cold, row, query)

    def stepped(self, query: Query) -> Query:
        """Give the question as the parts are asked it: echoes are left out unless they are steps of their own."""
        return query if self.has_echoes else query.keep(step_places(query.history_rows, query.history_epoch_s))

    def _lend(self, cold: ColdItems, total: np.ndarray, query: Query) -> None:
        """Let cold items borrow, then add what counts for them alone, in place: total [items]."""
        weights = self.cold_weights
        cold.borrow(total, weights.lent_share)
        total[cold.rows] += cold.bonus(self.cold_weight, weights.scarce_extra)
        new = cold.new_places()
        rows = cold.rows[new]
        content = next((part for part in self.parts if isinstance(part, ContentAffinity)), None)
        if content is not None and weights.content > 0:
            total[rows] += np.float32(weights.content) * lift_of(content, query)[rows]
        if cold.appeal is not None:
            total[rows] += np.float32(weights.appeal) * cold.appeal[new]

    def _level(self, total: np.ndarray, query: Query) -> None:
        """Put new items nearer to where they usually stand, in place; those that are to come are not looked at."""
        if self.cold is None or self.cold_weights.gap is None:
            return
        rows = self.cold.rows[self.cold.new_places()]
        age = next((part for part in self.parts if isinstance(part, AgeLift)), None)
        if age is not None:
            rows = rows[~(age.born_epoch_s[rows] > query.now_epoch_s)]
        total[rows] += self.cold_weights.shift(gap_of(total, rows, query.history_rows))

    def _newcomer_scores(self, query: Query) -> np.ndarray:
        """Score for somebody without a history: popularity, and what depends on no history."""
        total = self.newcomer_prior.astype(np.float32)
        for part, weight in self.parts_for_strangers():
            total += weight * part.lifts(query)
        return total

    def parts_for_strangers(self) -> list[tuple[LiftRecommender, np.float32]]:
        """Give the parts that need no history, with what they count for readers without one."""
        weights = self.weights if self.stranger_weights is None else self.stranger_weights
        pairs = zip(self.parts, weights, strict=True)
        return [(part, weight) for part, weight in pairs if weight > 0 and isinstance(part, LiftRecommender)]


def borrows(part: Recommender) -> bool:
    """Tell whether cold items borrow what a part says; of an item's age they know their own, and nobody had them."""
    return not isinstance(part, (AgeLift, Returns))


def lift_of(part: Recommender, query: Query) -> np.ndarray:
    """Give what a part says as logarithms over an equal share: [items] float32."""
    if isinstance(part, LiftRecommender):
        return part.lifts(query)
    if isinstance(part, LikelihoodRecommender):
        likely = part.log_scores(query)
        likely += np.float32(np.log(len(likely)))
        return likely
    return log_lift(part.scores(query))


def log_lift(scores: np.ndarray, item_count: int | None = None) -> np.ndarray:
    """Give how much more each item has than an equal share: log(1 + items × share), 0 for none at all.

    Puts models of any scale on one.
    Args: item_count: of how many items these are all that have a score; unless given, all items are there.
    Shapes: scores [items] float32, none below 0.
    """
    total = float(scores.sum())
    if total <= 0:
        return np.zeros_like(scores)
    lift = scores * np.float32((len(scores) if item_count is None else item_count) / total)
    return np.log1p(lift, out=lift)


@cache
def _names_rows(kind: type) -> bool:
    """Tell whether recommenders of a class name the rows that score; asking the protocol takes a while."""
    return issubclass(kind, SparseRecommender)


@cache
def _names_lifts(kind: type) -> bool:
    """Tell whether they name the rows that have a lift."""
    return issubclass(kind, SparseLiftRecommender)


def _add_block_lifts(total: np.ndarray, part: Recommender, queries: Sequence[Query], weight: np.float32) -> None:
    """Add what a part says of several queries, times its weight, in place: total [queries, items]."""
    if isinstance(part, BlockLikelihoodRecommender):
        likely = part.block_log_scores(queries)
        likely += np.float32(np.log(likely.shape[1]))
        total += np.multiply(likely, weight, out=likely)
        return
    if isinstance(part, BlockSparseRecommender):
        _add_sparse_lifts(total, part.block_sparse_scores(queries), weight)
        return
    for row, query in zip(total, queries, strict=True):
        add_lift(row, part, query, weight)


def _add_sparse_lifts(total: np.ndarray, scores: SparseRows, weight: np.float32) -> None:
    """Add the lifts of scores, times a weight, in place: total [queries, items] in C order."""
    lengths, item_count = np.diff(scores.start), total.shape[1]
    sums = np.array([row.sum() for row in np.split(scores.value, scores.start[1:-1])], dtype=np.float32)
    scale = np.divide(item_count, sums, out=np.zeros_like(sums), where=sums > 0)
    lifts = np.log1p(scores.value * np.repeat(scale, lengths))
    places = np.repeat(np.arange(len(total)) * item_count, lengths) + scores.column
    total.reshape(-1)[places] += weight * lifts


def add_lift(total: np.ndarray, part: Recommender, query: Query, weight: np.float32) -> None:
    """Add what a part says, times its weight, in place, and only where it says something: total [items]."""
    if _names_rows(type(part)):
        rows, scores = part.sparse_scores(query)
        total[rows] += weight * log_lift(scores, len(total))
    elif _names_lifts(type(part)):
        rows, lifts = part.sparse_lifts(query)
        total[rows] += weight * lifts
    else:
        lift = lift_of(part, query)
        total += np.multiply(lift, weight, out=lift)
