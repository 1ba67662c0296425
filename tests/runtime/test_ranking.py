"""The order of answers against a plain sort, for catalogues small and large."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.coarse import CoarseScores
from personalize_local.runtime.allowed import Allowed
from personalize_local.runtime.deployment import BoundFilter
from personalize_local.runtime.masks import FilterQuestion, compile_filter
from personalize_local.runtime.ranking import best_rows, shares_of, softmax
from personalize_spec.filters import parse_filter

QUESTIONS: dict[str, Any] = {
    "seed": st.integers(0, 1000),
    "item_count": st.sampled_from([0, 1, 7, 1000, 40_000]),
    "distinct": st.sampled_from([1, 3, 10**6]),
    "allowed_ratio": st.sampled_from([0.0, 0.001, 0.1, 1.0]),
    "count": st.sampled_from([0, 1, 25, 500]),
}


@given(**QUESTIONS)
def test_the_best_rows_are_those_of_a_plain_sort(
    seed: int, item_count: int, distinct: int, allowed_ratio: float, count: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct, item_count).astype(np.float32)
    scores[rng.random(item_count) < 0.05] = -np.inf
    allowed = rng.random(item_count) < allowed_ratio
    expected = [int(row) for row in np.argsort(-scores, kind="stable") if allowed[row] and scores[row] > -np.inf]
    assert best_rows(scores, lambda rows: allowed[rows], count).tolist() == expected[:count]


@given(**QUESTIONS, slack=st.sampled_from([0.01, 1.0, 1e5]))
def test_the_best_rows_after_a_first_look_are_those_of_a_plain_sort(
    seed: int, item_count: int, distinct: int, allowed_ratio: float, count: int, slack: float
) -> None:
    # GIVEN scores, and a first look that is off by up to the slack
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct, item_count).astype(np.float64)
    values = scores + rng.uniform(-slack, slack, item_count)
    values[rng.random(item_count) < 0.05] = -np.inf
    allowed = rng.random(item_count) < allowed_ratio
    look = CoarseScores(values, slack, lambda rows: scores[rows] - values[rows])
    found = best_rows(values, lambda rows: allowed[rows], count, look=look)

    # THEN the order is that of the exact scores
    expected = [int(row) for row in np.argsort(-scores, kind="stable") if allowed[row] and values[row] > -np.inf]
    assert scores[found].tolist() == scores[expected[:count]].tolist()
    assert allowed[found].all()
    assert len(set(found.tolist())) == len(found)


def test_few_rows_are_judged_when_many_are_allowed() -> None:
    scores = np.random.default_rng(1).standard_normal(100_000, dtype=np.float32)
    judged: list[int] = []

    def allows(rows: np.ndarray) -> np.ndarray:
        judged.append(len(rows))
        return np.ones(len(rows), dtype=bool)

    best_rows(scores, allows, 25)
    assert sum(judged) < 2000


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_shares_of_what_has_a_score_sum_to_one(broken: float) -> None:
    scores = np.array([1.0, broken, 3.0, -900.0], dtype=np.float32)
    shares = softmax(scores)
    assert np.isnan(shares[1])
    assert np.nansum(shares) == pytest.approx(1.0)
    assert shares[2] / shares[0] == pytest.approx(np.exp(2.0))
    assert shares_of(scores).of(np.array([0, 2])).tolist() == shares[[0, 2]].tolist()


def test_no_scores_at_all_are_no_shares() -> None:
    assert np.isnan(softmax(np.full(3, -np.inf, dtype=np.float32))).all()
    assert len(softmax(np.empty(0, dtype=np.float32))) == 0


def test_rows_are_judged_alone_as_with_all_others(newsroom: Any) -> None:
    # GIVEN a filter on a column and on what was read, and i4 hidden
    data = newsroom.engine.group_data(newsroom.group_arn)
    text = 'INCLUDE ItemID WHERE Items.WORDS > 100 | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")'
    bound = BoundFilter(compile_filter(parse_filter(text)), {})
    asked = FilterQuestion(data.items, data.users, data.histories.of("bob"))

    # WHEN all rows are judged, and one at a time
    hidden = np.array([4])
    everywhere = Allowed(bound, asked, hidden).everywhere
    alone = [bool(Allowed(bound, asked, hidden).of(np.array([row]))[0]) for row in range(len(data.items))]

    # THEN both say the same: not the short ones, not what bob read, not i4
    assert everywhere.tolist() == alone
    assert [f"i{row}" for row in np.flatnonzero(everywhere)] == ["i2", "i3", "i6", "i7", "i8", "i9"]
    assert Allowed(None, asked, hidden).of(np.array([3, 4])).tolist() == [True, False]
