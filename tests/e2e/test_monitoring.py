"""The monitoring stack in the local cloud, with the real tools, and its dashboard in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
PERSONALIZE_LOCAL = Path(sys.executable).with_name("personalize-local")
SAM = ROOT / ".venv-tools" / "bin" / "sam"
REGIONS = ("us-east-1", "ca-central-1")
WIDTHS = {"desktop": 1280, "phone": 375}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a local cloud of the test's own; stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("cloud")
    mine = {"PERSONALIZE_LOCAL_PORT": str(port), "PERSONALIZE_LOCAL_DATA_DIR": str(folder / "data")}
    mine |= {"AWS_ENDPOINT_URL": f"http://localhost:{port}", "AWS_DEFAULT_REGION": REGIONS[0]}
    mine |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "SAM_CLI_TELEMETRY": "0"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | mine
    subprocess.run([PERSONALIZE_LOCAL, "up"], env=environment, check=True, timeout=120)
    yield environment
    subprocess.run([PERSONALIZE_LOCAL, "down"], env=environment, check=True, timeout=120)


@pytest.fixture(scope="module")
def client(environment: dict[str, str]) -> Callable[..., Any]:
    def make(service: str, region: str = REGIONS[0]) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=region, endpoint_url=environment["AWS_ENDPOINT_URL"], **keys)

    return make


@pytest.fixture(scope="module")
def outputs(environment: dict[str, str], client: Callable[..., Any]) -> dict[str, str]:
    """Deploy with the line of the walk-through; give the stack's outputs."""
    build = str(Path(environment["PERSONALIZE_LOCAL_DATA_DIR"]).parent / "build")
    overrides = {"CampaignARNs": "all", "Regions": ",".join(REGIONS), "NotificationEndpoint": "news@example.com"}
    pairs = [f"ParameterKey={name},ParameterValue={value}" for name, value in overrides.items()]
    config = str(ROOT / "monitoring" / "samconfig.toml")
    steps = (
        ["build", "--build-dir", build],
        ["deploy", "--template-file", f"{build}/template.yaml", "--config-file", config,
         "--stack-name", "watch", "--parameter-overrides", *pairs],
    )  # fmt: skip
    for step in steps:
        run = subprocess.run(
            [SAM, *step],
            cwd=ROOT / "monitoring",
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    (stack,) = client("cloudformation").describe_stacks(StackName="watch")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_the_stack_watches_every_region_and_changes_nothing_that_is_not_there(
    outputs: dict[str, str], client: Callable[..., Any]
) -> None:
    """GIVEN the deployed stack WHEN it runs THEN it publishes, and each region has a topic with the address."""
    reply = client("lambda").invoke(FunctionName=outputs["MonitorFunctionArn"], Payload=b'{"JudgeAll": true}')
    assert json.loads(reply["Payload"].read()) == {
        "servers": 0, "metrics": 7, "alarms_changed": [], "dashboards_changed": [], "decisions": [], "lacks": [],
    }  # fmt: skip
    subscriptions = client("sns", REGIONS[1]).list_subscriptions()["Subscriptions"]
    assert [(one["Endpoint"], one["TopicArn"].rpartition(":")[2]) for one in subscriptions] == [
        ("news@example.com", "watch_notifications")
    ]
    reply = client("lambda").invoke(FunctionName=outputs["ChangeResourceFunctionArn"], Payload=b'{"ARN": "arn:x"}')
    assert json.loads(reply["Payload"].read()) == {"done": False, "message": "Give NewMinTPS, or Action: remove."}


@pytest.mark.e2e
@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", WIDTHS)
def test_a_dashboard_is_drawn_in_a_browser(
    screen: str, environment: dict[str, str], client: Callable[..., Any]
) -> None:
    """GIVEN a dashboard with values WHEN its page is opened THEN its chart is drawn, and fits the screen."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    cloudwatch, now = client("cloudwatch"), datetime.now(UTC)
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
        page.goto(f"{environment['AWS_ENDPOINT_URL']}/_personalize/dashboards/{screen}")
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
def test_the_stack_leaves_nothing(outputs: dict[str, str], client: Callable[..., Any]) -> None:
    """GIVEN alarms and dashboards of the installation and of another WHEN the stack goes THEN only its own go too."""
    alarm = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
             "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}  # fmt: skip
    for region in REGIONS:
        for name in ("watch_Errors-front", "watch-2_Errors-front"):
            client("cloudwatch", region).put_metric_alarm(AlarmName=name, **alarm)
    client("cloudformation").delete_stack(StackName="watch")
    client("cloudformation").get_waiter("stack_delete_complete").wait(StackName="watch", WaiterConfig={"Delay": 1})
    for region in REGIONS:
        left = client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        assert [one["AlarmName"] for one in left] == ["watch-2_Errors-front"]
        assert client("sns", region).list_topics()["Topics"] == []
