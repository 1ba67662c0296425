"""Check a solution's hyperparameters and feature parameters against its recipe.

Source: contract §1.5 (maps of strings), §4.1. Refusing unknown names and values out of range is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from personalize_spec.limits import PARAMETER_MAP_MAX_ENTRIES
from personalize_spec.names import describe_type, did_you_mean
from personalize_spec.recipes.recipe import HyperParameter, ParameterValue, Recipe

_PERCENTILE_PAIRS = ("user_history_length_percentile", "hist_length_percentile", "item_interaction_count_percentile")


def check_hyperparameters(recipe: Recipe, values: Mapping[str, object]) -> list[str]:
    """Say what is wrong with `solutionConfig.algorithmHyperParameters`; empty when nothing is."""
    return list(hyperparameter_problems(recipe, values).values())


def check_feature_parameters(recipe: Recipe, values: Mapping[str, object]) -> list[str]:
    """Say what is wrong with `solutionConfig.featureTransformationParameters`; empty when nothing is."""
    return list(feature_parameter_problems(recipe, values).values())


def resolve_hyperparameters(recipe: Recipe, values: Mapping[str, str]) -> dict[str, ParameterValue]:
    """Give every hyperparameter of the recipe its typed value: the one asked for, or the default.

    Errors: ValueError that names the hyperparameter.
    """
    return _resolve("hyperparameter", recipe.hyperparameters, values)


def resolve_feature_parameters(recipe: Recipe, values: Mapping[str, str]) -> dict[str, ParameterValue]:
    """Give every feature parameter of the recipe its typed value: the one asked for, or the default.

    Errors: ValueError that names the feature parameter.
    """
    return _resolve("feature parameter", recipe.feature_parameters, values)


def hyperparameter_problems(recipe: Recipe, values: Mapping[str, object]) -> dict[str, str]:
    """Map the name of each wrong hyperparameter to what to change."""
    return _problems("hyperparameter", recipe.name, recipe.hyperparameters, recipe.feature_parameters, values)


def feature_parameter_problems(recipe: Recipe, values: Mapping[str, object]) -> dict[str, str]:
    """Map the name of each wrong feature parameter to what to change."""
    problems = _problems("feature parameter", recipe.name, recipe.feature_parameters, recipe.hyperparameters, values)
    return problems or _crossed_percentiles(values)


def _resolve(noun: str, known: Iterable[HyperParameter], values: Mapping[str, str]) -> dict[str, ParameterValue]:
    resolved = {}
    for each in known:
        text = values.get(each.name, each.default)
        try:
            resolved[each.name] = each.parse(text)
        except ValueError as error:
            raise ValueError(f"The {noun} '{each.name}' must be {each.range_text}, not '{text}'.") from error
    return resolved


def _problems(
    noun: str,
    recipe_name: str,
    known: tuple[HyperParameter, ...],
    elsewhere: tuple[HyperParameter, ...],
    values: Mapping[str, object],
) -> dict[str, str]:
    by_name = {each.name: each for each in known}
    problems: dict[str, str] = {}
    if len(values) > PARAMETER_MAP_MAX_ENTRIES:
        problems[""] = f"There are {len(values)} {noun}s: at most {PARAMETER_MAP_MAX_ENTRIES} are allowed."
    for name, value in values.items():
        if name not in by_name:
            problems[name] = _unknown(noun, recipe_name, name, by_name, {each.name for each in elsewhere})
        elif problem := _check_value(by_name[name], value):
            problems[name] = f"The {noun} '{name}' of {recipe_name} {problem}"
    return problems


def _unknown(noun: str, recipe_name: str, name: str, known: Mapping[str, object], elsewhere: set[str]) -> str:
    text = f"{recipe_name} has no {noun} '{name}'."
    if name in elsewhere:
        other = "featureTransformationParameters" if noun == "hyperparameter" else "algorithmHyperParameters"
        return f"{text} It belongs in {other}."
    if not known:
        return f"{text} The recipe has none: remove it."
    return text + (did_you_mean(name, known) or f" It has: {', '.join(known)}.")


def _check_value(parameter: HyperParameter, value: object) -> str | None:
    if not isinstance(value, str):
        if isinstance(value, bool | int | float):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return f'must be a string: write "{text}" in quotes.'
        return f"must be a string, not {describe_type(value)}."
    if parameter.hpo_only:
        return "is set by tuning only: remove it here, or give its range in hpoConfig with performHPO true."
    try:
        parameter.parse(value)
    except ValueError:
        return f"must be {parameter.range_text}, not '{value}'."
    return None


def _crossed_percentiles(values: Mapping[str, object]) -> dict[str, str]:
    """Find minimum percentiles that are not below their maximum; values are known to be numbers here."""
    problems = {}
    for suffix in _PERCENTILE_PAIRS:
        low, high = values.get(f"min_{suffix}"), values.get(f"max_{suffix}")
        if low is not None and high is not None and float(str(low)) >= float(str(high)):
            problems[f"min_{suffix}"] = f"min_{suffix} ({low}) must be below max_{suffix} ({high})."
    return problems
