"""Check the campaigns of a parameter file: those the newspaper's solutions need, and settings their recipe has."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.parameters.entries import campaign_entries, recipe_of, solution_entries
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.recipes import Recipe

_TWINS = {"sims": "similarItems", "similarItems": "sims"}
_ROUTED = "userPersonalization"


def check_campaigns(data: object) -> Iterator[Finding]:
    """List what is wrong with the campaigns beyond their shape."""
    solutions, campaigns = object_at(data, "solutions"), object_at(data, "campaigns")
    for key in CAMPAIGN_OF_SOLUTION:
        yield from _check_pair(key, solutions, campaigns)
    for key, _ in solution_entries(data):
        recipe, is_first = recipe_of(data, key), True
        for path, campaign in campaign_entries(data, key):
            if recipe is not None:
                yield from _check_config(f"{path}.campaignConfig", object_at(campaign, "campaignConfig"), recipe)
            is_routed, is_first = key == _ROUTED and is_first, False
            if not is_routed and "trafficRatio" in campaign:
                text = (
                    f"The API's settings have one row a dataset group, which names the first campaign of {_ROUTED}: "
                    "so this has no effect, remove it. Whoever asks another campaign does so by its ARN."
                )
                yield warning(f"{path}.trafficRatio", text)


def _check_pair(key: str, solutions: dict[str, object], campaigns: dict[str, object]) -> Iterator[Finding]:
    """A campaign goes with the solution of its own key: the older keys together, or the newer ones."""
    campaign = CAMPAIGN_OF_SOLUTION[key]
    path = f"campaigns.{campaign}"
    if key in solutions and campaign not in campaigns and at(solutions, list, key, "campaigns") is None:
        misnamed = _misnamed(key, solutions, campaigns)
        cure = f"rename {misnamed} to {campaign}" if misnamed else f"add {path} with a name"
        yield Finding(path, f"The solution '{key}' has no campaign to serve it: {cure}.")
    elif campaign in campaigns and key not in solutions:
        twin = _TWINS.get(key, "")
        if campaign != _misnamed(twin, solutions, campaigns):
            yield Finding(path, f"There is no solution for this campaign: add solutions.{key}, or remove it.")


def _misnamed(key: str, solutions: dict[str, object], campaigns: dict[str, object]) -> str | None:
    """Give the campaign that has the other name of a solution that lacks its own."""
    twin = _TWINS.get(key)
    if twin is None or key not in solutions or twin in solutions or CAMPAIGN_OF_SOLUTION[key] in campaigns:
        return None
    other = CAMPAIGN_OF_SOLUTION[twin]
    return other if other in campaigns else None


def _check_config(path: str, config: dict[str, object], recipe: Recipe) -> Iterator[Finding]:
    if config.get("itemExplorationConfig") and not recipe.supports_exploration_config:
        text = f"{recipe.name} takes no exploration settings, so these have no effect: remove them."
        yield warning(f"{path}.itemExplorationConfig", text)
    if config.get("rankingInfluence") and not recipe.supports_ranking_influence:
        yield Finding(f"{path}.rankingInfluence", f"{recipe.name} has no rankingInfluence: remove it.")
    if config.get("enableMetadataWithRecommendations") and not recipe.supports_metadata:
        text = f"{recipe.name} gives no columns of Items with its answers: remove this."
        yield Finding(f"{path}.enableMetadataWithRecommendations", text)
    if at(config, bool, "syncWithLatestSolutionVersion"):
        text = (
            "Personalize would then move this campaign to each new version by itself, past the gate and the steps: "
            "remove this, as the pipeline releases each new version."
        )
        yield warning(f"{path}.syncWithLatestSolutionVersion", text)
