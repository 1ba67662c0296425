"""What follows what: models that know the order are good, but not better than the data allow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.item_similarity import fit_item_similarity
from personalize_local.models.popularity import fit_popularity
from personalize_local.models.query import Query, Recommender
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.testing import DAY_S, hit_ratio, markov_sequences, without_last


def quiet(text: str, fraction: float) -> None:
    """Take progress."""


def fit_blend(sequences: Sequences) -> Recommender:
    settings = EnsembleSettings(regularisation=10.0)
    return Ensemble(settings, 1, quiet).fit(sequences, None)


# The successor comes with 0.7 and by chance besides: nobody can hit more often than about 0.71 on average.
@pytest.mark.parametrize(
    ("fit", "least"),
    [
        (fit_sequential_rules, 0.6),
        (lambda data: fit_sequential_ridge(data, decay=0.6, regularisation=10.0), 0.6),
        (fit_blend, 0.55),
    ],
    ids=["rules", "ridge", "blend"],
)
def test_models_of_order_find_the_chain(fit: Callable[[Sequences], Recommender], least: float) -> None:
    older, cases = without_last(markov_sequences(user_count=400))
    assert least < hit_ratio(fit(older), cases) < 0.78


def test_popularity_does_not_find_the_chain() -> None:
    older, cases = without_last(markov_sequences(user_count=400))
    assert hit_ratio(fit_popularity(older), cases) < 0.1


def test_without_order_nothing_is_found() -> None:
    """GIVEN users who go anywhere THEN a hit is chance; more would be a leak."""
    older, cases = without_last(markov_sequences(user_count=400, on_chain=0.0))
    assert hit_ratio(fit_blend(older), cases) < 0.08


def test_blend_says_how_likely_each_item_is() -> None:
    """The softmax of the scores is modest: its first item comes no more seldom than it says."""
    older, cases = without_last(markov_sequences(user_count=400))
    model = fit_blend(older)
    claimed = []
    for query, _ in cases:
        raised = np.exp(model.scores(query) - model.scores(query).max())
        claimed.append(1.0 / raised.sum())
    assert 0.2 < np.mean(claimed) < hit_ratio(model, cases) + 0.05


def test_items_touched_together_are_similar() -> None:
    """GIVEN ten groups of six items, each user in one group THEN an item's neighbours are its group."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(200) % 10, 8)
    rows = group * 6 + rng.integers(0, 6, len(group))
    model = fit_item_similarity(sequences_of(np.repeat(np.arange(200), 8), rows, np.arange(len(rows)), 60))
    for item in range(60):
        best = np.argsort(-model.scores(Query(item_row=item)), kind="stable")[:5]
        assert set(best // 6) == {item // 6}
        assert item not in best


def test_newcomers_get_what_is_popular_now() -> None:
    """GIVEN an item everybody read a year ago and one they read today THEN a newcomer is shown today's."""
    users, length = 200, 12
    rng = np.random.default_rng(2)
    rows = np.where(np.arange(length) < 8, rng.integers(0, 10, (users, length)), rng.integers(10, 20, (users, length)))
    age = np.where(np.arange(length) < 8, 365 * DAY_S, 0)
    epoch_s = 1_700_000_000 - age + np.arange(length) * 3600
    data = sequences_of(
        np.repeat(np.arange(users), length), rows.ravel(), np.broadcast_to(epoch_s, rows.shape).ravel(), 20
    )
    top = np.argsort(-fit_blend(data).scores(Query()), kind="stable")[:10]
    assert set(top) == set(range(10, 20))
