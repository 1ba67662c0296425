"""The ten domain recipes, for recommenders only.

Source: contract §4.5. Recipe types are inferred from the inputs: the API reports none for domain recipes' summaries.
"""

from __future__ import annotations

from functools import partial

from personalize_spec.recipes.custom import TWO_HOURS_S
from personalize_spec.recipes.recipe import POPULAR_ITEMS, RELATED_ITEMS, USER_PERSONALIZATION, Recipe

ECOMMERCE = "ECOMMERCE"
VIDEO_ON_DEMAND = "VIDEO_ON_DEMAND"
DOMAINS = (ECOMMERCE, VIDEO_ON_DEMAND)

_recipe = partial(Recipe, deployable=False, supports_promotions=True)
_personalized = partial(
    _recipe,
    optional_datasets=("ITEMS", "USERS"),
    needs_user_id=True,
    supports_exploration=True,
    supports_exploration_config=True,
    supports_context=True,
    supports_real_time=True,
    update_interval_s=TWO_HOURS_S,
)

DOMAIN_RECIPES = (
    _recipe(
        "aws-ecomm-popular-items-by-views",
        POPULAR_ITEMS,
        "Gives the items viewed the most.",
        domain=ECOMMERCE,
        needs_user_id=True,
        event_type="View",
    ),
    _recipe(
        "aws-ecomm-popular-items-by-purchases",
        POPULAR_ITEMS,
        "Gives the items bought the most.",
        domain=ECOMMERCE,
        needs_user_id=True,
        event_type="Purchase",
    ),
    _recipe(
        "aws-ecomm-frequently-bought-together",
        RELATED_ITEMS,
        "Finds items bought together with a given one.",
        domain=ECOMMERCE,
        needs_item_id=True,
        event_type="Purchase",
    ),
    _recipe(
        "aws-ecomm-customers-who-viewed-x-also-viewed",
        RELATED_ITEMS,
        "Finds items that viewers of a given one viewed too, without those the user bought.",
        domain=ECOMMERCE,
        needs_user_id=True,
        needs_item_id=True,
        event_type="View",
        excluded_event_type="Purchase",
    ),
    _personalized(
        "aws-ecomm-recommended-for-you",
        USER_PERSONALIZATION,
        "Predicts the items a user will interact with, without those the user bought.",
        domain=ECOMMERCE,
        excluded_event_type="Purchase",
    ),
    _recipe(
        "aws-vod-because-you-watched-x",
        RELATED_ITEMS,
        "Finds videos that watchers of a given one watched too, without those the user watched.",
        domain=VIDEO_ON_DEMAND,
        needs_user_id=True,
        needs_item_id=True,
        event_type="Watch",
        excluded_event_type="Watch",
    ),
    _recipe(
        "aws-vod-more-like-x",
        RELATED_ITEMS,
        "Finds videos like a given one, from interactions and metadata, without those the user watched.",
        domain=VIDEO_ON_DEMAND,
        required_datasets=("INTERACTIONS", "ITEMS"),
        needs_user_id=True,
        needs_item_id=True,
        excluded_event_type="Watch",
    ),
    _recipe(
        "aws-vod-most-popular",
        POPULAR_ITEMS,
        "Gives the videos watched by the most users.",
        domain=VIDEO_ON_DEMAND,
        needs_user_id=True,
        event_type="Watch",
    ),
    _recipe(
        "aws-vod-trending-now",
        POPULAR_ITEMS,
        "Gives the videos whose interactions grow the fastest.",
        domain=VIDEO_ON_DEMAND,
        update_interval_s=TWO_HOURS_S,
    ),
    _personalized(
        "aws-vod-top-picks",
        USER_PERSONALIZATION,
        "Predicts the videos a user will watch, without those the user watched.",
        domain=VIDEO_ON_DEMAND,
        excluded_event_type="Watch",
    ),
)
