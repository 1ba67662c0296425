"""The three legacy recipes, closed to new use at AWS but still met in old configurations.

Source: contract §4.1, last row. The old keys `min_hist_length_percentile`, `max_hist_length_percentile` and
`performExploration` are accepted here only; the cold-start ranges are inferred.
"""

from __future__ import annotations

from personalize_spec.recipes.custom import HISTORY_PERCENTILES, percentile, recurrent_parameters
from personalize_spec.recipes.recipe import (
    CATEGORICAL,
    CONTINUOUS,
    INTEGER,
    USER_PERSONALIZATION,
    HyperParameter,
    Recipe,
)

_OLD_PERCENTILES = (
    *HISTORY_PERCENTILES,
    percentile("min_hist_length_percentile", "0.0"),
    percentile("max_hist_length_percentile", "0.99"),
)
_COLD_START = (
    HyperParameter("cold_start_max_interactions", "15", INTEGER, 1),
    HyperParameter("cold_start_max_duration", "5.0", CONTINUOUS, 0.0),
    HyperParameter("cold_start_relative_from", "latestItem", CATEGORICAL, values=("latestItem", "currentTime")),
    HyperParameter("performExploration", "True", CATEGORICAL, values=("True", "False")),
)


def _hrnn(
    name: str,
    description: str,
    feature_transformation: str,
    *,
    hidden_dimension: str = "43",
    feature_parameters: tuple[HyperParameter, ...] = _OLD_PERCENTILES,
    required_datasets: tuple[str, ...] = ("INTERACTIONS",),
    training_modes: tuple[str, ...] = ("FULL",),
) -> Recipe:
    return Recipe(
        name,
        USER_PERSONALIZATION,
        description,
        feature_transformation=feature_transformation,
        hyperparameters=recurrent_parameters(hidden_dimension),
        feature_parameters=feature_parameters,
        required_datasets=required_datasets,
        training_modes=training_modes,
        batch="inference",
        legacy=True,
        needs_user_id=True,
        supports_scores=True,
        supports_context=True,
        supports_real_time=True,
        supports_tuning=True,
    )


LEGACY_RECIPES = (
    _hrnn(
        "aws-hrnn",
        "Predicts the items a user will interact with, from the order of events.",
        "JSON-percentile-filtering",
    ),
    _hrnn(
        "aws-hrnn-metadata",
        "Predicts the items a user will interact with, from the order of events and from metadata.",
        "featurize_metadata",
    ),
    _hrnn(
        "aws-hrnn-coldstart",
        "Predicts the items a user will interact with, and explores new items.",
        "featurize_coldstart",
        hidden_dimension="149",
        feature_parameters=(*_OLD_PERCENTILES, *_COLD_START),
        required_datasets=("INTERACTIONS", "ITEMS"),
        training_modes=("FULL", "UPDATE"),
    ),
)
