"""Check what a solution trains on: hyperparameters, events, columns, the objective, the schedule.

Source: contract §4.1, §4.3. Refusing settings that a recipe does not have is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from personalize_spec.limits import TRAINING_SCHEDULE_MAX_DAYS
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.finding import Finding, at, join, object_at, warning
from personalize_spec.recipes import Recipe, feature_parameter_problems, hyperparameter_problems

_ALWAYS_TRAINED = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE")


def check_training(path: str, solution: dict[str, object], recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    """List what in the solution does not go with its recipe or its datasets."""
    config_path = f"{path}.solutionConfig"
    config = object_at(solution, "solutionConfig")
    yield from _parameters(config_path, config, recipe)
    yield from _event_type(path, solution, datasets)
    yield from _event_value(config_path, config, solution, datasets)
    yield from _events_config(config_path, config, solution, recipe)
    yield from _objective(f"{config_path}.optimizationObjective", config, recipe, datasets)
    yield from check_columns(f"{config_path}.trainingDataConfig", config, recipe, datasets)
    yield from _schedule(config_path, config, solution)
    if at(solution, bool, "performIncrementalUpdate") and not recipe.supports_incremental_update:
        yield Finding(f"{path}.performIncrementalUpdate", f"{recipe.name} has no incremental update: remove it.")


def _parameters(path: str, config: dict[str, object], recipe: Recipe) -> Iterator[Finding]:
    problems_of = {
        "algorithmHyperParameters": hyperparameter_problems,
        "featureTransformationParameters": feature_parameter_problems,
    }
    for key, problems in problems_of.items():
        for name, message in problems(recipe, object_at(config, key)).items():
            yield Finding(join(f"{path}.{key}", name) if name else f"{path}.{key}", message)


def _has_column(datasets: Datasets, dataset_type: str, column: str) -> bool:
    """Tell whether a dataset has a column; yes where its schema cannot be read, as nothing can be said then."""
    schema = datasets.schemas.get(dataset_type)
    return datasets.is_unreadable(dataset_type) or (schema is not None and schema.field(column) is not None)


def _event_type(path: str, solution: dict[str, object], datasets: Datasets) -> Iterator[Finding]:
    if at(solution, str, "eventType") and not _has_column(datasets, "INTERACTIONS", "EVENT_TYPE"):
        text = "The Interactions schema has no EVENT_TYPE column to choose by: add the column, or remove eventType."
        yield Finding(f"{path}.eventType", text)


def _event_value(
    path: str, config: dict[str, object], solution: dict[str, object], datasets: Datasets
) -> Iterator[Finding]:
    path = f"{path}.eventValueThreshold"
    if at(config, str, "eventValueThreshold") is None:
        return
    if not at(solution, str, "eventType"):
        yield Finding(path, "A threshold needs the type of event it is for: add eventType to the solution.")
    if not _has_column(datasets, "INTERACTIONS", "EVENT_VALUE"):
        yield Finding(path, "The Interactions schema has no EVENT_VALUE column: add the column, or remove this.")


def _events_config(
    path: str, config: dict[str, object], solution: dict[str, object], recipe: Recipe
) -> Iterator[Finding]:
    if "eventsConfig" not in config:
        return
    path = f"{path}.eventsConfig"
    if not recipe.supports_events_config:
        yield Finding(path, f"{recipe.name} takes no eventsConfig: remove it, or choose a recipe of version 2.")
    elif "eventType" in solution or "eventValueThreshold" in config:
        yield Finding(path, "eventsConfig replaces eventType and eventValueThreshold: keep one of the two ways.")


def _objective(path: str, config: dict[str, object], recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    if "optimizationObjective" not in config:
        return
    if not recipe.supports_objective:
        yield Finding(path, f"{recipe.name} has no optimizationObjective: remove it.")
        return
    attribute = at(config, str, "optimizationObjective", "itemAttribute")
    if attribute is None or datasets.is_unreadable("ITEMS"):
        return
    schema = datasets.schemas.get("ITEMS")
    column = schema.field(attribute) if schema else None
    path = f"{path}.itemAttribute"
    if column is None:
        hint = did_you_mean(attribute, schema.columns) if schema else " There is no Items dataset."
        yield Finding(path, f"The Items schema has no column '{attribute}'.{hint}")
    elif not column.is_numeric or column.nullable:
        yield Finding(path, f"'{attribute}' must be a number and never null: choose another column of Items.")


def check_columns(path: str, config: dict[str, object], recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the columns that a solution or a recommender is trained on."""
    chosen = object_at(config, "trainingDataConfig")
    if "includedDatasetColumns" in chosen and not recipe.supports_included_columns:
        text = f"{recipe.name} cannot name the columns it trains on: use excludedDatasetColumns."
        yield Finding(f"{path}.includedDatasetColumns", text)
    for key in ("excludedDatasetColumns", "includedDatasetColumns"):
        columns_of = object_at(chosen, key)
        for dataset_type in columns_of:
            columns = [each for each in at(columns_of, list, dataset_type) or [] if isinstance(each, str)]
            yield from _column_list(join(f"{path}.{key}", dataset_type), dataset_type.upper(), columns, datasets)


def _column_list(path: str, dataset_type: str, columns: list[str], datasets: Datasets) -> Iterator[Finding]:
    if dataset_type not in datasets.declared:
        yield Finding(path, "There is no such dataset in the file: remove its columns here.")
        return
    for index, column in enumerate(columns):
        if column.upper() in _ALWAYS_TRAINED:
            yield Finding(join(path, index), f"{column} is always trained on: remove it here.")
        elif not _has_column(datasets, dataset_type, column):
            hint = did_you_mean(column, datasets.schemas[dataset_type].columns)
            yield Finding(join(path, index), f"The schema has no column '{column}'.{hint}")


def _schedule(path: str, config: dict[str, object], solution: dict[str, object]) -> Iterator[Finding]:
    expression = at(config, str, "autoTrainingConfig", "schedulingExpression")
    days = re.fullmatch(r"rate\((\d+) days?\)", expression or "")
    path = f"{path}.autoTrainingConfig.schedulingExpression"
    if days and not 1 <= int(days[1]) <= TRAINING_SCHEDULE_MAX_DAYS:
        yield Finding(path, f"A solution trains every 1 to {TRAINING_SCHEDULE_MAX_DAYS} days, not every {days[1]}.")
    if expression and not at(solution, bool, "performAutoTraining"):
        yield warning(path, 'The schedule has no effect without performAutoTraining: add "performAutoTraining": true.')
