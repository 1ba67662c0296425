"""The fortnight in a local cloud: real campaigns in two regions, the stack deployed with the walk-through's line.

Watching for hours is done with the functions' own code over the cloud, at moments of the past; judging and changing is
done by the deployed functions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cloud_fortnight as fortnight
import pytest
from fortnight import HABITS, HOME, NORTH, WINDOW, best_constant, charged_tps
from personalize_monitor.clients import Clients
from personalize_monitor.memory import MemoryTable
from personalize_monitor.run import Run
from personalize_monitor.settings import read_settings

from tests.e2e.local_cloud import LocalCloud

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

SIXTY_DAYS_S = 60 * 86_400
OLD = {"PERSONALIZE_LOCAL_CLOCK_OFFSET_S": str(-SIXTY_DAYS_S)}
# Models that are sixty days old would be trained at once, and campaigns answer nothing before.
QUIET = {"PERSONALIZE_LOCAL_AUTOMATIC_TRAINING": "off", "PERSONALIZE_LOCAL_METRICS_INTERVAL_S": "3600"}
EXPECTED = {
    HOME: {"FailedImport-news/INTERACTIONS", "FailedTraining-never", "FailedBatchJob-front", "StaleModel-front",
           "StaleModel-rank", "NoEvents-clicks", "FailedExecution-Deploy", "TimedOutExecution-Deploy", "ApiErrors-news",
           "Spend-all"},
    NORTH: {"StaleModel-front"},
}  # fmt: skip


@dataclass
class Watched:
    """A local cloud in which the fortnight has happened, the stack's outputs, and the servers' ARNs by name."""

    cloud: LocalCloud
    outputs: dict[str, str]
    arns: dict[str, str]

    def invoke(self, **event: Any) -> dict[str, Any]:
        """Run the deployed monitor; give its report."""
        payload = json.dumps({"JudgeAll": True, **event}).encode()
        reply = self.cloud.client("lambda").invoke(FunctionName=self.outputs["MonitorFunctionArn"], Payload=payload)
        return json.loads(reply["Payload"].read())

    def min_tps(self, name: str) -> int | None:
        """Give a server's minimum; None for one that is gone."""
        arn = self.arns[name]
        personalize = self.cloud.client("personalize", arn.split(":")[3])
        if ":recommender/" in arn:
            recommender = personalize.describe_recommender(recommenderArn=arn)["recommender"]
            return recommender["recommenderConfig"]["minRecommendationRequestsPerSecond"]
        try:
            return personalize.describe_campaign(campaignArn=arn)["campaign"]["minProvisionedTPS"]
        except personalize.exceptions.ResourceNotFoundException:
            return None

    def memory_table(self) -> str:
        variables = self.variables()
        return variables["MEMORY_TABLE"]

    def variables(self) -> dict[str, str]:
        client = self.cloud.client("lambda")
        found = client.get_function_configuration(FunctionName=self.outputs["MonitorFunctionArn"])
        return found["Environment"]["Variables"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Make the servers sixty days ago, the fortnight until now, deploy, and watch the last hours of it."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.up(**OLD, **QUIET)
    arns = fortnight.make_servers(cloud)
    cloud.down()
    cloud.up(**QUIET)
    new = next(habit for habit in HABITS if habit.name == "new")
    version = cloud.client("personalize").describe_campaign(campaignArn=arns["busy"])["campaign"]["solutionVersionArn"]
    arns["new"] = fortnight.make_campaign(cloud, new, {(HOME, "front"): version})
    fortnight.make_stacks(cloud)
    fortnight.make_live(cloud, arns["live"])
    outputs = cloud.deploy(
        "monitoring", "watch",
        {"CampaignARNs": "all", "Regions": f"{HOME},{NORTH}", "NotificationEndpoint": "news@example.com",
         "MonthlySpendLimit": "100"},
    )  # fmt: skip
    watched = Watched(cloud, outputs, arns)
    now = datetime.now(UTC)
    now -= timedelta(seconds=now.timestamp() % WINDOW.total_seconds())
    fortnight.put_fortnight(cloud, arns, now)
    watch_the_last_hours(watched, now)
    yield watched
    cloud.down()


def watch_the_last_hours(watched: Watched, now: datetime) -> None:
    """Run the functions' code at moments of the past: every half hour, and every five minutes of the last hour."""
    settings = read_settings(watched.variables() | {"AWS_REGION": HOME})
    clients = Clients(watched.cloud.client)
    memory = MemoryTable(clients.get("dynamodb", HOME), watched.memory_table())
    for minutes in (*range(-390, -60, 30), *range(-60, 5, 5)):
        at = now + timedelta(minutes=minutes, seconds=121)
        assert Run(clients, settings, memory, at).execute().lacks == []


def firing(cloud: LocalCloud, region: str) -> set[str]:
    pages = cloud.client("cloudwatch", region).get_paginator("describe_alarms").paginate(StateValue="ALARM")
    return {one["AlarmName"].removeprefix("watch_") for page in pages for one in page["MetricAlarms"]}


def test_every_alarm_that_should_fire_fires_and_no_other(watched: Watched) -> None:
    for region in (HOME, NORTH):
        of_servers = {f"{title}-{one.name}" for one in HABITS if one.region == region for title in one.alarms}
        assert firing(watched.cloud, region) == of_servers | EXPECTED[region]


def test_the_guard_reports_first_then_adjusts_within_a_tenth_of_hindsight(watched: Watched) -> None:
    """GIVEN leave to act WHEN judged THEN Personalize has the new minimums, each near the best of hindsight."""
    before = {name: watched.min_tps(name) for name in watched.arns}
    proposed = watched.invoke()
    assert proposed["lacks"] == []
    assert {name: watched.min_tps(name) for name in watched.arns} == before
    decided = watched.invoke(AutoAdjustMinTPS="Yes", AutoDeleteOrStopIdleResources="Yes")["decisions"]
    changed = {one["arn"]: one["new_min_tps"] for one in decided if one["action"] == "update"}
    updating = [habit for habit in HABITS if habit.action == "update"]
    assert set(changed) == {watched.arns[habit.name] for habit in updating}
    for habit in updating:
        tps = changed[watched.arns[habit.name]]
        fortnight.until(lambda habit=habit, tps=tps: watched.min_tps(habit.name) == tps)
        assert 0.9 <= charged_tps(habit, tps) / charged_tps(habit, best_constant(habit)) <= 1.1, habit.name


def test_only_what_is_idle_goes_and_only_after_its_warning(watched: Watched) -> None:
    """GIVEN a warning of yesterday WHEN judged again THEN the idle campaign is deleted, and nothing that is in use."""
    watched.invoke(AutoDeleteOrStopIdleResources="Yes", AutoAdjustMinTPS="No")
    assert watched.min_tps("idle") is not None
    remember_the_warning_of_yesterday(watched)
    report = watched.invoke(AutoDeleteOrStopIdleResources="Yes", AutoAdjustMinTPS="No")
    assert [one["arn"] for one in report["decisions"] if one["action"] == "remove"] == [watched.arns["idle"]]
    fortnight.until(lambda: watched.min_tps("idle") is None)
    assert [name for name in watched.arns if watched.min_tps(name) is None] == ["idle"]


def remember_the_warning_of_yesterday(watched: Watched) -> None:
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    watched.cloud.client("dynamodb").update_item(
        TableName=watched.memory_table(), Key={"arn": {"S": watched.arns["idle"]}},
        UpdateExpression="SET warned_at = :at", ExpressionAttributeValues={":at": {"S": yesterday}},
    )  # fmt: skip


def test_every_notification_was_delivered(watched: Watched) -> None:
    """Mails of both regions: alarms by the topic of their own region, decisions by the home region's."""
    mails = "\n".join(path.read_text() for path in (watched.cloud.folder / "data").rglob("*.eml"))
    assert "Subject: idle was deleted" in mails
    for region, alarm in ((HOME, "watch_FailedTraining-never"), (NORTH, "watch_LowRecommenderUtilization-recommender")):
        assert f'Subject: ALARM: "{alarm}" in {region}' in mails
