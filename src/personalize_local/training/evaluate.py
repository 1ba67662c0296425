"""Measure a model on held-out users, under Amazon Personalize's names of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Recommender
from personalize_local.models.sequences import Sequences
from personalize_local.models.trending import fit_trending
from personalize_local.training.metrics import ndcg, precision, ranking, reciprocal_rank
from personalize_local.training.split import HeldOut

DEPTH = 25
CUTS = (5, 10, 25)
DECIMALS = 4


@dataclass(frozen=True)
class Measured:
    """What a model achieved for each test user, and how often each item was among anyone's first 25.

    Shapes: recommended [items] int64.
    """

    rows: list[dict[str, float]]
    recommended: np.ndarray

    def metrics(self) -> dict[str, float]:
        """Average over the users; keys sorted, values rounded to 4 decimals."""
        metrics = {name: float(np.mean([row[name] for row in self.rows])) for name in self._names()}
        metrics["coverage"] = float(np.count_nonzero(self.recommended)) / max(len(self.recommended), 1)
        return {name: round(metrics[name], DECIMALS) for name in sorted(metrics)}

    def errors(self) -> dict[str, float]:
        """Give the standard error of each average over users; coverage has none."""
        users = max(len(self.rows), 1)
        spread = {name: float(np.std([row[name] for row in self.rows])) for name in self._names()}
        return {name: round(spread[name] / users**0.5, DECIMALS) for name in sorted(spread)}

    def _names(self) -> set[str]:
        return {name for row in self.rows for name in row}


def evaluate(
    model: Recommender, held_out: Sequence[HeldOut], item_count: int, *, event_weights: bool = False
) -> Measured:
    """Rank the whole catalogue for every test user.

    Coverage is the share of the catalogue among the first 25 for anyone; which items "may" be recommended the contract
    leaves open, this reading is inferred. Source: contract §5.2.
    """
    rows = []
    recommended = np.zeros(item_count, dtype=np.int64)
    for case in held_out:
        top = ranking(model.scores(case.query), DEPTH)
        recommended[top] += 1
        rows.append(_measure(top, case, event_weights))
    return Measured(rows, recommended)


def trend_prediction_accuracy(sequences: Sequences, interval_s: float) -> float:
    """Compare the growth of what would have been called trending with that of what trended next.

    The trend is found one interval before the newest event. Growth is the items' surplus over the interval before;
    items that shrink count nothing. Source: contract §5.2; the treatment of shrinking items is inferred.
    """
    now = sequences.newest_epoch_s
    past = sequences.take_events(sequences.epoch_s <= now - interval_s)
    if not len(past.item_row):
        return 0.0
    predicted = ranking(fit_trending(past, interval_s=interval_s).growth, DEPTH)
    growth = np.maximum(_counts(sequences, now, interval_s) - _counts(sequences, now - interval_s, interval_s), 0.0)
    best = growth[ranking(growth, DEPTH)].sum()
    return round(float(growth[predicted].sum() / best), DECIMALS) if best else 0.0


def _measure(top: np.ndarray, case: HeldOut, event_weights: bool) -> dict[str, float]:
    gains = np.zeros(len(top))
    found = np.isin(top, case.relevant_rows)
    gains[found] = 1.0
    ideal = np.ones(len(case.relevant_rows))
    row = {"mean_reciprocal_rank_at_25": reciprocal_rank(gains)}
    for k in CUTS:
        row[f"normalized_discounted_cumulative_gain_at_{k}"] = ndcg(gains, ideal, k)
        row[f"precision_at_{k}"] = precision(gains, k)
    if event_weights:
        ideal = case.relevant_weight / case.relevant_weight.mean()
        gains[found] = ideal[np.searchsorted(case.relevant_rows, top[found])]
        for k in CUTS:
            row[f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}"] = ndcg(gains, ideal, k)
    return row


def _counts(sequences: Sequences, until_epoch_s: float, interval_s: float) -> np.ndarray:
    """Count the events of the interval that ends then: [items]."""
    within = (sequences.epoch_s <= until_epoch_s) & (sequences.epoch_s > until_epoch_s - interval_s)
    return np.bincount(sequences.item_row[within], minlength=sequences.item_count).astype(np.float64)
