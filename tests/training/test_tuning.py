"""Tuning within its ranges, and an objective beside relevance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personalize_local.models.popularity import fit_popularity
from personalize_local.models.query import Query
from personalize_local.models.reader_lift import fit_reader_lift
from personalize_local.models.readers import describe_readers
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.recipes import PREPARE, Fit, Material, Parameters
from personalize_local.training.train import TrainingFailedError, TrainingRequest, train_solution_version
from personalize_local.training.training_request import Objective, Tuning, TuningRange
from personalize_local.training.tuning import METRIC
from tests.training.conftest import halves_by_plan

RANGES = {"bptt": TuningRange(2, 6), "recency_mask": TuningRange(values=("False",))}


def quiet(text: str, fraction: float) -> None:
    """Take progress."""


def test_tuning_stays_in_its_ranges(tmp_path: Path, interactions: InteractionTable) -> None:
    """GIVEN two parameters to tune THEN these are within their ranges or as asked, and the third is as asked."""
    request = TrainingRequest(
        "aws-user-personalization", {"bptt": "32", "hidden_dimension": "64"}, tuning=Tuning(3, RANGES)
    )
    result = train_solution_version(request, interactions, None, tmp_path, quiet)
    assert set(result.tuned) == {"bptt", "hidden_dimension", "recency_mask"}
    assert result.tuned["hidden_dimension"] == "64"
    assert int(result.tuned["bptt"]) in (2, 3, 4, 5, 6, 32)
    again = train_solution_version(request, interactions, None, tmp_path / "again", quiet)
    assert again == replace(result, training_hours=again.training_hours)


def test_what_only_tuning_sets_is_tuned(tmp_path: Path, interactions: InteractionTable, items: MetadataTable) -> None:
    request = TrainingRequest("aws-similar-items", categorical_columns=("COLOUR",), tuning=Tuning(2))
    tuned = train_solution_version(request, interactions, items, tmp_path, quiet).tuned
    assert all(30 <= int(tuned[f"item_{what}_hidden_dim"]) <= 200 for what in ("id", "metadata"))


def test_without_tuning_nothing_is_reported(tmp_path: Path, interactions: InteractionTable) -> None:
    result = train_solution_version(TrainingRequest("aws-sims"), interactions, None, tmp_path, quiet)
    assert result.tuned == {}


def told_by_records(parameters: Parameters, material: Material) -> Fit:
    """Recommend what people alike turn to if a parameter is 3, else what everybody does."""
    if parameters["bptt"] == 3 and material.records:
        readers = describe_readers(material.records, material.sequences.user_count)
        return lambda sequences, content: fit_reader_lift(sequences, readers)
    return lambda sequences, content: fit_popularity(sequences)


def test_trials_know_the_users_records_as_the_training_does(
    tmp_path: Path, interactions_of: Callable[..., InteractionTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN readers of one of two plans, each of whom reads one half of the catalogue
    table, users = halves_by_plan(interactions_of(on_chain=0.0, user_count=600))
    monkeypatch.setitem(PREPARE, "aws-user-personalization", told_by_records)
    request = TrainingRequest("aws-user-personalization", {"bptt": "2"}, tuning=Tuning(2, {"bptt": TuningRange(3, 3)}))

    # WHEN one trial looks at the records and another does not
    result = train_solution_version(request, table, None, tmp_path, quiet, users)
    other = train_solution_version(replace(request, tuning=None), table, None, tmp_path / "other", quiet, users)

    # THEN the one that does is found better, and so do the metrics say that are told
    assert result.tuned["bptt"] == "3"
    assert result.metrics[METRIC] > 1.5 * other.metrics[METRIC]


def mean_value(folder: Path, sensitivity: str, table: InteractionTable, items: MetadataTable) -> float:
    """Give the mean value of what is recommended when values are random, known for most items."""
    values = np.random.default_rng(9).permutation(len(items.ids)).astype(np.float64)
    values[:3] = np.nan
    priced = MetadataTable(items.ids, {**items.columns, "PRICE": values})
    request = TrainingRequest("aws-user-personalization", objective=Objective("price", sensitivity))
    train_solution_version(request, table, priced, folder, quiet)
    model = load_artifact(folder).model
    queries = [Query(), *(Query(table.item_row[25 * user : 25 * user + 9], np.arange(9) * 1000) for user in range(20))]
    return float(np.mean([np.nanmean(values[np.argsort(-model.scores(query))[:10]]) for query in queries]))


def test_the_objective_moves_what_is_recommended(
    tmp_path: Path, interactions: InteractionTable, items: MetadataTable
) -> None:
    """GIVEN a higher sensitivity THEN what is recommended is worth more."""
    found = [mean_value(tmp_path / each, each, interactions, items) for each in ("OFF", "LOW", "MEDIUM", "HIGH")]
    assert found == sorted(found)
    assert found[-1] > found[0] + 5


def test_an_objective_needs_numbers(tmp_path: Path, interactions: InteractionTable, items: MetadataTable) -> None:
    request = TrainingRequest("aws-user-personalization", objective=Objective("COLOUR", "LOW"))
    with pytest.raises(TrainingFailedError) as caught:
        train_solution_version(request, interactions, items, tmp_path, quiet)
    assert "COLOUR is no column of numbers" in caught.value.reason
