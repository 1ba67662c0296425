"""Ranks, metrics and errors, against tables made by hand and naive implementations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.evaluation.errors_of_means import mean_of_users, paired_difference
from personalize_local.evaluation.measures import gini, of_cold_items, of_lists, per_question
from personalize_local.evaluation.scoring import Answers, ranks
from personalize_local.evaluation.split import ask

TIED_SCORES = st.lists(st.sampled_from([-math.inf, 0.0, 1.0, 2.0, 3.0]), min_size=1, max_size=12)


def naive_places(scores: list[float], relevant: list[int], depth: int) -> list[int]:
    """Sort everything, relevant items after others of equal score; give the places of the relevant ones up to depth."""
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row in relevant))
    found = [place for place, row in enumerate(order, 1) if row in relevant and scores[row] > -math.inf]
    return [place for place in found if place <= depth]


@given(TIED_SCORES, st.data(), st.integers(1, 14))
def test_ranks_are_those_of_a_sort_with_ties_against_the_model(scores, data, depth):
    relevant = data.draw(st.lists(st.integers(0, len(scores) - 1), min_size=1, unique=True).map(sorted))
    found = ranks(np.array(scores, dtype=np.float32), np.array(relevant), depth)
    assert sorted(found[np.isfinite(found)]) == naive_places(scores, relevant, depth)


def test_one_score_for_all_is_worth_nothing():
    """A model that says nothing must not look good by the order of the catalogue."""
    assert ranks(np.zeros(50, dtype=np.float32), np.array([0]), 25)[0] == np.inf


def answers(rank: list[float], questions: int, top: np.ndarray | None = None) -> Answers:
    places = np.array(rank, dtype=float)
    shown = np.full((questions, 25), -1) if top is None else top
    return Answers(places, np.full(len(places), np.inf), shown, np.zeros(questions))


def asked(relevant: list[list[int]]):
    count = len(relevant)
    nothing = np.zeros(count, dtype=int)
    return ask(np.arange(count), nothing, nothing, nothing, [np.array(rows) for rows in relevant])


def test_the_worked_examples_of_the_contract():
    """Contract §5.2: ranks 4, 2 and 6 give 0.3056; hits at 2 and 5 give NDCG@5 0.6241 and precision 0.4."""
    first = per_question(answers([4, 2, 6], 3), asked([[0], [0], [0]]), (5,))
    assert first["mean_reciprocal_rank_at_25"].mean() == pytest.approx(0.3056, abs=5e-5)
    second = per_question(answers([2, 5], 1), asked([[0, 1]]), (5,))
    assert second["normalized_discounted_cumulative_gain_at_5"][0] == pytest.approx(0.6241, abs=5e-5)
    assert second["precision_at_5"][0] == pytest.approx(0.4)


def test_a_table_by_hand():
    """Question 0: relevant at 1 and nowhere; question 1: relevant at 3."""
    found = per_question(answers([1, np.inf, 3], 2), asked([[0, 1], [2]]), (1, 3))
    expected = {
        "hit_rate_at_1": [1, 0],
        "hit_rate_at_3": [1, 1],
        "precision_at_3": [1 / 3, 1 / 3],
        "recall_at_1": [0.5, 0],
        "recall_at_3": [0.5, 1],
        "normalized_discounted_cumulative_gain_at_1": [1, 0],
        "normalized_discounted_cumulative_gain_at_3": [1 / (1 + 1 / math.log2(3)), 0.5],
        "mean_reciprocal_rank_at_25": [1, 1 / 3],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, err_msg=name)


def test_cold_items_are_measured_alone():
    questions = asked([[0, 1], [2]])
    given_answers = Answers(np.array([1.0, 9.0, 2.0]), np.array([np.inf, 1.0, np.inf]), np.zeros((2, 25), int), None)
    found = of_cold_items(given_answers, questions, np.array([False, True, False]), (5,))
    assert found == {"cold_item_hit_rate_at_5": [0.0], "cold_item_hit_rate_among_cold_at_5": [1.0]}


def test_what_lists_say_together():
    """Of four items two are shown, the most popular one twice as often as the least popular one."""
    top = np.full((3, 25), -1)
    top[:, 0] = [3, 3, 0]
    found = of_lists(top, np.array([0, 1, 2, 3]))
    assert found["coverage"] == 0.5
    assert found["average_popularity_at_25"] == pytest.approx(2 / 3)
    assert found["gini_at_25"] == pytest.approx(gini(np.array([1, 0, 0, 2])))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=15).filter(any))
def test_gini_is_half_the_relative_mean_difference(counts):
    values = np.array(counts, dtype=float)
    naive = np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())
    assert gini(values) == pytest.approx(naive)


def test_with_one_question_a_user_the_error_is_the_ordinary_one():
    values = np.random.default_rng(1).random(40)
    found = mean_of_users(values, np.arange(40))
    assert found.value == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std(ddof=1) / math.sqrt(40))


def test_repeating_a_users_questions_adds_no_certainty():
    values, users = np.random.default_rng(1).random(40), np.arange(40)
    once, ten_times = mean_of_users(values, users), mean_of_users(np.repeat(values, 10), np.repeat(users, 10))
    assert ten_times.standard_error == pytest.approx(once.standard_error)


def test_a_paired_difference_forgets_what_both_have_in_common():
    common = np.random.default_rng(1).random(100)
    found = paired_difference(common + 0.1, common, np.arange(100))
    assert found.value == pytest.approx(0.1)
    assert found.standard_error < 1e-12
    assert found.in_errors() > 1e9 or found.standard_error == 0
