"""Releases in the local cloud with readers asking all the time: no request fails, before, during or after.

The pipeline's stack is deployed with the real tools and the generated newspaper goes through it; then versions are
released, refused, taken back and rolled back, and in the end everything is deleted. The API runs in this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "mlops" / "personalize-step-functions"
sys.path.insert(0, str(ROOT / "api" / "functions"))

from recommendations.application import build_application  # noqa: E402
from recommendations.messages import HttpRequest  # noqa: E402
from recommendations.settings import Settings  # noqa: E402

from benchmarks.api_cloud import environment, free_port  # noqa: E402

SAM = ROOT / ".venv-tools" / "bin" / "sam"
PERSONALIZE_LOCAL = Path(sys.executable).with_name("personalize-local")
STACK, PREFIX, CONTENT = "pipeline", "e2e", "articles"
TABLE = f"{PREFIX}-dev-api-settings"
GROUP = "tgam-personalize"
ALARM = "api-errors"
QUICK = {"steps": [20, 60, 100], "stepMinutes": 3, "soakHours": 0.05, "alarms": [ALARM]}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A local cloud with the pipeline's stack and the newspaper's first run; gives the stack's outputs."""
    folder = tmp_path_factory.mktemp("release")
    port = free_port()
    variables = environment(port) | {
        "PERSONALIZE_LOCAL_PORT": str(port),
        "PERSONALIZE_LOCAL_DATA_DIR": str(folder / "data"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        subprocess.run([PERSONALIZE_LOCAL, "up"], check=True, stdout=subprocess.DEVNULL)
        try:
            outputs = deploy(folder / "build")
            upload_newspaper(folder / "newspaper", outputs["InputBucketName"])
            first_run(outputs)
            yield outputs
        finally:
            subprocess.run([PERSONALIZE_LOCAL, "down"], check=True, stdout=subprocess.DEVNULL)


def deploy(build_dir: Path) -> dict[str, str]:
    boto3.client("s3").create_bucket(Bucket="code")
    sam("build", "--build-dir", str(build_dir))
    parameters = {"Email": "reader@example.com", "ResourcesPrefix": PREFIX}
    sam(
        *("deploy", "--template-file", str(build_dir / "template.yaml"), "--stack-name", STACK, "--s3-bucket", "code"),
        *("--capabilities", "CAPABILITY_IAM", "--parameter-overrides"),
        *(f"ParameterKey={name},ParameterValue={value}" for name, value in parameters.items()),
    )
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def sam(*arguments: str) -> None:
    done = subprocess.run([SAM, *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def upload_newspaper(folder: Path, bucket: str) -> None:
    command = [sys.executable, "-m", "examples.newsroom", "--out", str(folder), "--events", "20000"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    s3 = boto3.client("s3")
    for path in (each for name in ("Interactions", "Items") for each in (folder / name).glob("*.csv")):
        s3.upload_file(str(path), bucket, f"{path.parent.name}/{path.name}")
    fill_content(folder / "content" / "content.jsonl")


def fill_content(path: Path) -> None:
    dynamodb = boto3.resource("dynamodb")
    dynamodb.create_table(
        TableName=CONTENT,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "ContentId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "ContentId", "KeyType": "HASH"}],
    )
    with dynamodb.Table(CONTENT).batch_writer() as writer:
        for line in path.read_text().splitlines():
            writer.put_item(Item=json.loads(line))


def first_run(outputs: dict[str, str]) -> None:
    """The workflow makes everything, and goes live at once."""
    boto3.client("s3").upload_file(str(ROOT / "mlops" / "params.json"), outputs["InputBucketName"], "params.json")
    states = boto3.client("stepfunctions")
    machine = outputs["DeployStateMachineArn"]
    found = until(lambda: states.list_executions(stateMachineArn=machine)["executions"], 120)
    ended(found[0]["executionArn"])


def until(look: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it has not come about in time"
        time.sleep(0.5)
    return found


def ended(execution_arn: str, expected: str = "SUCCEEDED") -> dict[str, Any]:
    states = boto3.client("stepfunctions")

    def look() -> dict[str, Any] | None:
        described = states.describe_execution(executionArn=execution_arn)
        return None if described["status"] == "RUNNING" else described

    described = until(look, 900)
    assert described["status"] == expected, described.get("cause", "")
    return described


class Readers:
    """Asks the API all the time, in another thread; keeps what was not a full answer of Personalize's."""

    def __init__(self, users: list[str]) -> None:
        variables = {"SETTINGS_TABLE": TABLE, "CONTENT_TABLE": CONTENT, "SETTINGS_TTL_S": "0.2", "DEADLINE_MS": "20000"}
        self._api = build_application(Settings.from_environment(variables), lives_on=True).api
        self._users = users
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.failures: list[str] = []
        self.arms: dict[str, int] = {}

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            asked = {
                "limit": 5,
                "context": ("default", "art_same_section_mostpopular")[number % 2],
                "section": "/canada/",
            }
            body = {"visitor_id": self._users[number % len(self._users)], "sub_requests": [asked]}
            reply = self._api.handle(HttpRequest("POST", "/recommendations", body=json.dumps(body).encode()))
            [answer] = json.loads(reply.body) if reply.status == 200 else [{}]
            if answer.get("source") != "personalize" or not answer.get("recommendations"):
                self.failures.append(f"{reply.status} {reply.body[:300]!r}")
            self.arms[answer.get("backend", "")] = self.arms.get(answer.get("backend", ""), 0) + 1
            time.sleep(0.05)


@pytest.fixture
def readers(cloud: dict[str, str]) -> Iterator[Readers]:
    """Readers who ask while the test runs; none may have gone without an answer."""
    head = boto3.client("s3").list_objects_v2(Bucket=cloud["InputBucketName"], Prefix="Interactions/")["Contents"][0]
    text = boto3.client("s3").get_object(Bucket=cloud["InputBucketName"], Key=head["Key"])["Body"].read().decode()
    users = sorted({line.split(",")[0] for line in text.splitlines()[1:400]})
    with Readers(users) as asking:
        yield asking
    assert asking.failures == []
    assert sum(asking.arms.values()) > 20


def solution_of(name: str) -> dict[str, Any]:
    personalize = boto3.client("personalize")
    group = next(each for each in personalize.list_dataset_groups()["datasetGroups"] if each["name"] == GROUP)
    solutions = personalize.list_solutions(datasetGroupArn=group["datasetGroupArn"])["solutions"]
    return next(each for each in solutions if each["name"] == f"{GROUP}-{name}")


def train(solution_arn: str) -> str:
    personalize = boto3.client("personalize")
    version = personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
    look = personalize.describe_solution_version
    until(lambda: look(solutionVersionArn=version)["solutionVersion"]["status"] == "ACTIVE", 600)
    return version


def rows() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in boto3.resource("dynamodb").Table(TABLE).scan()["Items"]}


def release_input(cloud: dict[str, str], solution: dict[str, Any], version: str, **more: Any) -> dict[str, Any]:
    """What the workflow would hand on, from the live row: only the front page's campaign has a new version."""
    live = max(rows().values(), key=lambda row: row["trafficRatio"])
    contexts = json.loads(json.dumps(live["context"], default=float))
    campaign = f"{GROUP}-userPersonalizationCampaign"
    scope = live["campaignArn"].rpartition(":campaign/")[0]
    return {
        "dataset_group": GROUP,
        "bucket": cloud["InputBucketName"],
        "settings": {"name": GROUP, "trafficRatio": 100, "datasetArn": live["datasetArn"], "contexts": contexts},
        "filters": [],
        "event_trackers": [{"event_tracker": {"tracking_id": live["eventTrackerId"]}}],
        "releases": [
            {
                "type": "userPersonalization",
                "recipe_arn": solution["recipeArn"],
                "solution_arn": solution["solutionArn"],
                "solution_version_arn": version,
                "campaign": {
                    "kind": "campaign",
                    "name": campaign,
                    "arn": f"{scope}:campaign/{campaign}",
                    "arguments": {"minProvisionedTPS": 1},
                },
            }
        ],
        "gate": {"tolerance": 0.1},
        "traffic": QUICK,
        **more,
    }


def start(machine_arn: str, wanted: dict[str, Any]) -> str:
    states = boto3.client("stepfunctions")
    return states.start_execution(stateMachineArn=machine_arn, input=json.dumps(wanted))["executionArn"]


def alarm(threshold: float) -> None:
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        Namespace="Test",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def campaigns() -> set[str]:
    return {each["name"] for each in boto3.client("personalize").list_campaigns()["campaigns"]}


@pytest.mark.e2e
@pytest.mark.timeout(3000)
def test_a_newspapers_releases_with_readers_asking(cloud: dict[str, str], readers: Readers) -> None:
    """A refresh, a bad model, a campaign that alarms, a rollback: readers notice none of it."""
    alarm(10)
    personal = solution_of("userPersonalization")
    first = max(rows().values(), key=lambda row: row["trafficRatio"])["campaignArn"]

    # A refresh: the traffic moves, and the version before goes.
    version = train(personal["solutionArn"])
    ended(start(cloud["ReleaseStateMachineArn"], release_input(cloud, personal, version)))
    live = max(rows().values(), key=lambda row: row["trafficRatio"])
    assert live["campaignArn"] == f"{first}-b"
    assert readers.arms.keys() == {GROUP, f"{GROUP}-b"}
    until(lambda: len(rows()) == 1 and first.rsplit("/", 1)[-1] not in campaigns(), 300)

    # A bad model is stopped by the gate.
    group_arn = boto3.client("personalize").describe_solution(solutionArn=personal["solutionArn"])["solution"]
    popular = boto3.client("personalize").create_solution(
        name=f"{GROUP}-popular",
        datasetGroupArn=group_arn["datasetGroupArn"],
        recipeArn="arn:aws:personalize:::recipe/aws-popularity-count",
        performAutoTraining=False,
    )["solutionArn"]
    bad = {"solutionArn": popular, "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"}
    execution = start(cloud["ReleaseStateMachineArn"], release_input(cloud, bad, train(popular)))
    assert ended(execution, "FAILED")["error"] == "ReleaseRefused"
    assert len(rows()) == 1
    assert len([name for name in campaigns() if "userPersonalization" in name]) == 1

    # A campaign that sets an alarm off is taken back.
    version = train(personal["solutionArn"])
    execution = start(cloud["ReleaseStateMachineArn"], release_input(cloud, personal, version))
    until(lambda: rows().get(GROUP, {}).get("trafficRatio", 0) > 0, 300)
    boto3.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[{"MetricName": "Errors", "Value": 99}])
    failed = ended(execution, "FAILED")
    assert f"The alarm {ALARM} rings." in failed["cause"]
    assert rows().keys() == {f"{GROUP}-b"}

    # Rollback: one command.
    alarm(1000)
    command = [sys.executable, str(PROJECT / "rollback.py"), GROUP, "--stack", STACK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert max(rows().values(), key=lambda row: row["trafficRatio"])["campaignArn"] == first


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_after_a_teardown_nothing_is_left(cloud: dict[str, str]) -> None:
    """Runs after the releases: what they left, whatever state it is in, goes too."""
    command = [sys.executable, str(PROJECT / "teardown.py"), GROUP, "--stack", STACK]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert (listed.returncode, "would be deleted: add --yes" in listed.stdout) == (0, True), listed.stderr
    resources = [sys.executable, str(PROJECT / "resources.py"), GROUP, "--table", TABLE]
    assert subprocess.run(resources, capture_output=True, timeout=300, check=False).returncode == 1

    deleted = subprocess.run([*command, "--yes"], capture_output=True, text=True, timeout=1200, check=False)

    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    left = subprocess.run(resources, capture_output=True, text=True, timeout=300, check=False)
    assert (left.returncode, left.stdout.splitlines()[-1]) == (0, "0 resources")
    personalize = boto3.client("personalize")
    assert personalize.list_dataset_groups()["datasetGroups"] == []
    assert personalize.list_schemas()["schemas"] == []
    assert personalize.list_filters()["Filters"] == []
