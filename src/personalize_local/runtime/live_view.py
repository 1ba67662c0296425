"""A blend and what happened since its training, as they were at one moment: scores of its items and of arrivals.

score = the blend's + live popularity + live rules; arrivals: see arrivals.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.coarse import CoarseScores
from personalize_local.models.cold_level import gap_of
from personalize_local.models.history import decayed
from personalize_local.models.query import Query, block_scores_of
from personalize_local.models.sequential_ridge import SequentialRidge
from personalize_local.models.sequential_rules import FROM_POWER, TO_POWER, SequentialRules
from personalize_local.models.session_neighbours import SessionNeighbours
from personalize_local.runtime.arrival_scores import ages, lent_missing, lent_to_arrivals, own_of
from personalize_local.runtime.arrivals import OWN_RECORD_FROM, Ties
from personalize_local.runtime.live_counts import LiveShares
from personalize_local.runtime.live_pairs import WINDOW, LivePairs

SEQUENTIAL = (SequentialRules, SequentialRidge, SessionNeighbours)
USUAL_DECAY = 0.6


@dataclass(frozen=True)
class Followers:
    """What came after a reader's last items lately, divided by powers of both items' counts as rules are.

    Shapes: history [events] rows, newest first, with weights [events] that sum to 1; rows and values [followers], rows
    ascending.
    """

    history: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class LiveView:
    """Rows go on from the blend's items to the arrivals.

    Shapes: ties [arrivals]; events [arrivals], live ones of their own; floor [2], see LiveCounts.
    """

    blend: Blend
    shares: LiveShares
    ties: Ties
    events: np.ndarray
    floor: np.ndarray

    def scores(self, query: Query, rows: np.ndarray, followers: Followers | None) -> np.ndarray:
        """Give log scores: [items + arrivals] float32, -inf for arrivals of which nothing is known.

        Args: query: without arrivals; rows: the reader's history with them [events].
        """
        return self.with_live(self.blend.scores(query), query, rows, followers)

    def coarse_scores(self, query: Query, rows: np.ndarray, followers: Followers | None) -> CoarseScores:
        """Do as `scores`, at a first look: what is live is exact, what arrivals borrow misses what their lenders do."""
        look = self.blend.coarse_scores(query)
        constant = look.constant() if self.events.any() else 0.0
        scores = self.with_live(look.values, query, rows, followers, constant)
        if look.missing is None or not len(self.ties):
            return replace(look, values=scores)
        count, of_items = len(self.blend.prior), look.missing
        of_arrivals = cache(lambda: (1.0 - self._own_share()) * lent_missing(self.blend, self.ties, of_items))

        def missing(rows: np.ndarray) -> np.ndarray:
            is_item = rows < count
            found = np.empty(len(rows), dtype=np.float32)
            found[is_item] = of_items(rows[is_item])
            if not is_item.all():
                found[~is_item] = of_arrivals()[rows[~is_item] - count]
            return found

        return replace(look, values=scores, missing=missing)

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the blend's scores of several questions, before `with_live`: [queries, items] float32."""
        return block_scores_of(self.blend, queries)

    def with_live(
        self, scores: np.ndarray, query: Query, rows: np.ndarray, followers: Followers | None, constant: float = 0.0
    ) -> np.ndarray:
        """Add what is live to the blend's scores, in place where there are no arrivals: [items + arrivals] float32.

        Args: constant: what the scores lack, alike for all; it matters where arrivals have events of their own.
        """
        knows_reader = len(query.history_rows) > 0
        count = len(scores)
        added = self.shares.known if knows_reader else self.shares.newcomers
        is_item = self.shares.rows < count
        scores[self.shares.rows[is_item]] += added[is_item]
        lifts = None if followers is None else self.follower_lifts(followers)
        if followers is not None and lifts is not None:
            near = followers.rows < count
            scores[followers.rows[near]] += lifts[near]
        if not len(self.ties):
            return scores
        arrivals = self._arrivals(query, scores, added[~is_item], constant)
        if followers is not None and lifts is not None:
            arrivals[followers.rows[~near] - count] += lifts[~near]
        seen = np.unique(rows[rows >= count]) - count
        arrivals[seen] += np.float32(self.blend.seen_weight)
        total = np.concatenate([scores, arrivals])
        if knows_reader:
            self._level(total, rows, query.now_epoch_s)
        return total

    def _level(self, total: np.ndarray, seen_rows: np.ndarray, now_epoch_s: int) -> None:
        """Put arrivals without events where new items usually stand, in place: total [items + arrivals]."""
        known = self.ties.alike & ~(self.ties.born_epoch_s > now_epoch_s)
        new_rows = len(self.blend.prior) + np.flatnonzero(known & (self.events == 0))
        total[new_rows] += self.blend.cold_weights.shift(gap_of(total, new_rows, seen_rows))

    def follower_lifts(self, followers: Followers) -> np.ndarray:
        """Give what live rules add to their items: [followers] float32.

        They join the rules of the training: the blend has the logarithm of the latter already.
        """
        count = len(self.blend.prior)
        rules = next((part for part in self.blend.parts if isinstance(part, SequentialRules)), None)
        total, trained = 0.0, np.zeros(len(followers.rows))
        if rules is not None:
            known = followers.history < count
            history, weights = followers.history[known], followers.weights[known]
            total, trained = rules.rules.combine_at(history, weights, followers.rows)
        scale = count / (total + float(followers.values.sum()))
        lift = np.log1p(scale * (trained + followers.values)) - np.log1p(scale * trained)
        return (self._rules_weight() * lift).astype(np.float32)

    def _arrivals(self, query: Query, scores: np.ndarray, added: np.ndarray, constant: float) -> np.ndarray:
        """Score the arrivals without live rules, less a constant as the others: [arrivals] float32."""
        own_share = self._own_share()
        own = np.full(len(self.ties), self._lowest(len(query.history_rows) > 0) - constant)
        own[self.shares.rows[self.shares.rows >= len(scores)] - len(scores)] += added
        lent = lent_to_arrivals(self.blend, self.ties, query, scores - own_of(self.blend, query))
        alike = self.ties.alike
        found = np.where(alike, own_share * own + (1.0 - own_share) * lent, own)
        found += ages(self.blend, query, self.ties.born_epoch_s)
        return np.where(alike | (self.events > 0), found, -np.inf).astype(np.float32)

    def _own_share(self) -> np.ndarray:
        """Give how much of its score each arrival owes to its own events: [arrivals]."""
        return self.events / (self.events + OWN_RECORD_FROM)

    def _lowest(self, knows_reader: bool) -> float:
        return float(self.floor[0 if knows_reader else 1])

    def _rules_weight(self) -> float:
        """Give the weight of rules; where validation left them out, that of the parts that took their place."""
        weights = {type(part): float(weight) for part, weight in zip(self.blend.parts, self.blend.weights, strict=True)}
        own = weights.get(SequentialRules, 0.0)
        return own or max((weights.get(kind, 0.0) for kind in SEQUENTIAL), default=0.0)


def followers_of(
    pairs: LivePairs, rows: np.ndarray, blend: Blend, count_of: Callable[[np.ndarray], np.ndarray]
) -> Followers | None:
    """Look up what came after the items of a history [events] lately; None when nothing did.

    Args: count_of: tells how often items came, ever, by their rows.
    """
    rules = next((part for part in blend.parts if isinstance(part, SequentialRules)), None)
    window, decay = (WINDOW, USUAL_DECAY) if rules is None else (min(rules.window, WINDOW), rules.decay)
    history, weights = decayed(rows, window, decay)
    if not len(history) or not len(pairs):
        return None
    weights = weights / weights.sum()
    found = pairs.after(history, weights * np.power(count_of(history) + 1.0, -FROM_POWER))
    if not found:
        return None
    followers = np.array(sorted(found), dtype=np.int64)
    values = np.array([found[row] for row in followers.tolist()])
    return Followers(history, weights, followers, values * np.power(count_of(followers) + 1.0, -TO_POWER))
