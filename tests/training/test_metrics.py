"""The metrics, against the worked examples of the documentation and a naive count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.popularity import Popularity
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of
from personalize_local.training.evaluate import evaluate, trend_prediction_accuracy
from personalize_local.training.metrics import ndcg, precision, ranking, reciprocal_rank
from personalize_local.training.split import HeldOut
from tests.behaviours import EXACT, behaviour

KEYS = [
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "precision_at_10",
    "precision_at_25",
    "precision_at_5",
]


def hits(*places: int, length: int = 25) -> np.ndarray:
    """Give gains of 1 at these positions, counted from 1."""
    gains = np.zeros(length)
    gains[np.array(places) - 1] = 1.0
    return gains


def test_documented_reciprocal_rank() -> None:
    """Source: contract §5.2, documented: ranks 4, 2 and 6 give 0.3056."""
    assert np.mean([reciprocal_rank(hits(place)) for place in (4, 2, 6)]) == pytest.approx(0.3056, abs=5e-5)


@behaviour(
    "GetSolutionMetrics",
    "NDCG, precision and reciprocal rank are those of the guide's examples",
    EXACT,
    source="documented, contract §5.2",
)
def test_documented_ndcg() -> None:
    """Source: contract §5.2, documented: hits at 2 and 5 of 5 give 0.6241."""
    assert ndcg(hits(2, 5), np.ones(2), 5) == pytest.approx(0.6241, abs=5e-5)


def test_documented_precision() -> None:
    """Source: contract §5.2, documented: 2 of 5 give 0.4."""
    assert precision(hits(2, 5), 5) == pytest.approx(0.4)


def test_documented_event_weights() -> None:
    """Source: contract §5.2, documented: weights 0.3 and 0.1 are gains of 1.5 and 0.5."""
    case = HeldOut(Query(), np.array([0, 1]), np.array([0.3, 0.1], np.float32))
    name = "normalized_discounted_cumulative_gain_with_event_weights_at_5"
    best = evaluate(
        Popularity(np.array([5.0, 4.0, 3.0, 2.0, 1.0], np.float32)), [case], 5, event_weights=True
    ).metrics()
    worse = evaluate(
        Popularity(np.array([4.0, 5.0, 3.0, 2.0, 1.0], np.float32)), [case], 5, event_weights=True
    ).metrics()
    assert best[name] == 1.0
    expected = (0.5 + 1.5 / np.log2(3)) / (1.5 + 0.5 / np.log2(3))
    assert worse[name] == round(expected, 4)


def test_nothing_found_is_zero() -> None:
    assert reciprocal_rank(np.zeros(25)) == 0.0
    assert ndcg(np.zeros(25), np.ones(3), 10) == 0.0
    assert ndcg(np.zeros(25), np.ones(0), 10) == 0.0


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 50))
def test_ranking_is_the_stable_order(scores: list[int], count: int) -> None:
    """GIVEN many ties THEN the order is by score, equals in the order of the catalogue."""
    expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:count]
    assert ranking(np.array(scores, np.float32), count).tolist() == expected


def test_evaluation_has_exactly_the_keys() -> None:
    model = Popularity(np.arange(50, dtype=np.float32))
    cases = [
        HeldOut(Query(), np.array([49]), np.ones(1, np.float32)),
        HeldOut(Query(), np.array([0]), np.ones(1, np.float32)),
    ]
    metrics = evaluate(model, cases, 50).metrics()
    assert list(metrics) == KEYS
    assert metrics["coverage"] == 0.5
    assert metrics["mean_reciprocal_rank_at_25"] == 0.5
    assert metrics["precision_at_25"] == 0.02


def test_trend_prediction() -> None:
    """GIVEN growth that goes on THEN the prediction is right; GIVEN items that take turns THEN it is not."""
    interval_s = 3600
    going_on = np.array([1] * 4 + [0] * 8 + [1] * 4 + [0] * 32)
    hours = np.repeat([1, 2, 3, 4], [4, 8, 4, 32])
    steady = sequences_of(np.zeros(len(hours), int), going_on, hours * interval_s, 40)
    assert trend_prediction_accuracy(steady, interval_s) == 1.0
    fresh = sequences_of(np.zeros(60, int), np.repeat(np.arange(60), 1), np.repeat([1, 2], 30) * interval_s, 60)
    assert trend_prediction_accuracy(fresh, interval_s) == 0.0
