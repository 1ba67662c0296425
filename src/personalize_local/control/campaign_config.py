"""The configuration of a campaign, checked against its recipe.

Source: contract §4.2, §4.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.arns import is_latest
from personalize_spec.errors import InvalidInputException
from personalize_spec.recipes import Recipe

# Lowest and highest value of each key; None has no bound.
EXPLORATION: Mapping[str, tuple[float, float | None]] = {
    "explorationWeight": (0, 1),
    "explorationItemAgeCutOff": (1, None),
}


def check_campaign(recipe: Recipe, config: Mapping[str, Any], version_arn: str) -> None:
    """Check the campaignConfig of a campaign that is to have this recipe.

    Errors: InvalidInputException that names every mistake.
    """
    problems = [
        *exploration_problems(recipe, config.get("item_exploration_config", {})),
        *_others(recipe, config, version_arn),
    ]
    if problems:
        raise InvalidInputException(" ".join(problems))


def exploration_problems(recipe: Recipe, values: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with an itemExplorationConfig, of a campaign or of a recommender."""
    if values and not recipe.supports_exploration_config:
        yield f"The recipe {recipe.name} has no itemExplorationConfig: leave it out."
        return
    for key, text in values.items():
        if key not in EXPLORATION:
            yield f"itemExplorationConfig has no '{key}': it has {' and '.join(EXPLORATION)}."
        elif not _is_within(text, *EXPLORATION[key]):
            low, high = EXPLORATION[key]
            yield f"{key} must be a number from {low:g}{f' to {high:g}' if high is not None else ''}, not '{text}'."


def _is_within(text: str, low: float, high: float | None) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return low <= value and (high is None or value <= high)


def _others(recipe: Recipe, config: Mapping[str, Any], version_arn: str) -> Iterator[str]:
    if not recipe.deployable:
        yield f"The recipe {recipe.name} is for batch work and cannot be deployed on a campaign."
    if config.get("sync_with_latest_solution_version") and not is_latest(version_arn):
        yield "syncWithLatestSolutionVersion needs a solutionVersionArn that ends in /$LATEST."
    if config.get("ranking_influence") and not recipe.supports_ranking_influence:
        yield f"The recipe {recipe.name} has no rankingInfluence: leave it out."
