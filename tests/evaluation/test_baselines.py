"""The baselines that are ours alone: item-kNN, session-kNN, popularity, and how they choose their settings."""

from __future__ import annotations

import numpy as np
import pytest

from personalize_local.evaluation.baselines.item_knn import SHRINKAGE, fit_item_knn
from personalize_local.evaluation.baselines.popularity import decayed_popularity, popularity_of_days
from personalize_local.evaluation.baselines.session_knn import SessionSettings, fit_session_knn, tuned_session_knn
from personalize_local.evaluation.baselines.tuning import make_validation
from personalize_local.models.popularity import DAY_S, Popularity
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of
from personalize_local.models.testing import RecommenderContract, hit_ratio, markov_sequences, without_last

ABOUT_NOTHING = Query()


class Contract(RecommenderContract):
    """The contract's tests but those of storage: baselines are never kept."""

    __test__ = False
    test_same_data_same_bytes = None
    test_kept_and_read_back = None


class TestItemKnn(Contract):
    __test__ = True

    def fit(self, sequences):
        return fit_item_knn(sequences)


class TestSessionKnn(Contract):
    __test__ = True

    def fit(self, sequences):
        return fit_session_knn(sequences, SessionSettings(gap_s=np.inf))


def test_item_knn_is_the_shrunken_cosine():
    """Items 0 and 1 share users 0 and 1 of two and three."""
    users, items = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 1])
    model = fit_item_knn(sequences_of(users, items, np.arange(5), 3))
    scores = model.scores(Query(np.array([0]), np.array([9])))
    np.testing.assert_allclose(scores, [0, 2 / (np.sqrt(6) + SHRINKAGE), 0], rtol=1e-6)


def test_session_knn_prefers_the_visit_that_is_most_alike():
    """Now 0, 1: the visit 0, 1, 2 shares both, the newer visit 1, 3 shares one."""
    users, items = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 1, 3])
    data = sequences_of(users, items, np.array([1, 2, 3, 11, 12]), 5)
    scores = fit_session_knn(data, SessionSettings()).scores(Query(np.array([0, 1]), np.array([20, 21])))
    assert scores[2] > scores[3] > 0 == scores[4]


def test_session_knn_ends_a_visit_at_a_gap():
    users, items = np.array([0, 0, 0]), np.array([0, 1, 2])
    data = sequences_of(users, items, np.array([0, 60, 90_000]), 3)
    scores = fit_session_knn(data, SessionSettings(gap_s=1800.0)).scores(Query(np.array([0]), np.array([0])))
    assert scores[1] > 0 == scores[2]


def test_tuned_session_knn_knows_the_order_better_than_chance():
    training, cases = without_last(markov_sequences())
    model = tuned_session_knn(training, make_validation(training, True, 1, newest_of_each=True))
    assert hit_ratio(model, cases, 10) > 0.25


def test_popularity_of_days_forgets_what_is_older():
    times = np.array([0, 0, 0, 9 * DAY_S, 10 * DAY_S])
    data = sequences_of(np.zeros(5, int), np.array([0, 0, 0, 1, 2]), times, 4)
    scores = popularity_of_days(data, 2.0).scores(ABOUT_NOTHING)
    assert scores[1] == scores[2] > 1 > scores[0] > scores[3] == 0


def test_the_half_life_is_chosen_for_what_comes_next():
    """Every day another item is read by everybody: only the shortest memory knows which."""
    days, users = 40, 12
    user = np.repeat(np.arange(users), days)
    day = np.tile(np.arange(days), users)
    data = sequences_of(user, day // 2, day * DAY_S, days)
    chosen = decayed_popularity(data, make_validation(data, False, 1, newest_of_each=False))
    scores = chosen.scores(ABOUT_NOTHING)
    assert scores.argmax() == (days - 1) // 2
    assert scores[0] / scores.max() < 1e-3


@pytest.mark.parametrize("newest_of_each", [True, False])
def test_validation_asks_only_for_what_it_keeps_from_the_models(newest_of_each):
    data = markov_sequences()
    validation = make_validation(data, True, 1, newest_of_each)
    assert len(validation.older.item_row) + 120 <= len(data.item_row)
    assert len(validation.queries) == len(validation.targets) > 50
    assert validation.best((0, 1), lambda row: Popularity(np.eye(62, dtype=np.float32)[row])) in (0, 1)
    if not newest_of_each:
        assert validation.older.newest_epoch_s < min(query.now_epoch_s for query in validation.queries)
