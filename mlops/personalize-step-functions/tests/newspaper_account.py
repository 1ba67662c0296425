"""A small newspaper's Personalize, whole: group, datasets, filters, tracker, three solutions with a trained version."""

from __future__ import annotations

from typing import Any

from deletable_personalize import DeletablePersonalize
from fake_personalize import SCOPE

GROUP = "daily"
BUCKET = "input-bucket"
RECIPES = {
    "userPersonalization": "aws-user-personalization",
    "similarItems": "aws-similar-items",
    "personalizedRanking": "aws-personalized-ranking",
}
NDCG = "normalized_discounted_cumulative_gain_at_25"
GOOD = {NDCG: 0.1, "coverage": 0.5}
CATEGORY = "INCLUDE ItemID WHERE Items.CATEGORY IN ($category)"
UNREAD = (
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("page_view") | '
    "EXCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $minTimestamp"
)
FILTERS = {"category": CATEGORY, "unread": UNREAD}
CONTEXTS = {"same_section": "category", "default": "unread"}


def arn(kind: str, name: str) -> str:
    return f"{SCOPE}:{kind}/{name}"


def recipe_arn(key: str) -> str:
    return f"arn:aws:personalize:::recipe/{RECIPES[key]}"


class Newspaper:
    """The account, and the inputs of its releases."""

    def __init__(self, personalize: DeletablePersonalize) -> None:
        self.personalize = personalize
        group_arn = personalize.create_dataset_group(name=GROUP)["datasetGroupArn"]
        for name in ("Interactions", "Items"):
            schema = personalize.create_schema(name=f"Daily{name}", schema="{}")["schemaArn"]
            personalize.create_dataset(name=name, schemaArn=schema, datasetGroupArn=group_arn, datasetType=name)
        for name, expression in FILTERS.items():
            personalize.create_filter(name=f"{GROUP}-{name}", datasetGroupArn=group_arn, filterExpression=expression)
        personalize.create_event_tracker(name=f"{GROUP}-tracker", datasetGroupArn=group_arn)
        for key in RECIPES:
            personalize.create_solution(name=f"{GROUP}-{key}", datasetGroupArn=group_arn, recipeArn=recipe_arn(key))
        personalize.finish()

    def train(self, name: str, keys: tuple[str, ...] = tuple(RECIPES), **metrics: float) -> dict[str, str]:
        """Train a version of solutions; give their ARNs by key."""
        metrics = metrics or GOOD
        return {key: self.personalize.version(arn("solution", f"{GROUP}-{key}"), name, **metrics) for key in keys}

    def release(self, versions: dict[str, str], **more: Any) -> dict[str, Any]:
        """Give the input of the release of these versions."""
        return {
            "dataset_group": GROUP,
            "bucket": BUCKET,
            "settings": {
                "name": GROUP,
                "trafficRatio": 100,
                "datasetArn": arn("dataset", f"{GROUP}/ITEMS"),
                "contexts": {
                    context: {"filter_name": f"{GROUP}-{name}", "filterExpression": FILTERS[name]}
                    for context, name in CONTEXTS.items()
                },
            },
            "filters": [{"planned_name": f"{GROUP}-{name}", "filter": {"name": f"{GROUP}-{name}"}} for name in FILTERS],
            "event_trackers": [{"event_tracker": {"tracking_id": "11111111-2222-3333-4444-555555555555"}}],
            "releases": [
                {
                    "type": key,
                    "recipe_arn": recipe_arn(key),
                    "solution_arn": arn("solution", f"{GROUP}-{key}"),
                    "solution_version_arn": version,
                    "campaign": {
                        "kind": "campaign",
                        "name": f"{GROUP}-{key}",
                        "arn": arn("campaign", f"{GROUP}-{key}"),
                        "arguments": {"minProvisionedTPS": 1},
                    },
                }
                for key, version in versions.items()
            ],
            "gate": {},
            "traffic": {"steps": [10, 50, 100], "stepMinutes": 2, "soakHours": 1},
            **more,
        }
