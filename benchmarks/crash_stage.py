"""What the load of benchmarks/crash.py plays on: a dataset group and one of a domain, with data, models and a campaign.

.s3  interactions.csv, users.json, items.json, leavers.csv; and what jobs write
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.crash_client import ROLE, Client

POLL_S = 0.05
PATIENCE_S = 180.0
RECIPES = ("aws-user-personalization", "aws-popularity-count", "aws-similar-items")
SEGMENT_RECIPE = "aws-item-affinity"
LEAVER = "leaver"  # of whom data deletion jobs are; nobody sends events for this user
OUTPUT = "s3://data/out/"
DESCRIBED = {
    "schema": ("DescribeSchema", "schemaArn", "schema"),
    "dataset-group": ("DescribeDatasetGroup", "datasetGroupArn", "datasetGroup"),
    "dataset-import-job": ("DescribeDatasetImportJob", "datasetImportJobArn", "datasetImportJob"),
    "dataset-export-job": ("DescribeDatasetExportJob", "datasetExportJobArn", "datasetExportJob"),
    "data-deletion-job": ("DescribeDataDeletionJob", "dataDeletionJobArn", "dataDeletionJob"),
    "solution-version": ("DescribeSolutionVersion", "solutionVersionArn", "solutionVersion"),
    "batch-inference-job": ("DescribeBatchInferenceJob", "batchInferenceJobArn", "batchInferenceJob"),
    "batch-segment-job": ("DescribeBatchSegmentJob", "batchSegmentJobArn", "batchSegmentJob"),
    "campaign": ("DescribeCampaign", "campaignArn", "campaign"),
    "recommender": ("DescribeRecommender", "recommenderArn", "recommender"),
    "filter": ("DescribeFilter", "filterArn", "filter"),
    "metric-attribution": ("DescribeMetricAttribution", "metricAttributionArn", "metricAttribution"),
}
COLUMNS = {
    "Interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("EVENT_TYPE", "string"), ("TIMESTAMP", "long")],
    "Items": [("ITEM_ID", "string"), ("CATEGORY", "string")],
    "Users": [("USER_ID", "string"), ("MEMBERSHIP", "string")],
    "Shop items": [
        ("ITEM_ID", "string"), ("PRICE", "float"), ("CATEGORY_L1", "string"), ("CATEGORY_L2", "string")
    ],
}  # fmt: skip
CATEGORICAL = ("CATEGORY", "MEMBERSHIP", "CATEGORY_L1", "CATEGORY_L2")


@dataclass(frozen=True)
class Stage:
    """The resources that the load plays on."""

    group_arn: str
    interactions_arn: str
    items_arn: str
    users_arn: str
    tracking_id: str
    solution_arns: tuple[str, ...]
    version_arn: str
    segment_version_arn: str
    campaign_arn: str
    shop_arn: str
    recommender_arn: str
    attribution_arn: str


def objects() -> dict[str, bytes]:
    """Give what lies in S3 before anything else."""
    return {
        "interactions.csv": interactions("click"),
        "shop.csv": interactions("View", "Purchase"),
        "shop-items.csv": _csv("ITEM_ID,PRICE,CATEGORY_L1,CATEGORY_L2", [f"i{n},1.5,c{n % 4},x" for n in range(40)]),
        "users.json": b"".join(b'{"userId": "u%d"}\n' % user for user in range(20)),
        "items.json": b"".join(b'{"itemId": "i%d"}\n' % item for item in range(20)),
        "leavers.csv": _csv("USER_ID", [LEAVER]),
    }


def interactions(*event_types: str) -> bytes:
    """Give a file of 2,040 interactions of 51 users with 40 items."""
    users = [LEAVER, *(f"u{user}" for user in range(50))]
    lines = [
        f"{user_id},i{(user * 7 + step * step) % 40},{event_types[step % len(event_types)]},{1_600_000_000 + step * 60}"
        for user, user_id in enumerate(users)
        for step in range(40)
    ]
    return _csv("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP", lines)


def set_up(client: Client) -> Stage:
    """Create what the load plays on, with data to train on."""
    group = create(client, "CreateDatasetGroup", "datasetGroupArn", name="news")
    names = ("Interactions", "Items", "Users")
    datasets = {name: _dataset(client, group, name, name) for name in names}
    tracker = client.call("CreateEventTracker", {"name": "tracker", "datasetGroupArn": group})[1]
    _import(client, datasets["Interactions"], "first", "interactions.csv")
    solutions = {name: _solution(client, group, name) for name in (*RECIPES, SEGMENT_RECIPE)}
    version = create(client, "CreateSolutionVersion", "solutionVersionArn", solutionArn=solutions[RECIPES[0]])
    segments = create(client, "CreateSolutionVersion", "solutionVersionArn", solutionArn=solutions[SEGMENT_RECIPE])
    campaign = create(client, "CreateCampaign", "campaignArn", name="first", solutionVersionArn=version)
    attribution = create(
        client, "CreateMetricAttribution", "metricAttributionArn", name="first", datasetGroupArn=group,
        metrics=[{"eventType": "click", "metricName": "clicks", "expression": "SAMPLECOUNT()"}],
        metricsOutputConfig={"roleArn": ROLE, "s3DataDestination": {"path": "s3://data/0/"}},
    )  # fmt: skip
    shop, recommender = _open_shop(client)
    arns = (group, *(datasets[name] for name in names))
    trained = tuple(solutions[name] for name in RECIPES)
    return Stage(*arns, tracker["trackingId"], trained, version, segments, campaign, shop, recommender, attribution)


def _open_shop(client: Client) -> tuple[str, str]:
    """Create a dataset group of a domain, and a recommender in it."""
    shop = create(client, "CreateDatasetGroup", "datasetGroupArn", name="shop", domain="ECOMMERCE")
    for dataset_type, columns, file in (
        ("Interactions", "Interactions", "shop"),
        ("Items", "Shop items", "shop-items"),
    ):
        dataset = _dataset(client, shop, dataset_type, columns, domain="ECOMMERCE")
        _import(client, dataset, file, f"{file}.csv")
    recipe = "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"
    return shop, create(
        client, "CreateRecommender", "recommenderArn", name="first", datasetGroupArn=shop, recipeArn=recipe
    )


def _dataset(client: Client, group: str, dataset_type: str, columns: str, **domain: str) -> str:
    name = f"{group.rpartition('/')[2]}-{dataset_type}"
    schema = create(client, "CreateSchema", "schemaArn", name=name, schema=schema_text(columns), **domain)
    request = {"name": name, "schemaArn": schema, "datasetGroupArn": group, "datasetType": dataset_type}
    arn = _created(client, "CreateDataset", "datasetArn", request)
    until(lambda: client.call("DescribeDataset", {"datasetArn": arn})[1]["dataset"]["status"] == "ACTIVE")
    return arn


def _import(client: Client, dataset_arn: str, name: str, file: str) -> None:
    source = {"dataLocation": f"s3://data/{file}"}
    create(
        client, "CreateDatasetImportJob", "datasetImportJobArn",
        jobName=name, datasetArn=dataset_arn, dataSource=source, roleArn=ROLE,
    )  # fmt: skip


def _solution(client: Client, group: str, recipe: str) -> str:
    request = {"name": recipe, "datasetGroupArn": group, "performAutoTraining": False}
    arn = _created(
        client, "CreateSolution", "solutionArn", request | {"recipeArn": f"arn:aws:personalize:::recipe/{recipe}"}
    )
    until(lambda: client.call("DescribeSolution", {"solutionArn": arn})[1]["solution"]["status"] == "ACTIVE")
    return arn


def create(client: Client, operation: str, member: str, **request: Any) -> str:
    """Create a resource and wait until it is ACTIVE; give its ARN."""
    arn = _created(client, operation, member, request)
    until(lambda: status_of(client, arn) == "ACTIVE")
    return arn


def described(client: Client, arn: str) -> dict[str, Any] | None:
    """Give the description of a resource; None for what is not there."""
    operation, member, answer_member = DESCRIBED[kind_of(arn)]
    status, answer = client.call(operation, {member: arn})
    return dict(answer[answer_member]) if status == 200 else None


def status_of(client: Client, arn: str) -> str | None:
    """Give a resource's status; ACTIVE for a schema, which has none, and None for what is not there."""
    found = described(client, arn)
    return None if found is None else str(found.get("status", "ACTIVE"))


def kind_of(arn: str) -> str:
    """Give the kind of resource that an ARN names."""
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    return "solution-version" if kind == "solution" and "/" in rest else kind


def schema_text(columns: str) -> str:
    """Give the Avro schema of a dataset."""
    fields = [
        {"name": name, "type": kind, **({"categorical": True} if name in CATEGORICAL else {})}
        for name, kind in COLUMNS[columns]
    ]
    return json.dumps({"type": "record", "name": columns.split()[-1].title(), "fields": fields, "version": "1.0"})


def until(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds.

    Errors: TimeoutError.
    """
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError("the server did not get ready")
        time.sleep(POLL_S)


def _created(client: Client, operation: str, member: str, request: Mapping[str, Any]) -> str:
    status, answer = client.call(operation, request)
    assert status == 200, answer
    return str(answer[member])


def _csv(header: str, lines: list[str]) -> bytes:
    return "\n".join([header, *lines, ""]).encode()
