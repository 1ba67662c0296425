"""The job of a solution version: from the data of a dataset group to an artifact in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.solution_version import make_request, run
from personalize_local.store.events import StreamedEvent
from personalize_local.store.tables import InteractionTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.training_request import EventRule, Objective, TrainingResult, Tuning, TuningRange
from personalize_spec.recipes import RECIPES


def stream(world: Any, dataset_arn: str, table: InteractionTable) -> None:
    """Put a table into a dataset as streamed events."""
    rows = zip(table.user_row, table.item_row, table.timestamp_epoch_s, table.event_type, strict=True)
    events = [
        StreamedEvent(
            session_id=f"s{user}",
            event_type=table.event_types[kind],
            sent_at_epoch_s=int(epoch_s),
            user_id=table.user_ids[user],
            item_id=table.item_ids[item],
        )
        for user, item, epoch_s, kind in rows
    ]
    world.workspace.events.append(dataset_arn, events)


def job_of(world: Any, solution_arn: str, told: list[str]) -> JobContext:
    """Create a solution version, and give what its job gets."""
    arn = world.personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
    job = world.workspace.jobs.of_resource(arn)
    return JobContext(world.workspace, job, job.payload, lambda text, fraction: told.append(text))


def test_trains_what_was_streamed(world: Any, interactions: InteractionTable) -> None:
    group = world.create_group()
    stream(world, world.create_dataset(group), interactions)
    items = world.create_dataset(group, "Items")
    world.workspace.records.put(items, [("a-new-article", {"CATEGORY": "arts"})])
    told: list[str] = []
    context = job_of(world, world.create_solution(group), told)
    result = run(context)
    assert result["resource"]["metrics"]["normalized_discounted_cumulative_gain_at_10"] > 0.3
    assert result["resource"]["training_hours"] > 0
    assert told[0] == "Reading the data"
    artifact = load_artifact(world.workspace.artifacts.folder(context.job.resource_arn))
    assert "a-new-article" in artifact.item_row
    assert len(artifact.item_ids) == 61


def test_an_interrupted_training_runs_again(world: Any, interactions: InteractionTable) -> None:
    """GIVEN what a killed worker left in the staging folder THEN the next attempt's artifact has nothing of it."""
    group = world.create_group()
    stream(world, world.create_dataset(group), interactions)
    context = job_of(world, world.create_solution(group), [])
    left: Path = world.workspace.artifacts.stage(context.job.resource_arn) / "half.npy"
    left.write_bytes(b"half")
    run(context)
    run(context)
    folder = world.workspace.artifacts.folder(context.job.resource_arn)
    assert not (folder / "half.npy").exists()
    assert load_artifact(folder).item_ids[0] == "item-000"


def test_too_little_data_is_a_failure_reason(world: Any) -> None:
    group = world.create_group()
    world.create_dataset(group)
    with pytest.raises(JobFailedError) as failed:
        run(job_of(world, world.create_solution(group), []))
    assert failed.value.reason == "Dataset has fewer than 1000 interactions"


def test_the_request_has_the_solution_s_configuration() -> None:
    recipe = RECIPES["aws-user-personalization-v2"]
    parameters = [
        {"event_type": "Read", "event_value_threshold": "0.5", "weight": 0.8},
        {"event_type": "View"},
    ]
    config = {
        "algorithm_hyper_parameters": {"apply_recency_bias": "false"},
        "events_config": {"event_parameters_list": parameters},
    }
    request = make_request(recipe, {"solution_config": config, "training_mode": "FULL"}, [])
    assert request.hyperparameters == {"apply_recency_bias": "false"}
    assert request.rules() == (EventRule("Read", 0.5, 0.8), EventRule("View", None, 1.0))


def test_one_event_type_alone() -> None:
    body = {"event_type": "watch", "solution_config": {"event_value_threshold": "3"}}
    request = make_request(RECIPES["aws-user-personalization"], body, [])
    assert request.rules() == (EventRule("watch", 3.0),)


def test_tuning_and_objective_reach_the_training() -> None:
    recipe = RECIPES["aws-user-personalization"]
    ranges = {
        "integer_hyper_parameter_ranges": [{"name": "bptt", "min_value": 4, "max_value": 8}],
        "continuous_hyper_parameter_ranges": [],
        "categorical_hyper_parameter_ranges": [{"name": "recency_mask", "values": ["True"]}],
    }
    config = {
        "optimization_objective": {"item_attribute": "PRICE", "objective_sensitivity": "LOW"},
        "hpo_config": {
            "hpo_resource_config": {"max_number_of_training_jobs": "3"},
            "algorithm_hyper_parameter_ranges": ranges,
        },
    }
    request = make_request(recipe, {"solution_config": config, "perform_hpo": True}, [], ("DEVICE",))
    assert request.objective == Objective("PRICE", "LOW")
    assert request.tuning == Tuning(3, {"bptt": TuningRange(4, 8), "recency_mask": TuningRange(values=("True",))})
    assert request.context_columns == ("DEVICE",)
    assert make_request(recipe, {"solution_config": config}, []).tuning is None


def test_an_update_takes_over_the_tuning_of_the_newest_active_version(
    world: Any, interactions: InteractionTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WHEN the newest version has failed THEN the one before it is gone on from, with what its tuning found."""
    group = world.create_group()
    stream(world, world.create_dataset(group), interactions)
    solution = world.create_solution(group)
    arns = []
    for status in ("ACTIVE", "ACTIVE", "CREATE FAILED"):
        arns.append(job_of(world, solution, []).job.resource_arn)
        tuned = {"tuned_hpo_params": {"algorithm_hyper_parameters": {"bptt": str(len(arns) + 2)}}}
        with world.workspace.database.transaction() as connection:
            now = world.service.clock.now()
            world.workspace.resources.update(connection, arns[-1], now, status=status, changes=tuned)
    asked: list[Any] = []

    def noted(request: Any, *others: Any) -> TrainingResult:
        asked.extend((request, others[5]))
        return TrainingResult({}, 0.001)

    monkeypatch.setattr("personalize_local.jobs.solution_version.train_solution_version", noted)
    arn = world.personalize.create_solution_version(solutionArn=solution, trainingMode="UPDATE")["solutionVersionArn"]
    job = world.workspace.jobs.of_resource(arn)
    run(JobContext(world.workspace, job, job.payload, lambda text, fraction: None))
    assert asked[0].hyperparameters["bptt"] == "4"
    assert asked[1] == world.workspace.artifacts.folder(arns[1])
