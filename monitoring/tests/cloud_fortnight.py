"""The fortnight's servers as real campaigns and recommenders of a local cloud, and its values in CloudWatch there.

The servers are made while Personalize's clock is sixty days behind, so they are as old as their habits say. The values
are those of the simulated fortnight, moved so that it ends now.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from fortnight import (
    API,
    END,
    HABITS,
    HOME,
    NORTH,
    START,
    STATE_MACHINE,
    Habit,
    Value,
    failing_lately,
    failing_stacks,
    requests,
    stopped_events,
)  # fmt: skip

from tests.e2e.local_cloud import LocalCloud
from tests.market import ECOMMERCE, INTERACTION_FIELDS, ITEM_FIELDS, interactions_csv, items_csv

ROLE = "arn:aws:iam::000000000000:role/personalize"
BUCKET = "fortnight"
RECIPES = "arn:aws:personalize:::recipe/"
SOLUTIONS = {"front": "aws-user-personalization-v2", "rank": "aws-personalized-ranking-v2"}
SETTINGS_TABLE = "tgam-personalize-dev-api-settings"
DATA_AT_ONCE = 500


def until(condition: Callable[[], Any], seconds: float = 240) -> Any:
    """Ask until something is there."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{condition} has not become true"
        time.sleep(0.5)
    return found


class CloudRegion:
    """Personalize in one region, and short ways to fill it."""

    def __init__(self, cloud: LocalCloud, region: str) -> None:
        self.region = region
        self.personalize, self.s3 = cloud.client("personalize", region), cloud.client("s3")

    def group(self, name: str, domain: str | None = None) -> str:
        """Make a dataset group with interactions (and items, where it has a domain); wait for its data."""
        more = {"domain": domain} if domain else {}
        arn = self.personalize.create_dataset_group(name=name, **more)["datasetGroupArn"]
        self.ready("dataset_group", arn)
        self.dataset(arn, name, "Interactions", INTERACTION_FIELDS, interactions_csv(ECOMMERCE), **more)
        if domain:
            self.dataset(arn, name, "Items", ITEM_FIELDS[domain], items_csv(domain), **more)
        return arn

    def dataset(self, group: str, name: str, kind: str, fields: list[Any], text: str, **more: str) -> None:
        record = {"type": "record", "name": kind, "fields": fields, "version": "1.0"}
        label = f"{name}-{kind.lower()}"
        schema = self.personalize.create_schema(name=label, schema=json.dumps(record), **more)["schemaArn"]
        arguments = {"name": label, "schemaArn": schema, "datasetGroupArn": group, "datasetType": kind}
        dataset = self.personalize.create_dataset(**arguments)["datasetArn"]
        self.ready("dataset", dataset)
        assert self.import_data(dataset, f"{self.region}-{label}", text) == "ACTIVE"

    def import_data(self, dataset: str, name: str, text: str) -> str:
        """Import a file; give how it ended."""
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}.csv", Body=text.encode())
        source = {"dataLocation": f"s3://{BUCKET}/{name}.csv"}
        job = self.personalize.create_dataset_import_job(
            jobName=name, datasetArn=dataset, dataSource=source, roleArn=ROLE
        )
        return self.ended("dataset_import_job", job["datasetImportJobArn"])

    def version(self, group: str, name: str, recipe: str, **more: Any) -> tuple[str, str]:
        """Train a solution; give its version and how that ended."""
        solution = self.personalize.create_solution(
            name=name, datasetGroupArn=group, recipeArn=RECIPES + recipe, performAutoTraining=False, **more
        )["solutionArn"]
        self.ready("solution", solution)
        version = self.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
        return version, self.ended("solution_version", version)

    def ready(self, kind: str, arn: str) -> None:
        assert self.ended(kind, arn) == "ACTIVE"

    def ended(self, kind: str, arn: str) -> str:
        """Wait until a resource is ready or has failed; give its status."""
        member = kind.split("_")[0] + "".join(word.capitalize() for word in kind.split("_")[1:])

        def final() -> str | None:
            status = getattr(self.personalize, f"describe_{kind}")(**{f"{member}Arn": arn})[member]["status"]
            return status if status in ("ACTIVE", "CREATE FAILED") else None

        return until(final)


def make_servers(cloud: LocalCloud) -> dict[str, str]:
    """Make all that is sixty days old; give the servers' ARNs by name."""
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    home, north = CloudRegion(cloud, HOME), CloudRegion(cloud, NORTH)
    group = home.group("news")
    versions = {(HOME, "front"): home.version(group, "front", SOLUTIONS["front"])[0]}
    # A group of its own: a dataset group has five campaigns at most.
    versions[(HOME, "rank")] = home.version(home.group("ranks"), "rank", SOLUTIONS["rank"])[0]
    versions[(NORTH, "front")] = north.version(north.group("north"), "front", SOLUTIONS["front"])[0]
    arns = {habit.name: make_campaign(cloud, habit, versions) for habit in old(HABITS) if "ecomm" not in habit.recipe}
    arns["recommender"] = make_recommender(north)
    fail_jobs(home, group, versions[(HOME, "front")])
    home.personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
    return arns


