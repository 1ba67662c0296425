"""Train a solution version: read its dataset group's data, train, and put the artifact in place.

The artifact lies under the version's name before its status says ACTIVE; a training that is interrupted runs again and
replaces it. Result: `metrics` for GetSolutionMetrics, `training_hours`, and the recipe, which performAutoML has chosen,
as members of the resource.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from personalize_local.jobs.best_recipe import Progress, train_best
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.settings import Settings
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.jobs.training_columns import ADDED_COLUMNS, Source, trained_fields, trained_table
from personalize_local.spread.settings import spread_of
from personalize_local.store.resources import Resource
from personalize_local.store.tables import InteractionTable, MetadataTable, empty_interactions
from personalize_local.store.workspace import Workspace
from personalize_local.training.action_training import train_actions
from personalize_local.training.item_content import CREATION_TIMESTAMP
from personalize_local.training.train import TrainingFailedError, train_solution_version
from personalize_local.training.training_request import (
    UPDATE,
    EventRule,
    Objective,
    TrainingRequest,
    TrainingResult,
    Tuning,
    TuningRange,
)
from personalize_spec.errors import PersonalizeException
from personalize_spec.recipes import Recipe
from personalize_spec.recipes.auto_ml import metric_of, recipes_of, trainable
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS
from personalize_spec.schemas import Field, parse_schema

INTERACTIONS = "INTERACTIONS"
ITEMS = "ITEMS"
USERS = "USERS"
TUNED = "tuned_hpo_params"


def run(context: JobContext) -> dict[str, Any]:
    """Train the version that the payload names.

    Errors: JobFailedError with the failureReason.
    """
    workspace = context.workspace
    version = _existing(workspace, context.payload["solution_version_arn"])
    try:
        sources = find_sources(workspace, version.body["dataset_group_arn"])
        recipes = recipes_of(version.body)
        recipes = trainable(recipes, sources) or recipes[:1]
        context.report("Reading the data", 0.0)
        recipe, result = train_best(
            recipes,
            metric_of(version.body),
            workspace.artifacts.stage(version.arn),
            lambda *asked: _train(workspace, version, sources, *asked),
            context.report,
        )
    except TrainingFailedError as error:
        raise JobFailedError(error.reason) from error
    except PersonalizeException as error:
        raise JobFailedError(error.message) from error
    workspace.artifacts.publish(version.arn)
    members: dict[str, Any] = {
        "metrics": result.metrics,
        "training_hours": result.training_hours,
        "recipe_arn": recipe.arn,
    }
    if result.tuned:
        members[TUNED] = {"algorithm_hyper_parameters": result.tuned}
    return {"resource": members}


def _train(
    workspace: Workspace,
    version: Resource,
    sources: Mapping[str, Source],
    recipe: Recipe,
    folder: Path,
    progress: Progress,
) -> TrainingResult:
    """Read what a recipe trains on, and train with it into a folder."""
    solution = _existing(workspace, str(version.parent_arn))
    chosen = version.body.get("solution_config") or {}, solution.created_at.timestamp()
    fields, contexts = item_fields(sources, *chosen), context_columns(recipe, sources, *chosen)
    interactions, items = read_tables(workspace, recipe, sources, fields, contexts)
    request = make_request(recipe, version.body, fields, contexts)
    if recipe.recipe_type == PERSONALIZED_ACTIONS:
        return train_actions(request, interactions, *read_action_tables(workspace, sources), folder, progress)
    users = read_users(workspace, recipe, sources, *chosen)
    former = _former(workspace, version) if request.training_mode == UPDATE else None
    if former is not None:
        request = _as_tuned(request, former)
    former_folder = None if former is None else workspace.artifacts.folder(former.arn)
    return train_solution_version(
        request, interactions, items, folder, progress, users, former_folder, spread_of(os.environ)
    )


def _former(workspace: Workspace, version: Resource) -> Resource | None:
    """Find the newest version of the same solution that is ACTIVE; None when there is none any more."""
    versions = workspace.resources.list("solution-version", parent_arn=version.parent_arn)
    trained = [each for each in versions if each.status == ACTIVE and each.arn != version.arn]
    return trained[-1] if trained else None  # they are listed oldest first


def _as_tuned(request: TrainingRequest, former: Resource) -> TrainingRequest:
    """Take over what the former version's tuning found; an update does not tune again (inferred)."""
    tuned = (former.body.get(TUNED) or {}).get("algorithm_hyper_parameters")
    return replace(request, hyperparameters=tuned or request.hyperparameters, tuning=None)


def find_sources(workspace: Workspace, dataset_group_arn: str) -> dict[str, Source]:
    """Give the datasets of a group by type, upper case, with their schemas."""
    datasets = workspace.resources.list("dataset", parent_arn=dataset_group_arn)
    return {
        str(dataset.body["dataset_type"]).upper(): Source(
            dataset.arn,
            parse_schema(_existing(workspace, dataset.body["schema_arn"]).body["schema"]),
            dataset.body.get(ADDED_COLUMNS, {}),
        )
        for dataset in datasets
    }


def item_fields(
    sources: Mapping[str, Source], config: Mapping[str, Any], chosen_at_epoch_s: float | None
) -> list[Field]:
    """Give the fields of the items that a training may use: none without such a dataset."""
    items = sources.get(ITEMS)
    return [] if items is None else trained_fields(ITEMS, items, config, chosen_at_epoch_s)


