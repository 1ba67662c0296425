"""The configuration of a solution, checked against its recipe and the datasets of its group.

Source: contract §4.1, §4.3, §3.2 (what needs EVENT_TYPE). That all of it is refused at once: inferred.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from personalize_local.control.training_columns import INCLUDED, column_problems
from personalize_local.control.tuning_config import tuning_problems
from personalize_local.training.refused import refused_parameters
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import TRAINING_SCHEDULE_MAX_DAYS
from personalize_spec.names import did_you_mean
from personalize_spec.recipes import Recipe, check_feature_parameters, check_hyperparameters
from personalize_spec.schemas import DatasetSchema

Schemas = Mapping[str, DatasetSchema]
_SCHEDULE = re.compile(r"rate\((\d+) days?\)")


def check_solution(recipe: Recipe, request: Mapping[str, Any]) -> None:
    """Check a CreateSolution request as far as its recipe tells.

    Errors: InvalidInputException that names every mistake.
    """
    config = request.get("solution_config", {})
    _refuse([problem for check in _CHECKS for problem in check(recipe, request, config)])


def check_solution_data(recipe: Recipe, request: Mapping[str, Any], schemas: Schemas) -> None:
    """Check a CreateSolution request against the schemas of its group's datasets, by type in upper case.

    Errors: InvalidInputException that names every mistake.
    """
    config = request.get("solution_config", {})
    _refuse(
        [
            *_event_columns(request, config, schemas),
            *_objective_column(config, schemas),
            *column_problems(config, schemas),
            *_item_texts(recipe, schemas),
        ]
    )


def check_solution_update(recipe: Recipe, solution: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Check the solutionUpdateConfig of an UpdateSolution request; `solution` has the members that stay.

    Errors: InvalidInputException that names every mistake.
    """
    kept = {"event_value_threshold", "events_config"} & solution.get("solution_config", {}).keys()
    merged = {name: solution["solution_config"][name] for name in kept} | dict(config)
    problems = [*_schedule(recipe, {}, config)]
    if "events_config" in config:
        problems.extend(_events_config(recipe, solution, merged))
    _refuse(problems)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise InvalidInputException(" ".join(problems))


def _parameters(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    given = config.get("feature_transformation_parameters", {})
    yield from check_hyperparameters(recipe, config.get("algorithm_hyper_parameters", {}))
    problems = list(check_feature_parameters(recipe, given))
    yield from problems or refused_parameters(recipe, given)


def _threshold(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    threshold = config.get("event_value_threshold")
    if threshold is None:
        return
    if "event_type" not in request:
        yield "eventValueThreshold needs an eventType."
    if not _is_number(threshold):
        yield f"eventValueThreshold must be a number, not '{threshold}'."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _events_config(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if "events_config" not in config:
        return
    if not recipe.supports_events_config:
        yield f"The recipe {recipe.name} has no eventsConfig."
    if "event_type" in request or "event_value_threshold" in config:
        yield "eventsConfig cannot be combined with eventType and eventValueThreshold."


def _objective(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if "optimization_objective" in config and not recipe.supports_objective:
        yield f"The recipe {recipe.name} has no optimizationObjective."


def _included(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    included = config.get("training_data_config", {}).get(INCLUDED)
    if included and not recipe.supports_included_columns:
        yield f"The recipe {recipe.name} has no includedDatasetColumns: name what to leave out."


def _incremental(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if request.get("perform_incremental_update") and not recipe.supports_incremental_update:
        yield f"The recipe {recipe.name} has no incremental update: leave performIncrementalUpdate out."


def _schedule(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    expression = config.get("auto_training_config", {}).get("scheduling_expression")
    match = _SCHEDULE.fullmatch(expression) if expression else None
    if match and not 1 <= int(match[1]) <= TRAINING_SCHEDULE_MAX_DAYS:
        yield f"schedulingExpression must be 1 to {TRAINING_SCHEDULE_MAX_DAYS} days, not {match[1]}."


def _event_columns(request: Mapping[str, Any], config: Mapping[str, Any], schemas: Schemas) -> Iterator[str]:
    needs = {
        "eventType": ("event_type" in request, "EVENT_TYPE"),
        "eventsConfig": ("events_config" in config, "EVENT_TYPE"),
        "eventValueThreshold": ("event_value_threshold" in config, "EVENT_VALUE"),
    }
    schema = schemas.get("INTERACTIONS")
    for member, (is_given, column) in needs.items():
        if is_given and (schema is None or schema.field(column) is None):
            yield f"{member} needs a column {column} in the schema of the Interactions dataset."


def _objective_column(config: Mapping[str, Any], schemas: Schemas) -> Iterator[str]:
    name = config.get("optimization_objective", {}).get("item_attribute")
    if name is None:
        return
    schema = schemas.get("ITEMS")
    field = schema.field(name) if schema else None
    if field is None:
        hint = did_you_mean(name, schema.columns) if schema else " There is no Items dataset."
        yield f"The itemAttribute '{name}' is no column of the Items dataset.{hint}"
    elif not field.is_numeric or field.nullable:
        yield f"The itemAttribute '{name}' must be a column of numbers that is never null."


def _item_texts(recipe: Recipe, schemas: Schemas) -> Iterator[str]:
    if not recipe.needs_item_texts:
        return
    fields = schemas["ITEMS"].fields if "ITEMS" in schemas else ()
    if not any(field.item_name for field in fields) or not any(field.textual for field in fields):
        yield (
            f'The recipe {recipe.name} needs a column with "itemName": true and one with "textual": true in the '
            "schema of the Items dataset."
        )


_Check = Callable[[Recipe, Mapping[str, Any], Mapping[str, Any]], Iterator[str]]
_CHECKS: tuple[_Check, ...] = (
    *(_parameters, _threshold, _events_config, _objective, _included, _incremental, tuning_problems, _schedule),
)
