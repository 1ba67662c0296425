"""The format of params.json as one table: every key, its shape, and what it is for.

Solutions are passed to CreateSolution, campaigns to CreateCampaign, and so on, so their keys are those calls' arguments
and unknown ones are errors; elsewhere an unknown key has no effect and is a warning.

Source: newspaper system §2 (both the older and the newer keys), contract §1.5, §1.8, §4.2-§4.4.
"""

from __future__ import annotations

from personalize_spec import limits
from personalize_spec.names import NAME
from personalize_spec.parameters.format.parts import TAGS, a_flag, a_list, a_name, a_text, an_object
from personalize_spec.parameters.format.runs import GATE, SCHEDULES, TRAFFIC
from personalize_spec.parameters.format.serving import CAMPAIGN, RECOMMENDER
from personalize_spec.parameters.format.solutions import SOLUTION, TRAINING_MODES
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
IMPORT_MODES = ("FULL", "INCREMENTAL")
DEFAULT_IMPORT_MODE = "FULL"
KEY_PATTERN = r"[A-Za-z][A-Za-z0-9_-]{0,62}"  # of keys of one's own choice

# The datasets by their key, which is also their folder in the input bucket, with Personalize's type.
DATASET_TYPE_OF = {
    "Interactions": "INTERACTIONS",
    "Items": "ITEMS",
    "Users": "USERS",
    "Actions": "ACTIONS",
    "ActionInteractions": "ACTION_INTERACTIONS",
}

_DATASET = an_object(
    "a dataset",
    keys={
        "name": a_name("the dataset's name"),
        "schema": Shape("map", "its Avro schema, as an object", True),
        "schemaName": Shape("name", "the schema's name on Personalize; by default the Avro record's name"),
        "importMode": a_text(
            "whether an import replaces the data before it or adds to it; FULL by default", choices=IMPORT_MODES
        ),
        "tags": TAGS,
    },
)

FILTER = an_object(
    "a filter",
    keys={
        "name": a_name("the filter's name, without the dataset group's"),
        "filterExpression": a_text("the filter's expression", True),
        "context": a_text("the context of the API's requests that the filter serves", minimum=1),
        "filter_values": a_list(
            "the placeholders the API gives values for",
            maximum=limits.FILTER_VALUES_MAX_ENTRIES,
            item=a_text(
                pattern=r"[A-Za-z0-9_]{1,50}", meaning="a placeholder's name without its $: letters, digits and '_'"
            ),
        ),
        "limit_time_range": a_flag("whether old items are left out"),
        "include_time_range_for_sections": a_list(
            "categories whose old items are left out all the same", item=a_text()
        ),
        "tags": TAGS,
    },
)

FILE = an_object(
    "the parameters of the pipeline",
    keys={
        "$schema": a_text("where the file's JSON Schema is, for editors"),
        "datasetGroup": an_object(
            'the dataset group, such as {"name": "daily"}',
            True,
            keys={
                "name": a_name("the dataset group's name"),
                "domain": a_text("its domain; none for a custom dataset group", choices=DOMAINS),
                "roleArn": a_text(
                    "the role by which Personalize uses the key; by default that of the stack",
                    maximum=limits.ARN_MAX_LENGTH,
                ),
                "kmsKeyArn": a_text("the KMS key that encrypts the data", maximum=limits.KMS_KEY_ARN_MAX_LENGTH),
                "tags": TAGS,
            },
        ),
        "namePrefix": a_text(
            "the beginning of the names on Personalize of solutions, campaigns, recommenders, filters, batch jobs and "
            "the event tracker; by default the dataset group's name and '-'",
            maximum=limits.NAME_MAX_LENGTH,
            pattern=rf"({NAME.pattern})?",
            form="the beginning of a name: use letters, digits, '-' and '_'",
        ),
        "datasets": an_object("the datasets", True, keys=dict.fromkeys(DATASET_TYPE_OF, _DATASET)),
        "solutions": an_object(
            "the solutions, by keys of your own besides the newspaper's",
            keys=dict.fromkeys(CAMPAIGN_OF_SOLUTION, SOLUTION),
            item=SOLUTION,
            key_pattern=KEY_PATTERN,
        ),
        "recommenders": an_object(
            "the recommenders of a domain dataset group, by keys of your own",
            item=RECOMMENDER,
            key_pattern=KEY_PATTERN,
        ),
        "eventTracker": an_object("the event tracker", keys={"name": a_name("the event tracker's name"), "tags": TAGS}),
        "campaigns": an_object(
            "the campaigns of the newspaper's solutions",
            keys=dict.fromkeys(CAMPAIGN_OF_SOLUTION.values(), CAMPAIGN),
        ),
        "userPersonalizationUpdates": an_object(
            "how scheduled trainings of userPersonalization go",
            keys={"trainingMode": a_text("FULL by default", choices=TRAINING_MODES)},
        ),
        "filters": a_list("the filters", maximum=limits.FILTERS_PER_DATASET_GROUP, item=FILTER),
        "schedules": SCHEDULES,
        "gate": GATE,
        "traffic": TRAFFIC,
    },
)
