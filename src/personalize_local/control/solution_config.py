"""The configuration of a solution, checked against its recipe.

Source: contract §4.1, §4.3. That wrong parameters are refused at once: inferred.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import TRAINING_SCHEDULE_MAX_DAYS
from personalize_spec.recipes import Recipe, check_feature_parameters, check_hyperparameters

_SCHEDULE = re.compile(r"rate\((\d+) days?\)")


def check_solution(recipe: Recipe, request: Mapping[str, Any]) -> None:
    """Check a CreateSolution request.

    Errors: InvalidInputException that names every mistake.
    """
    config = request.get("solution_config", {})
    problems = [problem for check in _CHECKS for problem in check(recipe, request, config)]
    if problems:
        raise InvalidInputException(" ".join(problems))


def check_solution_update(recipe: Recipe, config: Mapping[str, Any]) -> None:
    """Check the solutionUpdateConfig of an UpdateSolution request.

    Errors: InvalidInputException that names every mistake.
    """
    problems = [*_schedule({}, {}, config), *_events_config(recipe, {}, config)]
    if problems:
        raise InvalidInputException(" ".join(problems))


def _parameters(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    yield from check_hyperparameters(recipe, config.get("algorithm_hyper_parameters", {}))
    yield from check_feature_parameters(recipe, config.get("feature_transformation_parameters", {}))


def _threshold(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    threshold = config.get("event_value_threshold")
    if threshold is None:
        return
    if "event_type" not in request:
        yield "eventValueThreshold needs an eventType."
    try:
        float(threshold)
    except ValueError:
        yield f"eventValueThreshold must be a number, not '{threshold}'."


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


def _columns(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    training = config.get("training_data_config", {})
    if "excluded_dataset_columns" in training and "included_dataset_columns" in training:
        yield "Give excludedDatasetColumns or includedDatasetColumns, not both."


def _tuning(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if request.get("perform_hpo") and not recipe.supports_tuning:
        yield f"The recipe {recipe.name} cannot be tuned: leave performHPO out."


def _schedule(recipe: Any, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    expression = config.get("auto_training_config", {}).get("scheduling_expression")
    match = _SCHEDULE.fullmatch(expression) if expression else None
    if match and not 1 <= int(match[1]) <= TRAINING_SCHEDULE_MAX_DAYS:
        yield f"schedulingExpression must be 1 to {TRAINING_SCHEDULE_MAX_DAYS} days, not {match[1]}."


_Check = Callable[[Recipe, Mapping[str, Any], Mapping[str, Any]], Iterator[str]]
_CHECKS: tuple[_Check, ...] = (_parameters, _threshold, _events_config, _objective, _columns, _tuning, _schedule)
