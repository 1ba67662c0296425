"""What new items count for is learnt where items were new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from personalize_local.models.cold_items import ColdItems
from personalize_local.models.cold_weights import COLD_BOUNDS, fair_bonus
from personalize_local.models.content import ItemContent
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.testing import DAY_S

DAYS, PER_DAY, READERS = 20, 6, 60


def test_what_is_lent_can_be_believed_in_part() -> None:
    neighbours, weights = np.array([[0], [1]], dtype=np.int32), np.ones((2, 1), dtype=np.float32)
    cold = ColdItems(np.array([2, 3], dtype=np.int32), neighbours, weights, np.zeros(2, dtype=np.float32))
    values = np.array([1.0, 5.0, 0.0, 0.0], dtype=np.float32)
    cold.borrow(values, 0.5)
    np.testing.assert_allclose(values, [1.0, 5.0, 2.0, 4.0])  # half as far from their mean


def test_few_events_are_weighed_otherwise_than_none() -> None:
    nothing = np.zeros((2, 1), dtype=np.int32)
    cold = ColdItems(np.array([0, 1]), nothing, nothing.astype(np.float32), np.array([0.0, 0.5], np.float32))
    np.testing.assert_allclose(cold.bonus(2.0, -1.0), [2.0, 0.5])


def daily_news(content_of: Callable[[np.ndarray], ItemContent]) -> tuple[Sequences, ItemContent, int]:
    """Make readers of one of two sections who read, each day, two of that day's three articles of theirs."""
    rng = np.random.default_rng(3)
    users, rows, times = [], [], []
    for reader in range(READERS):
        for day in range(DAYS):
            for place, article in enumerate(rng.choice(PER_DAY // 2, 2, replace=False)):
                users.append(reader)
                rows.append(day * PER_DAY + 2 * article + reader % 2)
                times.append(day * DAY_S + DAY_S // 4 + place * 7200 + reader)
    item_count = (DAYS + 1) * PER_DAY
    described = content_of(np.arange(item_count) % 2)
    created = np.repeat(np.arange(DAYS + 1) * float(DAY_S), PER_DAY)
    data = sequences_of(np.array(users), np.array(rows), np.array(times), item_count)
    return data, ItemContent(described.features, created), DAYS * DAY_S + DAY_S // 4


def test_new_articles_come_before_old_ones_where_the_catalogue_turns_over(
    content_of: Callable[[np.ndarray], ItemContent],
) -> None:
    """GIVEN articles that are read on one day only WHEN a new day's come out THEN their readers get them at once."""
    data, content, now = daily_news(content_of)
    model = Ensemble(EnsembleSettings(regularisation=10.0), 1, lambda text, fraction: None).fit(data, content)
    for reader in range(6):
        here = data.of(reader)
        scores = model.scores(Query(data.item_row[here], data.epoch_s[here], now_epoch_s=now))
        scores[data.item_row[here]] = -np.inf
        wanted = {DAYS * PER_DAY + 2 * article + reader % 2 for article in range(PER_DAY // 2)}
        assert set(np.argsort(-scores, kind="stable")[:3].tolist()) == wanted


def test_new_items_get_half_their_share_of_the_first_places() -> None:
    """GIVEN new items that are turned to as often as others, by too many different ones THEN some come to the top."""
    rng = np.random.default_rng(4)
    is_new = np.repeat([[0.0, 1.0]], 100, axis=0).repeat(200, axis=1).astype(np.float32)
    rest = (rng.normal(0.0, 1.0, is_new.shape) - 3.0 * is_new).astype(np.float32)
    targets = [np.array([place % 2 * 200]) for place in range(100)]
    score = rest + np.float32(fair_bonus(rest, is_new, targets)) * is_new
    first = np.argsort(-score, axis=1)[:, :10]
    assert 0.24 < np.mean(first >= 200) < 0.28
    assert fair_bonus(rest, is_new, [np.array([0])] * 100) == COLD_BOUNDS[0]  # nobody wants new ones


def test_new_items_are_judged_by_how_often_their_like_is_turned_to(
    content_of: Callable[[np.ndarray], ItemContent],
) -> None:
    """GIVEN two kinds of items, one read ten times as often THEN new ones of that kind gain by their kind's appeal."""
    rng = np.random.default_rng(5)
    kind = np.arange(200) % 2
    chance = np.where(kind == 0, 10.0, 1.0)
    rows = rng.choice(198, 4000, p=chance[:198] / chance[:198].sum())
    data = sequences_of(np.repeat(np.arange(200), 20), rows, np.arange(4000) * 1000, 200)
    model = Ensemble(EnsembleSettings(), 1, lambda text, fraction: None).fit(data, content_of(kind))
    assert model.cold is not None and model.cold.appeal is not None
    appeal = dict(zip(model.cold.rows.tolist(), model.cold.appeal.tolist(), strict=True))
    assert appeal[198] - appeal[199] > 0.5
    fond = replace(model, cold_weights=replace(model.cold_weights, appeal=3.0))
    asked = Query(data.item_row[:20], data.epoch_s[:20], now_epoch_s=10**7)
    gained = fond.scores(asked) - replace(model, cold_weights=replace(model.cold_weights, appeal=0.0)).scores(asked)
    np.testing.assert_allclose(gained[198:], 3.0 * np.array([appeal[198], appeal[199]]), rtol=1e-4)
    np.testing.assert_allclose(np.delete(gained, list(appeal)), 0.0)  # items with events have their own record
