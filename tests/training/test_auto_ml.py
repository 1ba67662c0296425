"""performAutoML: every recipe is trained and measured, the best is kept, and the version says which it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_local.jobs.best_recipe import Progress, train_best
from personalize_local.jobs.solution_version import run
from personalize_local.models.blend import Blend
from personalize_local.store.tables import InteractionTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.training_request import TrainingFailedError, TrainingResult
from personalize_spec.recipes import RECIPES, Recipe
from tests.behaviours import APPROXIMATED, behaviour
from tests.training.test_solution_version_job import job_of, stream

METRIC = "normalized_discounted_cumulative_gain_at_25"
ALL = [RECIPES[name] for name in ("aws-hrnn", "aws-hrnn-metadata", "aws-popularity-count")]


def arn(name: str) -> str:
    return RECIPES[name].arn


def solution_of(world: Any, interactions: InteractionTable, **config: Any) -> str:
    group = world.create_group()
    stream(world, world.create_dataset(group), interactions)
    create = {"name": "auto", "datasetGroupArn": group, "performAutoML": True}
    config = {"solutionConfig": {"autoMLConfig": config}} if config else {}
    return str(world.personalize.create_solution(**create, **config)["solutionArn"])


def finish(world: Any, version_arn: str, result: Mapping[str, Any]) -> None:
    """Make the outcome of a job known, as the queue does."""
    job = world.workspace.jobs.of_resource(version_arn)
    with world.workspace.database.transaction() as connection:
        world.workspace.jobs.delete(connection, job.job_id)
        world.workspace.resources.update(
            connection, version_arn, world.clock.now(), status="ACTIVE", changes=result["resource"]
        )


@behaviour(
    "CreateSolution",
    "performAutoML trains the legacy recipes, or those of autoMLConfig.recipeList, and keeps the best by the metric",
    APPROXIMATED,
    source="documented, contract §4.3: deprecated; other recipes in the list, and NDCG at 25 by default: inferred",
)
@behaviour(
    "DescribeSolution",
    "autoMLResult names the recipe of the newest version of a solution with performAutoML",
    APPROXIMATED,
    source="model; that a version has no recipeArn before it is trained: inferred",
)
def test_the_best_recipe_is_kept_and_described(world: Any, interactions: InteractionTable) -> None:
    # GIVEN a solution that chooses between a popular list and a model of readers
    listed = [arn("aws-popularity-count"), arn("aws-hrnn")]
    solution = solution_of(world, interactions, recipeList=listed, metricName=METRIC)
    told: list[str] = []
    context = job_of(world, solution, told)
    version = context.job.resource_arn
    described = world.personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert described["performAutoML"]
    assert "recipeArn" not in described
    assert "autoMLResult" not in world.personalize.describe_solution(solutionArn=solution)["solution"]

    # WHEN it is trained
    finish(world, version, run(context))

    # THEN the model of readers is kept, and named
    assert {text.split(":")[0] for text in told if ":" in text} == {"aws-popularity-count", "aws-hrnn"}
    described = world.personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert described["recipeArn"] == arn("aws-hrnn")
    solution_described = world.personalize.describe_solution(solutionArn=solution)["solution"]
    assert solution_described["autoMLResult"] == {"bestRecipeArn": arn("aws-hrnn")}
    assert "recipeArn" not in solution_described
    assert isinstance(load_artifact(world.workspace.artifacts.folder(version)).model, Blend)
    metrics = world.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    assert metrics[METRIC] > 0.3

    # THEN it can be deployed
    world.personalize.create_campaign(name="auto", solutionVersionArn=version)


def test_a_version_that_has_not_chosen_cannot_be_deployed(world: Any, interactions: InteractionTable) -> None:
    version = job_of(world, solution_of(world, interactions), []).job.resource_arn
    with pytest.raises(ClientError, match="must be ACTIVE") as refused:
        world.personalize.create_campaign(name="early", solutionVersionArn=version)
    assert refused.value.response["Error"]["Code"] == "ResourceInUseException"


def test_automatic_training_and_updates_know_the_recipes_to_choose_among(
    world: Any, interactions: InteractionTable
) -> None:
    solution = solution_of(world, interactions)
    world.personalize.update_solution(solutionArn=solution, performAutoTraining=True)
    world.settle()
    world.clock.advance(3600)
    world.service.automatic_training.tick()
    (version,) = world.personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert version["trainingType"] == "AUTOMATIC"


class Fake:
    """Trains nothing, and measures what it is told; None is too little data."""

    def __init__(self, measured: list[float | None]) -> None:
        self._measured = dict(zip([recipe.name for recipe in ALL], measured, strict=True))

    def __call__(self, recipe: Recipe, folder: Path, progress: Progress) -> TrainingResult:
        progress("Fitting", 0.5)
        measured = self._measured[recipe.name]
        if measured is None:
            raise TrainingFailedError(f"{recipe.name} has too little data")
        (folder / "model.txt").write_text(recipe.name)
        (folder / "parts").mkdir()
        return TrainingResult({METRIC: measured}, 0.25)


@pytest.mark.parametrize(
    ("measured", "best", "hours"),
    [([0.1, 0.3, 0.2], 1, 0.75), ([0.3, 0.3, 0.1], 0, 0.75), ([None, None, 0.0], 2, 0.25), ([0.1, 0.2, None], 1, 0.5)],
)
def test_the_best_by_the_metric_is_kept_and_nothing_else(
    measured: list[float | None], best: int, hours: float, tmp_path: Path
) -> None:
    told: list[float] = []
    recipe, result = train_best(ALL, METRIC, tmp_path, Fake(measured), lambda text, fraction: told.append(fraction))
    assert (recipe, result.training_hours) == (ALL[best], hours)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.txt", "parts"]
    assert (tmp_path / "model.txt").read_text() == ALL[best].name
    assert told == pytest.approx([1 / 6, 3 / 6, 5 / 6])


def test_no_recipe_that_the_data_allow_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailedError) as failed:
        train_best(ALL, METRIC, tmp_path, Fake([None, None, None]), lambda text, fraction: None)
    assert failed.value.reason == "aws-popularity-count has too little data"
