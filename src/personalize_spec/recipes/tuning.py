"""Check what hyperparameter tuning may vary against the recipe's own ranges.

Source: contract §4.1 (which parameters are tunable, their ranges), §4.3 (a range lies within the default one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from personalize_spec.names import did_you_mean
from personalize_spec.recipes.recipe import HyperParameter, Recipe


def range_problems(
    recipe: Recipe,
    kind: str,
    name: str,
    minimum: float | None = None,
    maximum: float | None = None,
    values: Iterable[str] = (),
) -> Iterator[str]:
    """Say what is wrong with one range to tune over; `kind` is that of the list it stands in, such as "integer"."""
    tunable = {each.name: each for each in recipe.hyperparameters if each.tunable}
    parameter = tunable.get(name)
    if parameter is None:
        hint = did_you_mean(name, tunable) or f" It can tune: {', '.join(tunable)}."
        yield f"The recipe {recipe.name} has no hyperparameter '{name}' to tune.{hint}"
    elif parameter.kind != kind:
        yield f"'{name}' is {parameter.kind}: move it to {parameter.kind}HyperParameterRanges."
    else:
        yield from _bound_problems(parameter, minimum, maximum)
        yield from _value_problems(parameter, values)


def _bound_problems(parameter: HyperParameter, minimum: float | None, maximum: float | None) -> Iterator[str]:
    if minimum is not None and maximum is not None and minimum > maximum:
        yield f"The range of '{parameter.name}' has a minValue {minimum:g} above its maxValue {maximum:g}: swap them."
    low, high = parameter.minimum, parameter.maximum
    outside = (minimum is not None and low is not None and minimum < low) or (
        maximum is not None and high is not None and maximum > high
    )
    if outside:
        yield f"The range of '{parameter.name}' must stay {parameter.range_text}."


def _value_problems(parameter: HyperParameter, values: Iterable[str]) -> Iterator[str]:
    known = {each.casefold() for each in parameter.values}
    for value in values:
        if known and value.casefold() not in known:
            yield f"'{parameter.name}' must be {parameter.range_text}, not '{value}'."
