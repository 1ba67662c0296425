"""Whole trainings: quality within a range, the same bytes, and a folder that can be served."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personalize_local.models.ensemble import EnsembleSettings
from personalize_local.models.query import Query
from personalize_local.models.storage import UnreadableModelError
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.recipes import PREPARE, ensemble_settings
from personalize_local.training.report import load_report
from personalize_local.training.train import TrainingRequest, TrainingResult, train_solution_version
from personalize_local.training.training_request import EventRule
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.training.conftest import halves_by_plan

NDCG = "normalized_discounted_cumulative_gain_at_10"
PERSONALIZATION = TrainingRequest("aws-user-personalization", categorical_columns=("COLOUR",))


def train(
    request: TrainingRequest, folder: Path, table: InteractionTable, items: MetadataTable | None = None
) -> TrainingResult:
    return train_solution_version(request, table, items, folder, lambda text, fraction: None)


@behaviour(
    "CreateSolutionVersion",
    "Every recipe trains; models of our own stand in for the networks of AWS, and v1 and v2 differ by their parameters",
    APPROXIMATED,
    source="inferred",
)
@pytest.mark.parametrize("recipe", PREPARE)
def test_every_recipe_trains_and_serves(
    recipe: str, tmp_path: Path, interactions: InteractionTable, items: MetadataTable
) -> None:
    result = train(TrainingRequest(recipe, categorical_columns=("COLOUR",)), tmp_path, interactions, items)
    assert all(0.0 <= value <= 1.0 for value in result.metrics.values())
    assert result.training_hours >= 0.001
    assert ("trend_prediction_accuracy" in result.metrics) == recipe.endswith("-trending-now")
    artifact = load_artifact(tmp_path)
    assert len(artifact.item_ids) == 64
    assert artifact.item_row["item-003"] == 3
    query = Query(np.array([1, 5], np.int32), np.array([0, 1000]), item_row=5, now_epoch_s=2000)
    assert artifact.model.scores(query).shape == (64,)


def test_order_beats_popularity(tmp_path: Path, interactions_of: Callable[..., InteractionTable]) -> None:
    """GIVEN a chain that 7 of 10 steps follow THEN NDCG@10 is far above popularity, and below what can be known."""
    table = interactions_of(user_count=400)
    found = train(PERSONALIZATION, tmp_path, table).metrics[NDCG]
    assert 0.5 < found < 0.8
    assert (
        found > 3 * train(replace(PERSONALIZATION, recipe_name="aws-popularity-count"), tmp_path, table).metrics[NDCG]
    )


def test_a_report_says_how_sure_the_metrics_are_and_who_is_recommended(
    tmp_path: Path, interactions_of: Callable[..., InteractionTable]
) -> None:
    metrics = train(PERSONALIZATION, tmp_path, interactions_of(user_count=400)).metrics
    report = load_report(tmp_path)
    assert report["errors"].keys() == metrics.keys() - {"coverage"}
    assert 0 < report["errors"][NDCG] < 0.1
    assert report["popularity"]["metrics"][NDCG] + 2 * report["popularity"]["errors"][NDCG] < metrics[NDCG]
    assert report["weights"] and all(weight > 0 for weight in report["weights"].values())
    for shares in report["shelves"].values():
        assert len(shares) == 10
        assert sum(shares) == pytest.approx(1.0, abs=0.01)
    assert report["shelves"]["popularity"][0] > report["shelves"]["recommended"][0]


def test_a_model_without_a_report_has_none(tmp_path: Path) -> None:
    assert load_report(tmp_path) is None


def test_nothing_leaks(tmp_path: Path, interactions_of: Callable[..., InteractionTable]) -> None:
    """GIVEN users who go anywhere THEN the metrics are those of guessing."""
    metrics = train(PERSONALIZATION, tmp_path, interactions_of(user_count=400, on_chain=0.0)).metrics
    assert metrics[NDCG] < 0.16


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_same_request_same_bytes(tmp_path: Path, interactions: InteractionTable, items: MetadataTable) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    results = [train(PERSONALIZATION, folder, interactions, items) for folder in folders]
    assert results[0].metrics == results[1].metrics
    first, second = (
        {str(path.relative_to(folder)): path.read_bytes() for path in files_of(folder)} for folder in folders
    )
    assert first == second


def test_nothing_is_pickled(tmp_path: Path, interactions: InteractionTable, items: MetadataTable) -> None:
    train(PERSONALIZATION, tmp_path, interactions, items)
    assert {path.suffix for path in files_of(tmp_path)} == {".json", ".npy"}
    for path in tmp_path.rglob("*.npy"):
        np.load(path, allow_pickle=False)


def test_a_broken_artifact_says_so(tmp_path: Path, interactions: InteractionTable) -> None:
    train(PERSONALIZATION, tmp_path, interactions)
    next(tmp_path.glob("*.npy")).unlink()
    with pytest.raises(UnreadableModelError, match="holds no readable model"):
        load_artifact(tmp_path)
    with pytest.raises(UnreadableModelError, match="cannot be read whole"):
        load_artifact(tmp_path / "nowhere")


def test_progress_goes_on(tmp_path: Path, interactions: InteractionTable) -> None:
    told: list[tuple[str, float]] = []
    train_solution_version(PERSONALIZATION, interactions, None, tmp_path, lambda *step: told.append(step))
    fractions = [fraction for _, fraction in told]
    assert len(told) >= 4
    assert fractions == sorted(fractions)
    assert 0.0 <= fractions[0] <= fractions[-1] <= 1.0


@behaviour("GetSolutionMetrics", "eventsConfig adds NDCG weighted by events", EXACT, source="documented, contract §5.2")
def test_events_config_adds_weighted_metrics(tmp_path: Path, interactions: InteractionTable) -> None:
    rules = (EventRule("like", weight=1.0), EventRule("view", weight=0.2))
    request = TrainingRequest("aws-user-personalization-v2", event_rules=rules)
    metrics = train(request, tmp_path, interactions).metrics
    assert 0.0 < metrics["normalized_discounted_cumulative_gain_with_event_weights_at_10"] <= 1.0


def test_parameters_reach_the_model(tmp_path: Path, interactions: InteractionTable) -> None:
    train(replace(PERSONALIZATION, hyperparameters={"bptt": "8"}), tmp_path, interactions)
    parts = json.loads((tmp_path / "model.json").read_text())["fields"]["parts"]["items"]
    assert {part["fields"]["window"] for part in parts if "window" in part["fields"]} == {8}


@behaviour(
    "CreateSolution",
    "Each hyperparameter has an effect of its own here, told in training/recipes.py",
    APPROXIMATED,
    source="inferred",
)
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, EnsembleSettings(32, 100.0, True)),
        ({"bptt": 5, "hidden_dimension": 149, "recency_mask": False}, EnsembleSettings(5, 100.0, False)),
        ({"hidden_dimension": 32, "recency_mask": True}, EnsembleSettings(32, 465.625, True)),
        ({"apply_recency_bias": False}, EnsembleSettings(32, 100.0, False)),
    ],
)
def test_what_parameters_mean(parameters: dict[str, object], expected: EnsembleSettings) -> None:
    assert ensemble_settings(parameters) == expected


def test_popularity_discount_brings_rare_items(tmp_path: Path, interactions: InteractionTable) -> None:
    """GIVEN a higher discount THEN the neighbours are less popular on average."""
    counts = np.bincount(interactions.item_row, minlength=len(interactions.item_ids))
    popularity = []
    for factor in ("0.0", "1.0"):
        folder = tmp_path / factor
        train(TrainingRequest("aws-sims", hyperparameters={"popularity_discount_factor": factor}), folder, interactions)
        model = load_artifact(folder).model
        top = [np.argsort(-model.scores(Query(item_row=item)), kind="stable")[:5] for item in range(50)]
        popularity.append(counts[np.concatenate(top)].mean())
    assert popularity[0] > popularity[1]


@behaviour(
    "CreateSolutionVersion, PutUsers, GetRecommendations",
    "Somebody new, of whom a record is known, gets what people alike turn to",
    APPROXIMATED,
    source="inferred: AWS's networks read users' metadata",
)
def test_a_record_counts_for_somebody_without_a_history(
    tmp_path: Path, interactions_of: Callable[..., InteractionTable]
) -> None:
    # GIVEN readers of one of two plans, each of whom reads one half of the catalogue
    table, users = halves_by_plan(interactions_of(on_chain=0.0))

    # WHEN somebody new asks THEN it is the half of the plan
    train_solution_version(PERSONALIZATION, table, None, tmp_path, lambda text, done: None, users)
    model = load_artifact(tmp_path).model
    for place, plan in enumerate(("gold", "silver")):
        best = np.argsort(-model.scores(Query(user={"PLAN": plan}, now_epoch_s=table.timestamp_epoch_s.max())))[:10]
        assert (best % 2 == place).all()
