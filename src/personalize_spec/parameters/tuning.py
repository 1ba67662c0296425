"""Check a solution's hyperparameter tuning against its recipe.

Source: contract §4.3. The ranges must lie within the recipe's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.names import did_you_mean
from personalize_spec.parameters.finding import Finding, at, join, warning
from personalize_spec.recipes import HyperParameter, Recipe

_RANGES = {
    "integerHyperParameterRanges": "integer",
    "continuousHyperParameterRanges": "continuous",
    "categoricalHyperParameterRanges": "categorical",
}


def check_tuning(path: str, solution: dict[str, object], recipe: Recipe) -> Iterator[Finding]:
    """List what in performHPO and hpoConfig does not go with the recipe."""
    tunes = at(solution, bool, "performHPO")
    if tunes and not recipe.supports_tuning:
        yield Finding(f"{path}.performHPO", f"{recipe.name} has nothing to tune: remove performHPO.")
        return
    config_path = f"{path}.solutionConfig.hpoConfig"
    config = at(solution, dict, "solutionConfig", "hpoConfig")
    if config is None:
        return
    if not tunes:
        yield warning(config_path, 'hpoConfig has no effect without tuning: add "performHPO": true, or remove it.')
    yield from _ranges(f"{config_path}.algorithmHyperParameterRanges", config, recipe)


def _ranges(path: str, config: dict[str, object], recipe: Recipe) -> Iterator[Finding]:
    tunable = {each.name: each for each in recipe.hyperparameters if each.tunable}
    for key, kind in _RANGES.items():
        for index, each in enumerate(at(config, list, "algorithmHyperParameterRanges", key) or []):
            name = at(each, str, "name")
            if name is None:
                continue
            place = join(f"{path}.{key}", index)
            parameter = tunable.get(name)
            if parameter is None:
                yield Finding(f"{place}.name", _unknown(name, tunable, recipe))
            elif parameter.kind != kind:
                yield Finding(place, f"'{name}' is {parameter.kind}: move it to {parameter.kind}HyperParameterRanges.")
            else:
                yield from _range(place, each, parameter)


def _unknown(name: str, tunable: dict[str, HyperParameter], recipe: Recipe) -> str:
    text = f"{recipe.name} has no hyperparameter '{name}' to tune."
    return text + (did_you_mean(name, tunable) or f" It can tune: {', '.join(tunable)}.")


def _range(path: str, data: object, parameter: HyperParameter) -> Iterator[Finding]:
    for index, value in enumerate(at(data, list, "values") or []):
        if isinstance(value, str) and value.casefold() not in {each.casefold() for each in parameter.values}:
            yield Finding(f"{path}.values[{index}]", f"'{value}' is not {parameter.range_text}.")
    low, high = _number(data, "minValue"), _number(data, "maxValue")
    if low is None or high is None or parameter.minimum is None or parameter.maximum is None:
        return
    if low > high:
        yield Finding(f"{path}.minValue", f"minValue {low:g} is above maxValue {high:g}: swap them.")
    if low < parameter.minimum or high > parameter.maximum:
        yield Finding(path, f"'{parameter.name}' must stay {parameter.range_text}.")


def _number(data: object, key: str) -> float | None:
    """Reads whole numbers and others alike."""
    return at(data, int, key) if at(data, float, key) is None else at(data, float, key)
