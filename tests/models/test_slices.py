"""What the weights are fitted on: the newest events, by time where items come and go, else by user."""

from __future__ import annotations

import numpy as np

from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.slices import newest_slices, turnover
from personalize_local.models.testing import DAY_S, markov_sequences

START_S = 1_700_000_000


def daily_news(*, days: int = 10, users: int = 60, seed: int = 3) -> Sequences:
    """Every day has ten articles of its own; readers prefer its first ones, and read four."""
    rng = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, 11)
    rows = [
        np.concatenate([10 * day + rng.choice(10, 4, replace=False, p=share / share.sum()) for day in range(days)])
        for _ in range(users)
    ]
    times = [np.repeat(np.arange(days), 4) * DAY_S + np.sort(rng.integers(0, DAY_S, (days, 4))).ravel() for _ in rows]
    epoch_s = START_S + np.concatenate(times)
    return sequences_of(np.repeat(np.arange(users), 4 * days), np.concatenate(rows), epoch_s, 10 * days)


def test_turnover_tells_news_from_films() -> None:
    assert turnover(daily_news()) > 0.9
    assert turnover(markov_sequences()) < 0.1


def test_news_are_cut_at_moments() -> None:
    """GIVEN news THEN models are fitted on what was before a moment, and asked for what was after it."""
    for cut in newest_slices(daily_news(), seed=1):
        assert cut.is_by_time
        assert cut.queries
        assert cut.older.newest_epoch_s < min(item.query.now_epoch_s for item in cut.queries)
        assert cut.newer.epoch_s.min() > cut.older.newest_epoch_s
        for item in cut.queries:
            assert (item.query.history_epoch_s <= item.query.now_epoch_s).all()


def test_films_are_cut_by_user() -> None:
    data = markov_sequences()
    (cut,) = newest_slices(data, seed=1)
    assert not cut.is_by_time
    assert (cut.older.lengths() + cut.newer.lengths() == data.lengths()).all()
    assert (cut.newer.lengths() == 3).all()


def test_news_readers_get_what_is_read_today() -> None:
    """GIVEN articles that live a day THEN a reader is shown those of today."""
    data = daily_news()
    model = Ensemble(EnsembleSettings(), 1, lambda text, fraction: None).fit(data, None)
    here = data.of(0)
    history, times = data.item_row[here][:-4], data.epoch_s[here][:-4]
    top = np.argsort(-model.scores(Query(history, times, now_epoch_s=data.newest_epoch_s)), kind="stable")
    assert set(top[:10]) == set(range(90, 100))


def test_decayed_counts_of_parts_add_up() -> None:
    """GIVEN counts of older events THEN aged, with the newer events added, they are the counts of all."""
    data = daily_news()
    is_newer = data.epoch_s > START_S + 6 * DAY_S
    half_lives_s = (3600.0, float(DAY_S))
    older, newer = data.take_events(~is_newer), data.take_events(is_newer)
    found = fit_decayed_counts(older, half_lives_s).aged(data.newest_epoch_s)
    found = found.plus(newer.item_row, newer.weight, newer.epoch_s)
    np.testing.assert_allclose(found.counts, fit_decayed_counts(data, half_lives_s).counts, rtol=1e-4, atol=1e-5)
