"""The format of params.json as one table: every key, its shape, and what it is for.

Solutions are passed whole to CreateSolution, and campaigns to CreateCampaign, so their keys are those calls' arguments
and unknown ones are errors; elsewhere an unknown key has no effect and is a warning.

Source: newspaper system §2 (both the older and the newer keys), contract §1.5, §1.8, §4.2-§4.4.
"""

from __future__ import annotations

from functools import partial

from personalize_spec import limits
from personalize_spec.parameters.shapes import Shape
from personalize_spec.recipes import DOMAINS

# Which campaign deploys which solution; `sims` is the older name of `similarItems`.
CAMPAIGN_OF_SOLUTION = {
    "userPersonalization": "userPersonalizationCampaign",
    "similarItems": "similarItemsCampaign",
    "sims": "simsCampaign",
    "personalizedRanking": "personalizedRankingCampaign",
}
ALIASES = {"sims": "similarItems", "simsCampaign": "similarItemsCampaign"}
TRAINING_MODES = ("FULL", "UPDATE")

_object = partial(Shape, "object")
_map = partial(Shape, "map", maximum=limits.PARAMETER_MAP_MAX_ENTRIES)
_list = partial(Shape, "list")
_text = partial(Shape, "string")
_flag = partial(Shape, "boolean")
_numeric_text = partial(Shape, "numeric string")
_name = partial(Shape, "name", required=True)

_parameter = _text(maximum=limits.PARAMETER_VALUE_MAX_LENGTH)
_columns = _map(
    maximum=limits.TRAINING_COLUMNS_MAX_DATASETS,
    item=_list(maximum=limits.TRAINING_COLUMNS_MAX_PER_DATASET, item=_text(maximum=limits.COLUMN_NAME_MAX_LENGTH)),
)
_tags = _list(
    maximum=limits.TAGS_PER_RESOURCE,
    item=_object(
        keys={
            "tagKey": _text("the tag's key", True, minimum=1, maximum=limits.TAG_KEY_MAX_LENGTH),
            "tagValue": _text("the tag's value", True, maximum=limits.TAG_VALUE_MAX_LENGTH),
        },
        call="A tag",
    ),
)
_bound = partial(Shape, minimum=-limits.RANGE_BOUND, maximum=limits.RANGE_BOUND, required=True)


def _range_list(call: str, **bounds: Shape) -> Shape:
    keys = {"name": _text("the hyperparameter's name", True), **bounds}
    return _list(
        "a list, which may be empty", True, maximum=limits.PARAMETER_MAP_MAX_ENTRIES, item=_object(keys=keys, call=call)
    )


_RANGES = _object(
    call="algorithmHyperParameterRanges",
    keys={
        "integerHyperParameterRanges": _range_list(
            "An integer range",
            minValue=_bound("integer", "the lowest value to try"),
            maxValue=_bound("integer", "the highest value to try"),
        ),
        "continuousHyperParameterRanges": _range_list(
            "A continuous range",
            minValue=_bound("number", "the lowest value to try"),
            maxValue=_bound("number", "the highest value to try"),
        ),
        "categoricalHyperParameterRanges": _range_list(
            "A categorical range",
            values=_list(
                "the values to try", True, minimum=1, maximum=limits.PARAMETER_MAP_MAX_ENTRIES, item=_parameter
            ),
        ),
    },
)

_TUNING = _object(
    call="hpoConfig",
    keys={
        "hpoObjective": _object(
            call="hpoObjective", keys={"type": _text(), "metricName": _text(), "metricRegex": _text()}
        ),
        "hpoResourceConfig": _object(
            call="hpoResourceConfig",
            keys={
                "maxNumberOfTrainingJobs": _numeric_text(minimum=1, maximum=limits.TUNING_MAX_TRAINING_JOBS),
                "maxParallelTrainingJobs": _numeric_text(minimum=1, maximum=limits.TUNING_MAX_PARALLEL_JOBS),
            },
        ),
        "algorithmHyperParameterRanges": _RANGES,
    },
)

_EVENTS = _object(
    call="eventsConfig",
    keys={
        "eventParametersList": _list(
            "the event types to train on",
            True,
            maximum=limits.EVENT_PARAMETERS_MAX_ENTRIES,
            item=_object(
                call="eventParametersList",
                keys={
                    "eventType": _text("the type of event", True, minimum=1, maximum=limits.EVENT_TYPE_MAX_LENGTH),
                    "eventValueThreshold": Shape("number"),
                    "weight": Shape("number", minimum=0, maximum=1),
                },
            ),
        )
    },
)