def read_tables(
    workspace: Workspace,
    recipe: Recipe,
    sources: Mapping[str, Source],
    fields: Sequence[Field],
    contexts: tuple[str, ...] = (),
) -> tuple[InteractionTable, MetadataTable | None]:
    """Read what the recipe trains on: interactions, and items when the recipe looks at them and there is a dataset.

    Args: fields: those of the items that may be used. contexts: the interactions' columns of context.
    """
    interactions, items = sources.get(INTERACTIONS), sources.get(ITEMS)
    table = empty_interactions()
    if interactions is not None:
        table = workspace.datasets.read_interactions(interactions.arn, interactions.schema, contexts)
    if items is None or ITEMS not in (*recipe.required_datasets, *recipe.optional_datasets):
        return table, None
    return table, trained_table(workspace.datasets.read_items(items.arn, items.schema), fields)


def read_users(
    workspace: Workspace,
    recipe: Recipe,
    sources: Mapping[str, Source],
    config: Mapping[str, Any],
    chosen_at_epoch_s: float | None,
) -> MetadataTable | None:
    """Read the users' records, when the recipe looks at them and there is a dataset."""
    users = sources.get(USERS)
    if users is None or USERS not in (*recipe.required_datasets, *recipe.optional_datasets):
        return None
    fields = trained_fields(USERS, users, config, chosen_at_epoch_s)
    return trained_table(workspace.datasets.read_users(users.arn, users.schema), fields)


def context_columns(
    recipe: Recipe, sources: Mapping[str, Source], config: Mapping[str, Any], chosen_at_epoch_s: float | None
) -> tuple[str, ...]:
    """Give the interactions' columns of context that a training may use: categorical, not reserved.

    Source: contract §3.2, §4.5.
    """
    interactions = sources.get(INTERACTIONS)
    if interactions is None or not recipe.supports_context:
        return ()
    own = {field.name for field in interactions.schema.metadata_fields(INTERACTIONS)}
    fields = trained_fields(INTERACTIONS, interactions, config, chosen_at_epoch_s)
    return tuple(field.name for field in fields if field.categorical and field.name in own)


def read_action_tables(workspace: Workspace, sources: Mapping[str, Source]) -> tuple[MetadataTable, InteractionTable]:
    """Read the actions, and what users did with them: nothing when there is no such dataset."""
    actions, outcomes = sources["ACTIONS"], sources.get("ACTION_INTERACTIONS")
    table = workspace.datasets.read_actions(actions.arn, actions.schema)
    if outcomes is None:
        return table, empty_interactions()
    return table, workspace.datasets.read_action_interactions(outcomes.arn, outcomes.schema)


def make_request(
    recipe: Recipe, body: Mapping[str, Any], fields: Sequence[Field], contexts: tuple[str, ...] = ()
) -> TrainingRequest:
    """Put together what to train from the version's resource and the columns of items and contexts that may be used."""
    config = body.get("solution_config") or {}
    threshold = config.get("event_value_threshold")
    settings = Settings.from_environment()
    return TrainingRequest(
        recipe_name=recipe.name,
        hyperparameters=config.get("algorithm_hyper_parameters") or {},
        feature_parameters=config.get("feature_transformation_parameters") or {},
        event_type=body.get("event_type"),
        event_value_threshold=None if threshold is None else float(threshold),
        event_rules=tuple(_rules(config)),
        categorical_columns=tuple(field.name for field in fields if field.categorical),
        textual_columns=tuple(field.name for field in fields if field.textual),
        numeric_columns=tuple(field.name for field in fields if field.is_numeric and field.name != CREATION_TIMESTAMP),
        context_columns=contexts,
        objective=_objective(config.get("optimization_objective") or {}),
        tuning=_tuning(config.get("hpo_config") or {}) if body.get("perform_hpo") else None,
        training_mode=body.get("training_mode", "FULL"),
        sequence_layer=settings.sequence_layer,
        text_embedder=settings.text_embedder,
    )


def _objective(config: Mapping[str, Any]) -> Objective | None:
    """Read optimizationObjective; without a sensitivity it is OFF (inferred)."""
    column = config.get("item_attribute")
    return None if column is None else Objective(column, config.get("objective_sensitivity", "OFF"))


def _tuning(config: Mapping[str, Any]) -> Tuning:
    """Read hpoConfig: the number of trials, and the ranges of all three lists by name."""
    count = (config.get("hpo_resource_config") or {}).get("max_number_of_training_jobs")
    lists = (config.get("algorithm_hyper_parameter_ranges") or {}).values()
    ranges = {
        each["name"]: TuningRange(each.get("min_value"), each.get("max_value"), tuple(each.get("values", ())))
        for entries in lists
        for each in entries
    }
    return Tuning(ranges=ranges) if count is None else Tuning(int(count), ranges)


def _rules(config: Mapping[str, Any]) -> Iterable[EventRule]:
    """Give the events of eventsConfig; a weight left out counts as 1."""
    for rule in (config.get("events_config") or {}).get("event_parameters_list") or ():
        threshold, weight = rule.get("event_value_threshold"), rule.get("weight")
        yield EventRule(
            event_type=rule["event_type"],
            threshold=None if threshold is None else float(threshold),
            weight=1.0 if weight is None else float(weight),
        )


def _existing(workspace: Workspace, arn: str) -> Resource:
    resource = workspace.resources.get(arn)
    if resource is None:
        raise JobFailedError(f"Resource Arn {arn} does not exist.")
    return resource
