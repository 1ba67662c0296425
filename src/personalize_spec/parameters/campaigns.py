"""Check the campaigns of a parameter file: one for each solution, with settings its recipe has."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.solutions import recipe_of
from personalize_spec.recipes import Recipe

_TWINS = {"sims": "similarItems", "similarItems": "sims"}


def check_campaigns(data: object) -> Iterator[Finding]:
    """List what is wrong with the campaigns beyond their shape, and with the retraining of their solution."""
    solutions, campaigns = object_at(data, "solutions"), object_at(data, "campaigns")
    for kind, campaign in CAMPAIGN_OF_SOLUTION.items():
        yield from _check_pair(kind, solutions, campaigns)
        recipe = recipe_of(data, kind)
        if recipe is not None:
            yield from _check_config(f"campaigns.{campaign}.campaignConfig", campaigns, campaign, recipe)
    yield from _check_training_mode(data)


def _check_pair(kind: str, solutions: dict[str, object], campaigns: dict[str, object]) -> Iterator[Finding]:
    """A campaign goes with the solution of its own key: the older keys together, or the newer ones."""
    campaign = CAMPAIGN_OF_SOLUTION[kind]
    path = f"campaigns.{campaign}"
    if kind in solutions and campaign not in campaigns:
        misnamed = _misnamed(kind, solutions, campaigns)
        cure = f"rename {misnamed} to {campaign}" if misnamed else f"add {path} with a name"
        yield Finding(path, f"The solution '{kind}' has no campaign to serve it: {cure}.")
    elif campaign in campaigns and kind not in solutions:
        twin = _TWINS.get(kind, "")
        if campaign != _misnamed(twin, solutions, campaigns):
            yield Finding(path, f"There is no solution for this campaign: add solutions.{kind}, or remove it.")


def _misnamed(kind: str, solutions: dict[str, object], campaigns: dict[str, object]) -> str | None:
    """Give the campaign that has the other name of a solution that lacks its own."""
    twin = _TWINS.get(kind)
    if twin is None or kind not in solutions or twin in solutions or CAMPAIGN_OF_SOLUTION[kind] in campaigns:
        return None
    other = CAMPAIGN_OF_SOLUTION[twin]
    return other if other in campaigns else None


def _check_config(path: str, campaigns: dict[str, object], campaign: str, recipe: Recipe) -> Iterator[Finding]:
    config = object_at(campaigns, campaign, "campaignConfig")
    if config.get("itemExplorationConfig") and not recipe.supports_exploration_config:
        text = f"{recipe.name} takes no exploration settings, so these have no effect: remove them."
        yield warning(f"{path}.itemExplorationConfig", text)
    if config.get("rankingInfluence") and not recipe.supports_ranking_influence:
        yield Finding(f"{path}.rankingInfluence", f"{recipe.name} has no rankingInfluence: remove it.")
    if at(config, bool, "syncWithLatestSolutionVersion"):
        text = "The pipeline deploys each new solution version itself: remove this setting."
        yield Finding(f"{path}.syncWithLatestSolutionVersion", text)


def _check_training_mode(data: object) -> Iterator[Finding]:
    mode = at(data, str, "userPersonalizationUpdates", "trainingMode")
    recipe = recipe_of(data, "userPersonalization")
    if mode == "UPDATE" and recipe is not None and mode not in recipe.training_modes:
        text = f"{recipe.name} cannot be updated, only trained anew: write FULL."
        yield Finding("userPersonalizationUpdates.trainingMode", text)
