"""A click and a watch logged together are one step; real repetition is learnt."""

from __future__ import annotations

import numpy as np

from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.query import Query, Recommender
from personalize_local.models.returns import fit_returns, return_share
from personalize_local.models.sequences import Sequences, sequences_of, step_places, without_echoes
from personalize_local.models.testing import markov_sequences


def fit_blend(sequences: Sequences) -> Recommender:
    settings = EnsembleSettings(regularisation=10.0)
    return Ensemble(settings, 1, lambda text, fraction: None).fit(sequences, None)


def doubled(data: Sequences) -> Sequences:
    """Log every event twice in its second."""
    users = np.repeat(data.user_of_event(), 2)
    return sequences_of(users, np.repeat(data.item_row, 2), np.repeat(data.epoch_s, 2), data.item_count)


def test_one_step_per_item_and_moment() -> None:
    data = sequences_of(
        np.array([0, 0, 0, 0, 0, 1]), np.array([3, 4, 3, 4, 3, 3]), np.array([10, 10, 10, 200, 9999, 10]), 5
    )
    steps = without_echoes(data)
    assert steps.item_row.tolist() == [3, 4, 3, 3]
    assert steps.user_start.tolist() == [0, 3, 4]
    assert step_places(data.item_row[:5], data.epoch_s[:5]).tolist() == [0, 1, 4]


def test_a_step_has_the_weight_of_its_strongest_event() -> None:
    data = sequences_of(np.zeros(2, int), np.array([3, 3]), np.array([10, 12]), 5)
    data.weight[:] = [0.5, 2.0]
    assert without_echoes(data).weight.tolist() == [2.0]


def test_doubled_logs_change_nothing() -> None:
    data = without_echoes(markov_sequences())
    once, twice = fit_blend(data), fit_blend(doubled(data))
    here = data.of(0)
    rows, epoch_s = data.item_row[here], data.epoch_s[here]
    expected = once.scores(Query(rows, epoch_s))
    np.testing.assert_array_equal(twice.scores(Query(np.repeat(rows, 2), np.repeat(epoch_s, 2))), expected)


def test_what_was_just_seen_is_not_recommended_where_nobody_repeats() -> None:
    """GIVEN readers who never read twice, each read logged as click and watch THEN no read item is near the top."""
    rng = np.random.default_rng(4)
    rows = np.concatenate([rng.permutation(80)[:20] for _ in range(100)])
    epoch_s = np.arange(len(rows)) * 1000
    data = doubled(sequences_of(np.repeat(np.arange(100), 20), rows, epoch_s, 80))
    model = fit_blend(data)
    for user in range(20):
        history = data.item_row[data.of(user)]
        top = np.argsort(-model.scores(Query(history, data.epoch_s[data.of(user)])), kind="stable")[:25]
        assert not set(top) & set(history)


def test_what_is_repeated_is_recommended_again() -> None:
    """GIVEN listeners who go round their own three songs THEN these are recommended."""
    rng = np.random.default_rng(6)
    own = np.stack([rng.permutation(50)[:3] for _ in range(100)])
    rows = np.stack([mine[np.arange(21) % 3] for mine in own]).ravel()
    data = sequences_of(np.repeat(np.arange(100), 21), rows, np.arange(len(rows)) * 1000, 50)
    model = fit_blend(data)
    for user in range(20):
        history = data.item_row[data.of(user)]
        top = np.argsort(-model.scores(Query(history, data.epoch_s[data.of(user)])), kind="stable")[:3]
        assert set(top) == set(own[user])


def test_returns_are_counted_by_how_long_ago_and_how_often() -> None:
    """GIVEN readers who read each article twice, the second time two steps later THEN just that is likely."""
    visits = np.array([0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5])
    data = sequences_of(np.repeat(np.arange(200), 12), np.tile(visits, 200), np.arange(2400) * 1000, 40)
    returns = fit_returns(data)
    lifts = returns.lifts(Query(np.array([0, 1, 0, 1, 2, 3], dtype=np.int32)))
    assert np.argmax(lifts) == 2  # once, two steps ago
    assert lifts[2] > np.log(40 * 0.5)
    assert lifts[[0, 1, 3]].max() < -2.0  # twice, or just now: never again, or not yet
    assert not lifts[6:].any()
    assert return_share(data) == 0.5


def test_returns_of_different_readers_add_up_to_the_same_rates() -> None:
    data = markov_sequences(user_count=40, item_count=10)
    order = np.random.default_rng(1).permutation(40)
    rows, epoch_s = (np.concatenate([each[data.of(user)] for user in order]) for each in (data.item_row, data.epoch_s))
    mixed = sequences_of(data.user_of_event(), rows, epoch_s, data.item_count)
    np.testing.assert_allclose(fit_returns(mixed).log_rate, fit_returns(data).log_rate)


def test_with_echoes_what_was_only_clicked_is_next() -> None:
    """GIVEN a click that a watch follows in the same second THEN, each event a step, the watch is foretold."""
    rng = np.random.default_rng(4)
    lengths = rng.integers(12, 28, 200)  # so that some are asked for the watch, some for the next click
    rows = np.concatenate([rng.permutation(80)[:length] for length in lengths])
    data = doubled(sequences_of(np.repeat(np.arange(200), lengths), rows, np.arange(len(rows)) * 1000, 80))
    settings = EnsembleSettings(regularisation=10.0, has_echoes=True)
    model = Ensemble(settings, 1, lambda text, fraction: None).fit(data, None)
    for user in range(20):
        here = data.of(user)
        clicked, watched = (Query(data.item_row[here][:end], data.epoch_s[here][:end]) for end in (7, 8))
        last = int(clicked.history_rows[-1])
        assert np.argmax(model.scores(clicked)) == last
        assert last not in np.argsort(-model.scores(watched))[:10]
