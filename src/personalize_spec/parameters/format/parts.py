"""The parts that the format's tables are made of: kinds of values, and what several calls of the API share."""

from __future__ import annotations

from functools import partial

from personalize_spec import limits
from personalize_spec.parameters.shapes import Shape

an_object = partial(Shape, "object")
a_map = partial(Shape, "map", maximum=limits.PARAMETER_MAP_MAX_ENTRIES)
a_list = partial(Shape, "list")
a_text = partial(Shape, "string")
a_flag = partial(Shape, "boolean")
a_number = partial(Shape, "number")
an_integer = partial(Shape, "integer")
a_numeric_text = partial(Shape, "numeric string")
a_name = partial(Shape, "name", required=True)

RECIPE_ARN = a_text("the recipe's ARN", True, maximum=limits.ARN_MAX_LENGTH)

TAGS = a_list(
    "tags for cost allocation and access",
    maximum=limits.TAGS_PER_RESOURCE,
    item=an_object(
        keys={
            "tagKey": a_text("the tag's key", True, minimum=1, maximum=limits.TAG_KEY_MAX_LENGTH),
            "tagValue": a_text("the tag's value", True, maximum=limits.TAG_VALUE_MAX_LENGTH),
        },
        call="A tag",
    ),
)

EXPLORATION = an_object(
    "how much is explored",
    call="itemExplorationConfig",
    keys={
        "explorationWeight": a_numeric_text("share of exploration", minimum=0, maximum=1),
        "explorationItemAgeCutOff": a_numeric_text("days an item counts as new", minimum=1),
    },
)

RANKING_INFLUENCE = an_object(
    "what else weighs in the order",
    call="rankingInfluence",
    keys={
        "POPULARITY": a_number("weight of popular items", minimum=0, maximum=1),
        "FRESHNESS": a_number("weight of new items", minimum=0, maximum=1),
    },
)

_columns = a_map(
    maximum=limits.TRAINING_COLUMNS_MAX_DATASETS,
    item=a_list(maximum=limits.TRAINING_COLUMNS_MAX_PER_DATASET, item=a_text(maximum=limits.COLUMN_NAME_MAX_LENGTH)),
)
TRAINING_COLUMNS = an_object(
    "the columns that are trained on",
    call="trainingDataConfig",
    keys={"excludedDatasetColumns": _columns, "includedDatasetColumns": _columns},
)
