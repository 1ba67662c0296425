"""Tests that every recommender passes, and data to test on. A new one earns them in three lines:

class TestPopularity(RecommenderContract):
    def fit(self, sequences):
        return fit_popularity(sequences)
"""

from __future__ import annotations

import numpy as np

from personalize_local.models.query import (
    BlockSparseRecommender,
    Query,
    Recommender,
    SparseLiftRecommender,
    SparseRecommender,
    block_scores_of,
)
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.testing_models import ModelContract

DAY_S = 86_400
STAY_ON_CHAIN = 0.7
NEVER_SEEN = 2  # items at the end of the catalogue that nobody touched


def markov_sequences(
    *, seed: int = 7, user_count: int = 120, item_count: int = 60, length: int = 25, on_chain: float = STAY_ON_CHAIN
) -> Sequences:
    """Make users that go from each item to its one successor with probability `on_chain`, else anywhere.

    Popularity says next to nothing about what comes next; the order nearly everything. The catalogue has two more
    items that nobody touched.
    """
    rng = np.random.default_rng(seed)
    successor = np.roll(rng.permutation(item_count), 1)[np.argsort(rng.permutation(item_count))]
    rows = np.empty((user_count, length), dtype=np.int32)
    rows[:, 0] = rng.integers(0, item_count, user_count)
    for place in range(1, length):
        stays = rng.random(user_count) < on_chain
        rows[:, place] = np.where(stays, successor[rows[:, place - 1]], rng.integers(0, item_count, user_count))
    epoch_s = 1_700_000_000 + np.sort(rng.integers(0, 60 * DAY_S, (user_count, length)), axis=1)
    users = np.repeat(np.arange(user_count), length)
    return sequences_of(users, rows.ravel(), epoch_s.ravel(), item_count + NEVER_SEEN)


def without_last(sequences: Sequences) -> tuple[Sequences, list[tuple[Query, int]]]:
    """Cut off each user's last event: the rest, and for each user what to ask and the item that came."""
    cases = []
    for user in range(sequences.user_count):
        rows, epoch_s = sequences.item_row[sequences.of(user)], sequences.epoch_s[sequences.of(user)]
        query = Query(rows[:-1], epoch_s[:-1], item_row=int(rows[-2]), now_epoch_s=int(epoch_s[-1]))
        cases.append((query, int(rows[-1])))
    return sequences.heads(sequences.lengths() - 1), cases


def hit_ratio(model: Recommender, cases: list[tuple[Query, int]], count: int = 1) -> float:
    """Give how often the item that came is among the first `count`."""
    hits = [target in np.argsort(-model.scores(query), kind="stable")[:count] for query, target in cases]
    return float(np.mean(hits))


class RecommenderContract(ModelContract[Recommender]):
    """What every recommender keeps to; subclasses fit one."""

    def fit(self, sequences: Sequences) -> Recommender:
        """Fit the recommender under test."""
        raise AssertionError(f"{type(self).__name__} has no fit(sequences)")

    def fitted(self) -> Recommender:
        """Fit it on users that mostly go from each item to its one successor."""
        return self.fit(markov_sequences())

    def answers(self, model: Recommender) -> list[np.ndarray]:
        """Ask as readers known, unknown, with one event and with many."""
        return [model.scores(query) for query in _queries(markov_sequences())]

    def test_scores_every_item(self) -> None:
        """One float32 score per item, for readers known, unknown, with one event and with many."""
        data = markov_sequences()
        model = self.fit(data)
        for query in _queries(data):
            scores = model.scores(query)
            assert scores.shape == (data.item_count,)
            assert scores.dtype == np.float32
            assert not np.isnan(scores).any()
            assert not np.isposinf(scores).any()

    def test_rows_that_are_named_are_all_that_score(self) -> None:
        """A model that names its rows says the same with them, each once, as with a score for every item."""
        data = markov_sequences()
        model = self.fit(data)
        for query in _queries(data) if isinstance(model, SparseRecommender) else ():
            everywhere = _everywhere(*model.sparse_scores(query), data.item_count)
            np.testing.assert_allclose(everywhere, model.scores(query), rtol=1e-5, atol=1e-9)

    def test_lifts_that_are_named_are_all_there_are(self) -> None:
        """A model that names the rows with a lift says the same with them, each once, as with a lift for every item."""
        data = markov_sequences()
        model = self.fit(data)
        for query in _queries(data) if isinstance(model, SparseLiftRecommender) else ():
            everywhere = _everywhere(*model.sparse_lifts(query), data.item_count)
            np.testing.assert_array_equal(everywhere, model.lifts(query))

    def test_readers_together_as_one_by_one(self) -> None:
        """A model that answers many readers at once says the same, but for rounding."""
        data = markov_sequences()
        model = self.fit(data)
        queries = _queries(data)
        one_by_one = np.stack([model.scores(query) for query in queries])
        together = block_scores_of(model, queries)
        assert together.dtype == np.float32
        np.testing.assert_allclose(together, one_by_one, rtol=1e-4, atol=1e-4)
        if isinstance(model, BlockSparseRecommender):
            sparse = model.block_sparse_scores(queries).matrix().toarray()
            np.testing.assert_allclose(sparse, one_by_one, rtol=1e-4, atol=1e-6)

    def test_little_data(self) -> None:
        """Two events of one user are enough to answer."""
        model = self.fit(sequences_of(np.zeros(2, int), np.array([0, 1]), np.array([10, 1000]), 3))
        assert model.scores(Query(np.array([1], np.int32), np.array([1000]), item_row=1)).shape == (3,)


def _queries(data: Sequences) -> list[Query]:
    some, many = data.item_row[data.of(0)], np.tile(data.item_row, 2)[:3000]
    return [
        Query(),
        Query(some[:1], data.epoch_s[:1], item_row=int(some[0])),
        Query(some, data.epoch_s[data.of(0)], item_row=data.item_count - 1),
        Query(many, np.arange(len(many)) * 1000, item_row=int(some[-1]), now_epoch_s=data.newest_epoch_s + DAY_S),
    ]


def _everywhere(rows: np.ndarray, values: np.ndarray, item_count: int) -> np.ndarray:
    """Put named rows' values among all items, 0 elsewhere: [items]; each row is named once."""
    assert len(np.unique(rows)) == len(rows) == len(values)
    assert values.dtype == np.float32
    everywhere = np.zeros(item_count, dtype=np.float32)
    everywhere[rows] = values
    return everywhere
