"""The whole evaluation, on data where order is nearly everything: what is better must come out as better."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from personalize_local.evaluation import EvaluationError, Protocol, Recipe, Settings, evaluate
from personalize_local.evaluation.baselines.registry import BASELINES
from personalize_local.evaluation.evaluate import make_splits
from personalize_local.evaluation.isolated import run_isolated
from personalize_local.evaluation.plot import plot_reports
from personalize_local.evaluation.recipe import train_recipe
from personalize_local.evaluation.scoring import Rules, exists_from
from personalize_local.evaluation.table import markdown_report
from personalize_local.evaluation.task import Task

ONLY_RULES = Settings(recipes={}, baselines=("popularity", "rules"), isolated=False)


def quiet(text, done):
    """Progress nobody looks at."""


@pytest.fixture(scope="module")
def report(described):
    return evaluate(described, Settings(seeds=1, isolated=False))


def test_order_beats_popularity(report):
    assert [row.name for row in report.rows if row.name in ("rules", "popularity")] == ["rules", "popularity"]
    rules = report.row("rules").metrics["hit_rate_at_10"]
    assert 0.6 < rules.value < 0.95
    assert report.row("aws-user-personalization").metrics["hit_rate_at_10"].value > 0.6
    assert report.row("popularity").difference.in_errors() < -5


def test_every_baseline_is_there_with_its_costs(report):
    assert {row.name for row in report.rows if row.is_baseline} == set(BASELINES)
    assert all(row.training_wall_s > 0 and row.scoring_p99_ms >= row.scoring_p50_ms for row in report.rows)
    assert all(row.peak_bytes > 1 << 20 for row in report.rows)


def test_the_table_says_how_it_was_measured(report):
    text = markdown_report(report)
    assert "leave-one-out: each user's last event is asked for" in text
    assert "120 users, 62 items" in text
    assert "what a user has seen is removed from the ranking; ties count against the method" in text
    assert text.count("±") > len(report.rows)


def test_json_has_amazons_names_and_no_nan(report):
    content = json.loads(report.to_json())
    metrics = content["rows"][0]["metrics"]
    assert {"mean_reciprocal_rank_at_25", "normalized_discounted_cumulative_gain_at_10", "precision_at_25"} <= set(
        metrics
    )
    assert "NaN" not in report.to_json()


def test_the_plot_is_the_same_each_time(report, tmp_path):
    for name in ("first.svg", "second.svg"):
        plot_reports([report, report], tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()
    with pytest.raises(EvaluationError, match=r"ends with \.svg"):
        plot_reports([report], tmp_path / "plot.png")


def test_divided_by_time_popularity_of_seven_days_is_always_there(chain):
    settings = replace(ONLY_RULES, protocol=Protocol("temporal", test_days=10))
    assert "popularity-7-days" in {row.name for row in evaluate(chain, settings).rows}


def test_personalizes_protocol_divides_by_seed_and_keeps_what_was_seen(chain):
    report = evaluate(chain, replace(ONLY_RULES, protocol=Protocol("personalize"), seeds=2))
    assert report.question_count == 24
    assert not report.filter_seen


def test_new_items_are_found_by_content_alone(described):
    settings = replace(
        ONLY_RULES, protocol=Protocol("new-items", test_share=0.2), baselines=("rules", "content"), seeds=1
    )
    report = evaluate(described, settings)
    assert report.cold_relevant_count == report.question_count > 50
    assert report.row("rules").metrics["cold_item_hit_rate_at_10"].value == 0.0
    assert report.row("content").metrics["cold_item_hit_rate_among_cold_at_10"].value > 0.3


def test_who_is_compared_with_can_be_named(chain):
    report = evaluate(chain, replace(ONLY_RULES, rivals=("popularity",)))
    assert report.rival == "popularity"
    assert report.row("rules").difference.value > 0.2
    with pytest.raises(EvaluationError, match="ridge is to be compared with, and is not among the methods"):
        evaluate(chain, replace(ONLY_RULES, rivals=("ridge",)))


def test_several_trainings_have_a_spread(chain):
    settings = Settings(recipes={"ours": Recipe()}, baselines=("none",), seeds=2, isolated=False)
    report = evaluate(chain, settings)
    assert report.row("ours").seed_spread >= 0.0
    assert report.rival is None


def test_a_process_of_its_own_gives_the_same_answers(chain):
    (split,) = make_splits(chain, ONLY_RULES)
    task = Task("rules", chain, split, Rules(True, 25, exists_from(chain, split)), 0)
    told = []
    outcome = run_isolated(task, lambda text, done: told.append(text))
    here = evaluate(chain, ONLY_RULES).row("rules").metrics["hit_rate_at_10"].value
    assert np.mean(outcome.answers.rank <= 10) == pytest.approx(here)
    assert told[0] == "Fitting"


def test_what_cannot_be_trained_is_said_from_the_other_process(chain):
    (split,) = make_splits(chain, ONLY_RULES)
    recipe = Recipe(hyperparameters={"hidden_dimension": "1"})
    task = Task(recipe, chain, split, Rules(True, 25, exists_from(chain, split)), 0)
    with pytest.raises(EvaluationError, match="aws-user-personalization cannot be trained on this: The hyperparameter"):
        run_isolated(task, quiet)


def test_hyperparameters_out_of_range_are_refused(chain):
    (split,) = make_splits(chain, ONLY_RULES)
    with pytest.raises(EvaluationError, match="'hidden_dimension' must be a whole number from 32 to 256"):
        train_recipe(Recipe(hyperparameters={"hidden_dimension": "1"}), chain, split, 0, quiet)


@pytest.mark.parametrize(
    ("baselines", "message"),
    [
        (("rule",), "There is no baseline 'rule': use all, none or popularity"),
        (("content",), "The baseline content needs descriptions of items: give the items' file"),
        (("none",), "There is nothing to evaluate"),
    ],
)
def test_wrong_baselines_are_refused(chain, baselines, message):
    with pytest.raises(EvaluationError) as caught:
        evaluate(chain, replace(ONLY_RULES, baselines=baselines))
    assert message in str(caught.value)
