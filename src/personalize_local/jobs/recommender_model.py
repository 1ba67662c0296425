"""What a recommender's model is called, and what it was trained like; apart from the training, which servers never do.

Source: contract §3.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_spec.recipes import Recipe

TRAINING_ID = "training_id"
MODEL_METRICS = "model_metrics"


def model_arn_of(recommender_arn: str, training_id: str) -> str:
    """Give the name of a recommender's model in the artifact store."""
    return f"{recommender_arn}/{training_id}"


def trained_like(recipe: Recipe, config: Mapping[str, Any]) -> dict[str, Any]:
    """Give the members of a solution version that trains what the recommender does; dataset types in capitals."""
    event_type = {"event_type": recipe.event_type} if recipe.event_type else {}
    columns = {
        use: {dataset_type.upper(): names for dataset_type, names in listed.items()}
        for use, listed in (config.get("training_data_config") or {}).items()
    }
    return {**event_type, "solution_config": {"training_data_config": columns}}
