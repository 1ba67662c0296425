"""The API's stack as a newspaper runs it: both streams, the queue, the alarms, deployed with the real tools.

What the local cloud lacks: metrics of embedded-metric lines (they are written to the log only, so the alarms get their
data points from the test, by the names and dimensions of those lines), metrics of AWS services, and partial batch
responses of Kinesis (StreamPatienceSeconds is 0, which sends what fails to the queue at once).
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from benchmarks.api_cloud import CONTENT, IMAGES, environment, running_cloud
from benchmarks.gateway import GROUP, TRACKING_ID
from personalize_local.cloud.outbox import Outbox

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / ".venv-tools" / "bin" / "sam"
STACK, BUCKET = "reco", "code"
STREAMS = {"KinesisEventStream": "page-events", "KinesisContentStream": "article-changes"}
PARAMETERS = {
    "EventTrackerIdParam": TRACKING_ID,
    "ContentDatasetName": GROUP,
    "CampaignName": GROUP,
    "ContentDynamoDbTableName": CONTENT,
    "ImageDynamoDbTableName": IMAGES,
    "ResourcesPrefix": "nobody",
    "StreamPatienceSeconds": "0",
    "AlarmEmail": "reader@example.com",
    **STREAMS,
}
READERS = 12
Client = Callable[[str], Any]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Give clients of a local cloud with a campaign and content."""
    with running_cloud(tmp_path / "cloud", 200) as port:
        for name, value in environment(port).items():
            monkeypatch.setenv(name, value)
        # A session of its own: boto3's default one keeps the credentials of an earlier test, that is another account,
        # and the tools may not write into that one's bucket.
        yield boto3.Session().client


def deploy(client: Client, build_dir: Path) -> dict[str, str]:
    """Build and deploy; give the stack's outputs."""
    client("s3").create_bucket(Bucket=BUCKET)
    for stream in STREAMS.values():
        client("kinesis").create_stream(StreamName=stream, ShardCount=1)
    run("build", "--build-dir", str(build_dir))
    overrides = [f"ParameterKey={name},ParameterValue={value}" for name, value in PARAMETERS.items()]
    options = ["--stack-name", STACK, "--s3-bucket", BUCKET, "--capabilities", "CAPABILITY_IAM"]
    template = ["--template-file", str(build_dir / "template.yaml")]
    run("deploy", *template, *options, "--parameter-overrides", *overrides)
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def run(*arguments: str) -> None:
    variables = os.environ | {"SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(
        [SAM, *arguments], cwd=ROOT / "api", env=variables, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Ask until something is there."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{condition.__name__} has not become true"
        time.sleep(0.5)
    return found


def counted(client: Client, group: str, name: str) -> float:
    """Sum a metric over the functions' lines."""
    events = client("logs").filter_log_events(logGroupName=group, limit=10_000)["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith('{"_aws"')]
    return sum(sum(line.get(name, [])) for line in lines)


def page_view(number: int) -> bytes:
    (event, _) = json.loads((ROOT / "api" / "events" / "kinesis_events.json").read_text())
    changes = {"sp_event_id": f"e-{number}", "sp_user_id": f"u{number}", "content_contentId": f"i{number}"}
    return json.dumps(event | changes).encode()


def article(number: int) -> bytes:
    change = json.loads((ROOT / "api" / "events" / "kinesis_content.json").read_text())
    return json.dumps(change | {"ContentId": f"new-{number}"}).encode()


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_records_arrive_or_are_kept_and_every_alarm_goes_off(cloud: Client, tmp_path: Path) -> None:
    """WHEN records come THEN each is in Personalize or in the queue; WHEN metrics are bad THEN every alarm goes
    off and its mail is sent."""
    outputs = deploy(cloud, tmp_path / "build")
    group = outputs["FunctionLogGroup"]
    put(cloud, STREAMS["KinesisEventStream"], [*(page_view(number) for number in range(READERS)), b"no json"])
    put(cloud, STREAMS["KinesisContentStream"], [*(article(number) for number in range(READERS)), b"no json"])

    def all_counted() -> bool:
        events = counted(cloud, group, "SuccessEvents") + counted(cloud, group, "FailEvents")
        items = counted(cloud, group, "SuccessItems") + counted(cloud, group, "FailItems")
        return (events, items) == (READERS + 1, READERS + 1)

    until(all_counted)
    assert counted(cloud, group, "SuccessEvents") == READERS
    waiting = cloud("sqs").get_queue_attributes(
        QueueUrl=outputs["DeadLetterQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    kept = int(waiting["Attributes"]["ApproximateNumberOfMessages"])
    assert kept == counted(cloud, group, "FailEvents") + counted(cloud, group, "FailItems")
    names = every_alarm_goes_off(cloud)
    outbox = Outbox(tmp_path / "cloud" / "mail")

    def all_told() -> bool:
        return all(any(name in mail.body for mail in outbox.list()) for name in names)

    until(all_told)


def put(client: Client, stream: str, records: list[bytes]) -> None:
    entries = [{"Data": record, "PartitionKey": str(number)} for number, record in enumerate(records)]
    assert client("kinesis").put_records(StreamName=stream, Records=entries)["FailedRecordCount"] == 0


def every_alarm_goes_off(client: Client) -> list[str]:
    """Give every alarm bad values for as long as it looks, and wait until it is in ALARM; return the names."""
    cloudwatch = client("cloudwatch")
    alarms = [alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"] if alarm["AlarmName"].startswith(STACK)]
    assert len(alarms) == 17
    assert {alarm["StateValue"] for alarm in alarms} <= {"OK", "INSUFFICIENT_DATA"}
    now = datetime.now(UTC)
    for alarm in alarms:
        metric = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"]}
        bad = {**metric, "Value": alarm["Threshold"] * 2 + 1}
        moments = [
            now - timedelta(seconds=alarm["Period"] * period) for period in range(alarm["EvaluationPeriods"] + 1)
        ]
        data = [{**bad, "Timestamp": moment} for moment in moments]
        cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=data)

    def all_alarmed() -> bool:
        states = cloudwatch.describe_alarms(AlarmNames=[alarm["AlarmName"] for alarm in alarms])["MetricAlarms"]
        return {state["StateValue"] for state in states} == {"ALARM"}

    until(all_alarmed)
    return [alarm["AlarmName"] for alarm in alarms]
