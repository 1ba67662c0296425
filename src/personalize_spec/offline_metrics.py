"""Which offline metrics GetSolutionMetrics gives for a recipe's versions, and by which of them a release is judged.

Source: contract §5.2. The keys of actions and of semantic similarity are inferred.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from personalize_spec.recipes import Recipe
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS, USER_SEGMENTATION

COVERAGE = "coverage"
TREND = "trend_prediction_accuracy"
CUTOFFS = (5, 10, 25)
_NDCG = tuple(f"normalized_discounted_cumulative_gain_at_{k}" for k in CUTOFFS)
_ITEMS = (*_NDCG, "mean_reciprocal_rank_at_25", *(f"precision_at_{k}" for k in CUTOFFS))
_ACTIONS = (*_NDCG, "precision", "recall", "auc")
_SEGMENTS = ("recall_at_1_percent", "hits_at_1_percent")
_SIMILARITY = ("item_similarity", "item_popularity", "item_freshness")
_WEIGHTED = tuple(f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}" for k in CUTOFFS)
_REWARDS = tuple(f"average_rewards_at_{k}" for k in CUTOFFS)
DEFAULT = "normalized_discounted_cumulative_gain_at_25"


def metrics_of(recipe: Recipe, solution_config: Mapping[str, object]) -> tuple[str, ...]:
    """Give the names of the metrics of a solution's versions, the weightiest first."""
    own = {PERSONALIZED_ACTIONS: _ACTIONS, USER_SEGMENTATION: _SEGMENTS}.get(recipe.recipe_type, _ITEMS)
    if recipe.needs_item_texts:
        own = (*_SIMILARITY, *own)
    trend = (TREND,) if recipe.name == "aws-trending-now" else ()
    weighted = _WEIGHTED if solution_config.get("eventsConfig") else ()
    rewards = _REWARDS if solution_config.get("optimizationObjective") else ()
    return (*own, *trend, *weighted, *rewards, COVERAGE)


def gate_metric(
    recipe: Recipe, solution_config: Mapping[str, object], measured: Collection[str], wanted: str | None = None
) -> str | None:
    """Choose the metric by which a new version is compared with the live one; None when nothing fit is measured.

    Args: `measured` are the names that both versions have; `wanted` is the gate's, where it names one.
    """
    choices = (wanted, DEFAULT, *metrics_of(recipe, solution_config))
    return next((name for name in choices if name in measured), None)