def old(habits: Iterable[Habit]) -> list[Habit]:
    return [habit for habit in habits if habit.name != "new"]


def make_campaign(cloud: LocalCloud, habit: Habit, versions: dict[tuple[str, str], str]) -> str:
    personalize = CloudRegion(cloud, habit.region)
    solution = "rank" if "ranking" in habit.recipe else "front"
    arn = personalize.personalize.create_campaign(
        name=habit.name, solutionVersionArn=versions[(habit.region, solution)], minProvisionedTPS=habit.min_tps
    )["campaignArn"]
    personalize.ready("campaign", arn)
    return arn


def make_recommender(north: CloudRegion) -> str:
    habit = next(one for one in HABITS if one.name == "recommender")
    arn = north.personalize.create_recommender(
        name=habit.name, datasetGroupArn=north.group("shop", ECOMMERCE), recipeArn=RECIPES + habit.recipe,
        recommenderConfig={"minRecommendationRequestsPerSecond": habit.min_tps},
    )["recommenderArn"]  # fmt: skip
    north.ready("recommender", arn)
    return arn


def fail_jobs(home: CloudRegion, group: str, version: str) -> None:
    """Have an import, a training and a batch job fail."""
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    assert home.import_data(dataset, "broken", "NOT,A,COLUMN\n1,2,3\n") == "CREATE FAILED"
    assert home.version(group, "never", SOLUTIONS["front"], eventType="never-met")[1] == "CREATE FAILED"
    job = home.personalize.create_batch_inference_job(
        jobName="lost", solutionVersionArn=version, roleArn=ROLE,
        jobInput={"s3DataSource": {"path": f"s3://{BUCKET}/not-there.json"}},
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/out/"}},
    )["batchInferenceJobArn"]  # fmt: skip
    assert home.ended("batch_inference_job", job) == "CREATE FAILED"


def make_stacks(cloud: LocalCloud) -> None:
    """Make a tagged state machine and a tagged API, and the row that says what is live."""
    states = cloud.client("stepfunctions")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    tags = [{"key": "personalize-monitor", "value": "pipeline"}]
    states.create_state_machine(name="Deploy", definition=definition, roleArn=ROLE, tags=tags)
    cloud.client("apigateway").create_rest_api(name=API, tags={"personalize-monitor": "api"})
    key = [("name", "HASH"), ("status", "RANGE")]
    cloud.client("dynamodb").create_table(
        TableName=SETTINGS_TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in key],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in key],
    )  # fmt: skip


def make_live(cloud: LocalCloud, campaign_arn: str) -> None:
    row = {"name": {"S": "news"}, "status": {"S": "active"}, "campaignArn": {"S": campaign_arn}}
    cloud.client("dynamodb").put_item(TableName=SETTINGS_TABLE, Item=row)


def put_fortnight(cloud: LocalCloud, arns: dict[str, str], now: datetime) -> None:
    """Put the values of the fortnight, as if it ended at `now`."""
    group = arns["busy"].replace("campaign/busy", "dataset-group/news")
    for region in (HOME, NORTH):
        habits = [habit for habit in HABITS if habit.region == region and habit.name in arns]
        values = [value for habit in habits for value in requests(habit, arns[habit.name], START, END)]
        if region == HOME:
            values += failing_lately(arns["ranking"], arns["bursty"])
            values += [_of_this_account(value, arns["busy"]) for value in (*failing_stacks(), *stopped_events(group))]
            values = [_of_the_tracker(cloud, value) for value in values]
        put_values(cloud, region, values, now - END)


def _of_this_account(value: Value, arn: str) -> Value:
    """The simulation's state machine, in the local cloud's account."""
    namespace, metric, dimensions, at, number = value
    own = STATE_MACHINE.replace(STATE_MACHINE.split(":")[4], arn.split(":")[4])
    renamed = [{**one, "Value": one["Value"].replace(STATE_MACHINE, own)} for one in dimensions]
    return namespace, metric, renamed, at, number


def _of_the_tracker(cloud: LocalCloud, value: Value) -> Value:
    """Trackers have ARNs of their own, which do not follow from their names."""
    namespace, metric, dimensions, at, number = value
    if metric != "PutEventsRequests":
        return value
    (tracker,) = cloud.client("personalize").list_event_trackers()["eventTrackers"]
    own = [
        {**one, "Value": tracker["eventTrackerArn"]} if one["Name"] == "EventTrackerArn" else one for one in dimensions
    ]
    return namespace, metric, own, at, number


def put_values(cloud: LocalCloud, region: str, values: Iterable[Value], shift: timedelta) -> None:
    client = cloud.client("cloudwatch", region)
    by_namespace: dict[str, list[dict[str, Any]]] = {}
    for namespace, metric, dimensions, at, value in values:
        datum = {"MetricName": metric, "Dimensions": dimensions, "Timestamp": at + shift, "Value": value}
        by_namespace.setdefault(namespace, []).append(datum)
    for namespace, data in by_namespace.items():
        for start in range(0, len(data), DATA_AT_ONCE):
            client.put_metric_data(Namespace=namespace, MetricData=data[start : start + DATA_AT_ONCE])