SOLUTION_CONFIG = _object(
    call="solutionConfig",
    keys={
        "eventValueThreshold": _numeric_text(),
        "hpoConfig": _TUNING,
        "algorithmHyperParameters": _map(),
        "featureTransformationParameters": _map(),
        "autoMLConfig": _object(
            call="autoMLConfig", keys={"metricName": _text(), "recipeList": _list(item=_text(maximum=256))}
        ),
        "eventsConfig": _EVENTS,
        "optimizationObjective": _object(
            call="optimizationObjective",
            keys={
                "itemAttribute": _text("a numeric column of Items", True, maximum=limits.COLUMN_NAME_MAX_LENGTH),
                "objectiveSensitivity": _text(choices=("LOW", "MEDIUM", "HIGH", "OFF")),
            },
        ),
        "trainingDataConfig": _object(
            call="trainingDataConfig", keys={"excludedDatasetColumns": _columns, "includedDatasetColumns": _columns}
        ),
        "autoTrainingConfig": _object(
            call="autoTrainingConfig",
            keys={
                "schedulingExpression": _text(
                    "a schedule such as rate(7 days)", maximum=16, pattern=r"rate\(\d+ days?\)"
                )
            },
        ),
    },
)

SOLUTION = _object(
    "a solution",
    call="CreateSolution",
    keys={
        "name": _name("the solution's name"),
        "recipeArn": _text("the recipe's ARN", True, maximum=limits.ARN_MAX_LENGTH),
        "performHPO": _flag(),
        "performAutoML": _flag(),
        "performAutoTraining": _flag(),
        "performIncrementalUpdate": _flag(),
        "eventType": _text(minimum=1, maximum=limits.EVENT_TYPE_MAX_LENGTH),
        "solutionConfig": SOLUTION_CONFIG,
        "tags": _tags,
    },
)

CAMPAIGN_CONFIG = _object(
    call="campaignConfig",
    keys={
        "itemExplorationConfig": _object(
            call="itemExplorationConfig",
            keys={
                "explorationWeight": _numeric_text("share of exploration", minimum=0, maximum=1),
                "explorationItemAgeCutOff": _numeric_text("days an item counts as new", minimum=1),
            },
        ),
        "enableMetadataWithRecommendations": _flag(),
        "syncWithLatestSolutionVersion": _flag(),
        "rankingInfluence": _object(
            call="rankingInfluence",
            keys={
                "POPULARITY": Shape("number", minimum=0, maximum=1),
                "FRESHNESS": Shape("number", minimum=0, maximum=1),
            },
        ),
    },
)

_CAMPAIGN_KEYS = {
    "name": _name("the campaign's name"),
    "minProvisionedTPS": Shape("integer", "requests per second kept ready", minimum=1),
    "campaignConfig": CAMPAIGN_CONFIG,
    "tags": _tags,
}
_TRAFFIC = Shape("integer", "the campaign's share of the API's traffic", minimum=0, maximum=100)
CAMPAIGN = _object("a campaign", call="CreateCampaign", keys=_CAMPAIGN_KEYS)
USER_CAMPAIGN = _object("a campaign", call="CreateCampaign", keys={**_CAMPAIGN_KEYS, "trafficRatio": _TRAFFIC})

DATASET = _object(
    "a dataset",
    keys={
        "name": _name("the dataset's name"),
        "schema": Shape("map", "its Avro schema, as an object", True),
    },
)

FILTER = _object(
    "a filter",
    keys={
        "name": _name("the filter's name, without the dataset group's"),
        "filterExpression": _text("the filter's expression", True),
        "context": _text("the context of the API's requests that the filter serves", minimum=1),
        "filter_values": _list(
            "the placeholders the API gives values for",
            maximum=limits.FILTER_VALUES_MAX_ENTRIES,
            item=_text(
                pattern=r"[A-Za-z0-9_]{1,50}", meaning="a placeholder's name without its $: letters, digits and '_'"
            ),
        ),
        "limit_time_range": _flag("whether old items are left out"),
        "include_time_range_for_sections": _list("categories whose old items are left out all the same", item=_text()),
    },
)

FILE = _object(
    "the parameters of the pipeline",
    keys={
        "datasetGroup": _object(
            'the dataset group, such as {"name": "daily"}',
            True,
            keys={
                "name": _name("the dataset group's name"),
                "domain": _text(choices=DOMAINS),
                "roleArn": _text(maximum=limits.ARN_MAX_LENGTH),
                "kmsKeyArn": _text(maximum=2048),
                "tags": _tags,
            },
        ),
        "datasets": _object(
            "the datasets, of which Interactions is needed",
            True,
            keys={
                "Interactions": Shape("object", "the Interactions dataset", True, DATASET.keys),
                "Items": DATASET,
                "Users": DATASET,
            },
        ),
        "solutions": _object("the solutions", keys=dict.fromkeys(CAMPAIGN_OF_SOLUTION, SOLUTION)),
        "eventTracker": _object("the event tracker", keys={"name": _name("the event tracker's name"), "tags": _tags}),
        "campaigns": _object(
            "the campaigns",
            keys={
                name: USER_CAMPAIGN if name == "userPersonalizationCampaign" else CAMPAIGN
                for name in CAMPAIGN_OF_SOLUTION.values()
            },
        ),
        "userPersonalizationUpdates": _object(
            "how the weekly training goes", keys={"trainingMode": _text(choices=TRAINING_MODES)}
        ),
        "filters": _list("the filters", maximum=limits.FILTERS_PER_DATASET_GROUP, item=FILTER),
    },
)
