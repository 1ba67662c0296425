"""The monitoring stack in the local cloud, with the real tools, and its dashboard in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.local_cloud import LocalCloud

REGIONS = ("us-east-1", "ca-central-1")
WIDTHS = {"desktop": 1280, "phone": 375}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """Start a local cloud of the test's own; stop it."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.up()
    yield cloud
    cloud.down()


@pytest.fixture(scope="module")
def outputs(cloud: LocalCloud) -> dict[str, str]:
    """Deploy with the line of the walk-through; give the stack's outputs."""
    parameters = {"CampaignARNs": "all", "Regions": ",".join(REGIONS), "NotificationEndpoint": "news@example.com"}
    return cloud.deploy("monitoring", "watch", parameters)


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_the_stack_watches_every_region_and_changes_nothing_that_is_not_there(
    outputs: dict[str, str], cloud: LocalCloud
) -> None:
    """GIVEN the deployed stack WHEN it runs THEN it publishes, and each region has a topic with the address."""
    reply = cloud.client("lambda").invoke(FunctionName=outputs["MonitorFunctionArn"], Payload=b'{"JudgeAll": true}')
    assert json.loads(reply["Payload"].read()) == {
        "servers": 0, "metrics": 7, "alarms_changed": [], "dashboards_changed": [], "decisions": [], "lacks": [],
    }  # fmt: skip
    subscriptions = cloud.client("sns", REGIONS[1]).list_subscriptions()["Subscriptions"]
    assert [(one["Endpoint"], one["TopicArn"].rpartition(":")[2]) for one in subscriptions] == [
        ("news@example.com", "watch_notifications")
    ]
    reply = cloud.client("lambda").invoke(
        FunctionName=outputs["ChangeResourceFunctionArn"], Payload=b'{"ARN": "arn:x"}'
    )
    assert json.loads(reply["Payload"].read()) == {"done": False, "message": "Give NewMinTPS, or Action: remove."}


@pytest.mark.e2e
@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", WIDTHS)
def test_a_dashboard_is_drawn_in_a_browser(screen: str, cloud: LocalCloud) -> None:
    """GIVEN a dashboard with values WHEN its page is opened THEN its chart is drawn, and fits the screen."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    cloudwatch, now = cloud.client("cloudwatch"), datetime.now(UTC)
    put_value(cloudwatch, now - timedelta(minutes=20), 5)
    put_value(cloudwatch, now - timedelta(minutes=10), 7)
    line = ["Test", screen, "Name", "front", {"stat": "Sum", "label": "front"}]
    body = {"widgets": [{"type": "metric", "properties": {"title": "Requests", "metrics": [line]}}]}
    cloudwatch.put_dashboard(DashboardName=screen, DashboardBody=json.dumps(body))
    with playwright.sync_playwright() as starter:
        browser = starter.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTHS[screen], "height": 800})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{cloud.url}/_personalize/dashboards/{screen}")
        page.wait_for_selector("[data-drawn]")
        assert page.locator(".chart canvas").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[screen]
        assert problems == []
        browser.close()


def put_value(cloudwatch: Any, at: datetime, value: float) -> None:
    for name in WIDTHS:
        datum = {
            "MetricName": name,
            "Dimensions": [{"Name": "Name", "Value": "front"}],
            "Timestamp": at,
            "Value": value,
        }
        cloudwatch.put_metric_data(Namespace="Test", MetricData=[datum])


@pytest.mark.e2e
@pytest.mark.timeout(120)
def test_the_stack_leaves_nothing(outputs: dict[str, str], cloud: LocalCloud) -> None:
    """GIVEN alarms and dashboards of the installation and of another WHEN the stack goes THEN only its own go too."""
    alarm = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
             "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}  # fmt: skip
    for region in REGIONS:
        for name in ("watch_Errors-front", "watch-2_Errors-front"):
            cloud.client("cloudwatch", region).put_metric_alarm(AlarmName=name, **alarm)
    cloud.client("cloudformation").delete_stack(StackName="watch")
    cloud.client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName="watch", WaiterConfig={"Delay": 1}
    )
    for region in REGIONS:
        left = cloud.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        assert [one["AlarmName"] for one in left] == ["watch-2_Errors-front"]
        assert cloud.client("sns", region).list_topics()["Topics"] == []
