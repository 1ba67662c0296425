"""The format of what gives recommendations: campaigns, recommenders, and batch jobs.

Source: contract §1.5, §1.8, §3.10, §3.11, §4.2, §4.5.
"""

from __future__ import annotations

from personalize_spec import limits
from personalize_spec.parameters.format.parts import (
    EXPLORATION,
    RANKING_INFLUENCE,
    RECIPE_ARN,
    TAGS,
    TRAINING_COLUMNS,
    a_flag,
    a_name,
    a_text,
    an_integer,
    an_object,
)
from personalize_spec.parameters.shapes import Shape

BATCH_MODES = ("BATCH_INFERENCE", "THEME_GENERATION")

CAMPAIGN_CONFIG = an_object(
    "how the campaign answers",
    call="campaignConfig",
    keys={
        "itemExplorationConfig": EXPLORATION,
        "enableMetadataWithRecommendations": a_flag("whether answers may have columns of Items"),
        "syncWithLatestSolutionVersion": a_flag("whether Personalize moves the campaign to each new version by itself"),
        "rankingInfluence": RANKING_INFLUENCE,
    },
)

CAMPAIGN_ARGUMENTS = {
    "name": a_name("the campaign's name"),
    "minProvisionedTPS": an_integer("requests per second kept ready; they are paid for", minimum=1),
    "campaignConfig": CAMPAIGN_CONFIG,
    "tags": TAGS,
}
_TRAFFIC = an_integer(
    "the dataset group's share of the API's traffic; it counts for the first campaign of userPersonalization only",
    minimum=0,
    maximum=100,
)
CAMPAIGN = an_object("a campaign", call="CreateCampaign", keys={**CAMPAIGN_ARGUMENTS, "trafficRatio": _TRAFFIC})

RECOMMENDER_CONFIG = an_object(
    "how the recommender is trained and answers",
    call="recommenderConfig",
    keys={
        "itemExplorationConfig": EXPLORATION,
        "minRecommendationRequestsPerSecond": an_integer("requests per second kept ready", minimum=1),
        "trainingDataConfig": TRAINING_COLUMNS,
        "enableMetadataWithRecommendations": a_flag("whether answers may have columns of Items"),
    },
)
RECOMMENDER = an_object(
    "a recommender",
    call="CreateRecommender",
    keys={
        "name": a_name("the recommender's name"),
        "recipeArn": RECIPE_ARN,
        "recommenderConfig": RECOMMENDER_CONFIG,
        "tags": TAGS,
    },
)

# A place in the input bucket, or anywhere in S3 that the role may use.
_INPUT = a_text(
    "where the requests are: a key of the input bucket such as batch/users.json, a folder/, or an s3:// address",
    True,
    minimum=1,
    maximum=limits.S3_LOCATION_MAX_LENGTH,
)
_OUTPUT = a_text(
    "the folder for the results, ending in '/': of the input bucket, or an s3:// address; "
    "by default batch-output/<solution>/<job>/",
    minimum=1,
    maximum=limits.S3_LOCATION_MAX_LENGTH,
)
_FILTER = a_text("the name of one of the filters", minimum=1)


def _a_job(words: str, call: str, results: Shape, **keys: Shape) -> Shape:
    """What batch jobs have in common, and the keys of one kind."""
    own = {"name": a_name("the job's name, to which each run adds its own mark"), "input": _INPUT, "output": _OUTPUT}
    return an_object(words, call=call, keys={**own, "numResults": results, "filter": _FILTER, **keys, "tags": TAGS})


BATCH_INFERENCE_JOB = _a_job(
    "a batch inference job",
    "CreateBatchInferenceJob",
    an_integer("results for each line", minimum=1, maximum=limits.MAX_RESULTS),
    batchInferenceJobConfig=an_object(
        "how the job answers",
        call="batchInferenceJobConfig",
        keys={"itemExplorationConfig": EXPLORATION, "rankingInfluence": RANKING_INFLUENCE},
    ),
    batchInferenceJobMode=a_text("plain, or with a theme for each list", choices=BATCH_MODES),
    themeGenerationConfig=an_object(
        "what themes are made of",
        call="themeGenerationConfig",
        keys={
            "fieldsForThemeGeneration": an_object(
                "the columns for themes",
                True,
                call="fieldsForThemeGeneration",
                keys={
                    "itemName": a_text(
                        "the column of Items with each item's name", True, maximum=limits.COLUMN_NAME_MAX_LENGTH
                    )
                },
            )
        },
    ),
)
BATCH_SEGMENT_JOB = _a_job(
    "a batch segment job",
    "CreateBatchSegmentJob",
    an_integer("users for each line", minimum=1, maximum=limits.SEGMENT_MAX_USERS),
)
