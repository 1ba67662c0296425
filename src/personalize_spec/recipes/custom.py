"""The twelve custom recipes. Source: contract §4.1, with the capability matrix of §4.5."""

from __future__ import annotations

from personalize_spec.recipes.recipe import (
    CATEGORICAL,
    CONTINUOUS,
    INTEGER,
    PERSONALIZED_ACTIONS,
    PERSONALIZED_RANKING,
    POPULAR_ITEMS,
    RELATED_ITEMS,
    USER_PERSONALIZATION,
    USER_SEGMENTATION,
    HyperParameter,
    Recipe,
)

TWO_HOURS_S = 2 * 60 * 60
HALF_HOUR_S = 30 * 60
_METADATA = ("ITEMS", "USERS")


def percentile(name: str, default: str) -> HyperParameter:
    """Describe a feature parameter that is a share of users or items, 0 to 1."""
    return HyperParameter(name, default, CONTINUOUS, 0.0, 1.0)


HISTORY_PERCENTILES = (
    percentile("min_user_history_length_percentile", "0.0"),
    percentile("max_user_history_length_percentile", "0.99"),
)
_RECENCY_BIAS = (HyperParameter("apply_recency_bias", "true", CATEGORICAL, values=("true", "false")),)
_SEGMENT_DIMENSION = (HyperParameter("hidden_dimension", "149", INTEGER, 32, 256),)


def recurrent_parameters(hidden_dimension: str) -> tuple[HyperParameter, ...]:
    """Describe the parameters of the recurrent models, which differ by the default width only."""
    return (
        HyperParameter("hidden_dimension", hidden_dimension, INTEGER, 32, 256, tunable=True),
        HyperParameter("bptt", "32", INTEGER, 2, 32, tunable=True),
        HyperParameter("recency_mask", "True", CATEGORICAL, values=("True", "False"), tunable=True),
    )


