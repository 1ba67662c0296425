"""The format of a solution: the arguments of CreateSolution, and what the pipeline makes of the solution.

Source: newspaper system §2, contract §1.5, §1.8, §4.3, §4.4.
"""

from __future__ import annotations

from functools import partial

from personalize_spec import limits
from personalize_spec.parameters.format.parts import (
    RECIPE_ARN,
    TAGS,
    TRAINING_COLUMNS,
    a_flag,
    a_list,
    a_map,
    a_name,
    a_number,
    a_numeric_text,
    a_text,
    an_object,
)
from personalize_spec.parameters.format.serving import BATCH_INFERENCE_JOB, BATCH_SEGMENT_JOB, CAMPAIGN
from personalize_spec.parameters.shapes import Shape

TRAINING_MODES = ("FULL", "UPDATE")
DEFAULT_TRAINING_MODE = "FULL"
_parameter = a_text(maximum=limits.PARAMETER_VALUE_MAX_LENGTH)
_bound = partial(Shape, minimum=-limits.RANGE_BOUND, maximum=limits.RANGE_BOUND, required=True)


def _range_list(call: str, **bounds: Shape) -> Shape:
    keys = {"name": a_text("the hyperparameter's name", True), **bounds}
    return a_list(
        "a list, which may be empty",
        True,
        maximum=limits.PARAMETER_MAP_MAX_ENTRIES,
        item=an_object(keys=keys, call=call),
    )


_RANGES = an_object(
    "the ranges to try",
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
            values=a_list(
                "the values to try", True, minimum=1, maximum=limits.PARAMETER_MAP_MAX_ENTRIES, item=_parameter
            ),
        ),
    },
)

_TUNING = an_object(
    "the tuning that performHPO starts",
    call="hpoConfig",
    keys={
        "hpoObjective": an_object(
            "the metric to tune for",
            call="hpoObjective",
            keys={"type": a_text(), "metricName": a_text(), "metricRegex": a_text()},
        ),
        "hpoResourceConfig": an_object(
            "how many trainings to try",
            call="hpoResourceConfig",
            keys={
                "maxNumberOfTrainingJobs": a_numeric_text(minimum=1, maximum=limits.TUNING_MAX_TRAINING_JOBS),
                "maxParallelTrainingJobs": a_numeric_text(minimum=1, maximum=limits.TUNING_MAX_PARALLEL_JOBS),
            },
        ),
        "algorithmHyperParameterRanges": _RANGES,
    },
)

_EVENTS = an_object(
    "the events to train on, with weights",
    call="eventsConfig",
    keys={
        "eventParametersList": a_list(
            "the event types to train on",
            True,
            maximum=limits.EVENT_PARAMETERS_MAX_ENTRIES,
            item=an_object(
                call="eventParametersList",
                keys={
                    "eventType": a_text("the type of event", True, minimum=1, maximum=limits.EVENT_TYPE_MAX_LENGTH),
                    "eventValueThreshold": a_number("the least EVENT_VALUE an event needs"),
                    "weight": a_number("how much such an event counts", minimum=0, maximum=1),
                },
            ),
        )
    },
)

SOLUTION_CONFIG = an_object(
    "how the solution is trained",
    call="solutionConfig",
    keys={
        "eventValueThreshold": a_numeric_text("the least EVENT_VALUE an event needs"),
        "hpoConfig": _TUNING,
        "algorithmHyperParameters": a_map("the recipe's hyperparameters, each value in quotes"),
        "featureTransformationParameters": a_map("the recipe's feature parameters, each value in quotes"),
        "autoMLConfig": an_object(
            call="autoMLConfig", keys={"metricName": a_text(), "recipeList": a_list(item=a_text(maximum=256))}
        ),
        "eventsConfig": _EVENTS,
        "optimizationObjective": an_object(
            "a column of Items to raise beside relevance",
            call="optimizationObjective",
            keys={
                "itemAttribute": a_text("a numeric column of Items", True, maximum=limits.COLUMN_NAME_MAX_LENGTH),
                "objectiveSensitivity": a_text(choices=("LOW", "MEDIUM", "HIGH", "OFF")),
            },
        ),
        "trainingDataConfig": TRAINING_COLUMNS,
        "autoTrainingConfig": an_object(
            "when Personalize trains by itself",
            call="autoTrainingConfig",
            keys={
                "schedulingExpression": a_text(
                    "a schedule such as rate(7 days)", maximum=16, pattern=r"rate\(\d+ days?\)"
                )
            },
        ),
    },
)

# What CreateSolution takes. Automatic training is off unless the file asks for it.
SOLUTION_ARGUMENTS = {
    "name": a_name("the solution's name"),
    "recipeArn": RECIPE_ARN,
    "performHPO": a_flag("whether hyperparameters are tuned"),
    "performAutoML": a_flag("false, or left out: true is refused, as it trains legacy recipes only"),
    "performAutoTraining": a_flag("whether Personalize trains by itself as well; false by default here"),
    "performIncrementalUpdate": a_flag("whether Personalize takes in new items between trainings"),
    "eventType": a_text("the only type of event to train on", minimum=1, maximum=limits.EVENT_TYPE_MAX_LENGTH),
    "solutionConfig": SOLUTION_CONFIG,
    "tags": TAGS,
}
# What the pipeline does with the solution.
SOLUTION_WORK = {
    "trainingMode": a_text("how scheduled trainings go; the first one is FULL", choices=TRAINING_MODES),
    "campaigns": a_list("the campaigns that serve the solution", item=CAMPAIGN),
    "batchInferenceJobs": a_list("recommendations for many users or items into a file", item=BATCH_INFERENCE_JOB),
    "batchSegmentJobs": a_list("users for items or attributes into a file", item=BATCH_SEGMENT_JOB),
}
SOLUTION = an_object("a solution", call="CreateSolution", keys={**SOLUTION_ARGUMENTS, **SOLUTION_WORK})
