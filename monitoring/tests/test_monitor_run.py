"""A run in which things fail, and what an installation leaves behind."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_aws import FakeAws
from personalize_monitor.clients import Clients
from personalize_monitor.dashboard import CHART_MAX_METRICS, DASHBOARD_MAX_METRICS

FUNCTIONS = Path(__file__).parents[1] / "functions"
RECIPE = "aws-user-personalization-v2"
OLD = timedelta(days=30)


def test_throttled_failing_and_vanishing_resources_cost_only_themselves(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    """GIVEN a throttled campaign, one that vanishes and a region that refuses WHEN run THEN the rest is published."""
    home, north = aws.personalize["us-east-1"], aws.personalize["ca-central-1"]
    arns = [home.add_campaign(f"c{number}", RECIPE, 1, now - OLD) for number in range(5)]
    home.failing, home.vanishing = {arns[0]}, {arns[1]}
    north.failing = {"list_campaigns", "list_dataset_groups"}
    report = make_monitor().run()
    assert report.servers == 3
    assert sorted(report.lacks) == [
        f"{arns[0]}: ThrottlingException",
        "ca-central-1: list_campaigns: ThrottlingException",
        "ca-central-1: list_dataset_groups: ThrottlingException",
    ]
    published = {key[2][0][1] for key in aws.cloudwatch["us-east-1"].points if key[1] == "campaignUtilization"}
    assert published == set(arns[2:])


def test_what_cannot_be_read_now_keeps_its_alarms_and_dashboards(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    home = aws.personalize["us-east-1"]
    home.add_campaign("front", RECIPE, 1, now - OLD)
    monitor, cloudwatch = make_monitor(), aws.cloudwatch["us-east-1"]
    monitor.run()
    before = set(cloudwatch.alarms), dict(cloudwatch.dashboards)
    assert all(before)
    home.failing = {"list_campaigns"}
    monitor.run()
    assert (set(cloudwatch.alarms), cloudwatch.dashboards) == before
    home.failing = set()
    home.campaigns.clear()
    monitor.run()
    assert (cloudwatch.alarms, cloudwatch.dashboards) == ({}, {})


def test_a_second_run_changes_nothing(aws: FakeAws, make_monitor: Callable[..., Any], now: datetime) -> None:
    aws.personalize["us-east-1"].add_campaign("front", RECIPE, 4, now - OLD)
    monitor = make_monitor()
    assert monitor.run().alarms and len(aws.sns["us-east-1"].mails) == 1
    again = monitor.run()
    assert (again.alarms, again.dashboards, len(aws.sns["us-east-1"].mails)) == ([], [], 1)


def test_settings_that_cannot_be_read_keep_everything(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    aws.personalize["us-east-1"].add_campaign("front", RECIPE, 1, now - OLD)
    aws.dynamodb.tables["a-dev-api-settings"] = {}
    aws.dynamodb.is_broken = True
    report = make_monitor(AutoDeleteOrStopIdleResources="Yes").run()
    assert [str(one.action) for one in report.decisions] == ["none"]
    assert "the API's settings: ProvisionedThroughputExceededException" in report.lacks


def test_dashboards_stay_within_the_limits(aws: FakeAws, make_monitor: Callable[..., Any], now: datetime) -> None:
    for number in range(600):
        aws.personalize["us-east-1"].add_campaign(f"c{number}", RECIPE, 1, now - OLD)
    make_monitor().run(judge_all=False)
    body = json.loads(aws.cloudwatch["us-east-1"].dashboards["watch_news"])
    charts = [len(widget["properties"]["metrics"]) for widget in body["widgets"] if widget["type"] == "metric"]
    assert max(charts) <= CHART_MAX_METRICS and sum(charts) <= DASHBOARD_MAX_METRICS
    assert "lines are not shown" in body["widgets"][0]["properties"]["markdown"]
    assert "Expression" not in json.dumps(body) and "SEARCH" not in json.dumps(body)


@pytest.fixture
def clean_up(aws: FakeAws, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function's app.py over the fake AWS, with what it answered in `answered`."""
    spec = importlib.util.spec_from_file_location("clean_up_app", FUNCTIONS / "clean_up" / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.answered = []
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "CLIENTS", Clients(aws.make))
    monkeypatch.setattr(module, "answer", lambda event, reason: module.answered.append(reason))
    return module


def test_an_installation_leaves_nothing_and_touches_no_other(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime, clean_up: ModuleType
) -> None:
    """GIVEN installations "watch" and "watch-2" WHEN the first goes THEN only what is its own goes."""
    for region in aws.personalize:
        aws.personalize[region].add_campaign("front", RECIPE, 2, now - OLD)
    make_monitor().run()
    make_monitor(INSTALLATION="watch-2").run()
    for region in aws.sns:
        aws.sns[region].delete_topic = lambda TopicArn, region=region: aws.sns[region].topics.discard(TopicArn)
    clean_up.lambda_handler({"RequestType": "Delete"}, None)
    assert clean_up.answered == [""]
    left = [name for one in aws.cloudwatch.values() for name in (*one.alarms, *one.dashboards)]
    assert left and all(name.startswith("watch-2_") for name in left)
    assert aws.sns["ca-central-1"].topics == {"arn:aws:sns:ca-central-1:123456789012:watch-2_notifications"}