CUSTOM_RECIPES = (
    Recipe(
        "aws-user-personalization-v2",
        USER_PERSONALIZATION,
        "Predicts the items a user will interact with, with a transformer; explores new items by itself.",
        hyperparameters=_RECENCY_BIAS,
        optional_datasets=_METADATA,
        batch="inference",
        needs_user_id=True,
        supports_scores=True,
        supports_exploration=True,
        supports_context=True,
        includes_metadata=True,
        supports_promotions=True,
        supports_real_time=True,
        supports_events_config=True,
        update_interval_s=TWO_HOURS_S,
    ),
    Recipe(
        "aws-user-personalization",
        USER_PERSONALIZATION,
        "Predicts the items a user will interact with, from the order of events; explores new items.",
        hyperparameters=recurrent_parameters("149"),
        feature_parameters=HISTORY_PERCENTILES,
        optional_datasets=_METADATA,
        training_modes=("FULL", "UPDATE"),
        batch="inference",
        needs_user_id=True,
        supports_scores=True,
        supports_exploration=True,
        supports_exploration_config=True,
        supports_context=True,
        supports_impressions=True,
        supports_promotions=True,
        supports_real_time=True,
        supports_tuning=True,
        supports_objective=True,
        update_interval_s=TWO_HOURS_S,
    ),
    Recipe(
        "aws-personalized-ranking",
        PERSONALIZED_RANKING,
        "Orders a given list of items for a user.",
        feature_transformation="JSON-percentile-filtering",
        hyperparameters=recurrent_parameters("149"),
        feature_parameters=HISTORY_PERCENTILES,
        optional_datasets=_METADATA,
        batch="inference",
        needs_user_id=True,
        supports_scores=True,
        supports_context=True,
        supports_real_time=True,
        supports_tuning=True,
        supports_objective=True,
    ),
    Recipe(
        "aws-personalized-ranking-v2",
        PERSONALIZED_RANKING,
        "Orders a given list of items for a user, with a transformer.",
        hyperparameters=_RECENCY_BIAS,
        optional_datasets=_METADATA,
        batch="inference",
        needs_user_id=True,
        supports_scores=True,
        supports_context=True,
        includes_metadata=True,
        supports_real_time=True,
        supports_events_config=True,
    ),
    Recipe(
        "aws-similar-items",
        RELATED_ITEMS,
        "Finds items like a given one, from interactions and item metadata.",
        hyperparameters=(
            HyperParameter("popularity_discount_factor", "0.0", CONTINUOUS, 0.0, 1.0),
            HyperParameter("item_id_hidden_dim", "100", INTEGER, 30, 200, tunable=True, hpo_only=True),
            HyperParameter("item_metadata_hidden_dim", "100", INTEGER, 30, 200, tunable=True, hpo_only=True),
        ),
        optional_datasets=("ITEMS",),
        batch="inference",
        needs_item_id=True,
        supports_promotions=True,
        supports_tuning=True,
    ),
    Recipe(
        "aws-sims",
        RELATED_ITEMS,
        "Finds items that occur together with a given one in users' histories.",
        feature_transformation="sims",
        hyperparameters=(
            HyperParameter("popularity_discount_factor", "0.5", CONTINUOUS, 0.0, 1.0, tunable=True),
            HyperParameter("min_cointeraction_count", "3", INTEGER, 0, 10, tunable=True),
        ),
        feature_parameters=(
            percentile("min_user_history_length_percentile", "0.005"),
            percentile("max_user_history_length_percentile", "0.995"),
            percentile("min_item_interaction_count_percentile", "0.01"),
            percentile("max_item_interaction_count_percentile", "0.9"),
        ),
        batch="inference",
        needs_item_id=True,
        supports_promotions=True,
        supports_tuning=True,
    ),
    Recipe(
        "aws-semantic-similarity",
        RELATED_ITEMS,
        "Finds items like a given one by the meaning of their texts.",
        required_datasets=("ITEMS",),
        optional_datasets=("INTERACTIONS",),
        batch="inference",
        needs_item_id=True,
        includes_metadata=True,
        supports_incremental_update=True,
        supports_ranking_influence=True,
        supports_included_columns=True,
        needs_item_texts=True,
        update_interval_s=HALF_HOUR_S,
    ),
    Recipe(
        "aws-popularity-count",
        USER_PERSONALIZATION,
        "Gives the items that the most users interacted with, the same for everyone.",
        feature_transformation="sims",
        batch="inference",
        needs_user_id=True,
        supports_promotions=True,
    ),
    Recipe(
        "aws-trending-now",
        POPULAR_ITEMS,
        "Gives the items whose interactions grow the fastest.",
        algorithm="aws-trending-now-custom",
        feature_parameters=(
            HyperParameter(
                "trend_discovery_frequency",
                "2 hours",
                CATEGORICAL,
                values=("30 minutes", "1 hour", "2 hours", "3 hours", "1 day"),
            ),
        ),
        supports_promotions=True,
        update_interval_s=TWO_HOURS_S,
    ),
    Recipe(
        "aws-next-best-action",
        PERSONALIZED_ACTIONS,
        "Predicts the actions a user will most likely take.",
        feature_parameters=(HyperParameter("action_optimization_period", "14", INTEGER, 7, 28),),
        required_datasets=("ACTIONS", "INTERACTIONS"),
        optional_datasets=("ACTION_INTERACTIONS", "ITEMS", "USERS"),
        needs_user_id=True,
        supports_scores=True,
        supports_exploration=True,
        supports_metadata=False,
        supports_real_time=True,
        update_interval_s=TWO_HOURS_S,
    ),
    Recipe(
        "aws-item-affinity",
        USER_SEGMENTATION,
        "Finds the users most interested in a given item.",
        feature_transformation="item-affinity",
        hyperparameters=_SEGMENT_DIMENSION,
        feature_parameters=HISTORY_PERCENTILES,
        optional_datasets=_METADATA,
        batch="segment",
        deployable=False,
        supports_metadata=False,
    ),
    Recipe(
        "aws-item-attribute-affinity",
        USER_SEGMENTATION,
        "Finds the users most interested in items with given attributes.",
        feature_transformation="item-attribute-affinity",
        hyperparameters=_SEGMENT_DIMENSION,
        feature_parameters=HISTORY_PERCENTILES,
        required_datasets=("INTERACTIONS", "ITEMS"),
        optional_datasets=("USERS",),
        batch="segment",
        deployable=False,
        supports_metadata=False,
    ),
)
