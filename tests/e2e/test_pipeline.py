"""The pipeline in the local cloud, with the real tools: deployed once, run twice, and then by a schedule."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.local_cloud import ROOT, LocalCloud

PROJECT = "mlops/personalize-step-functions"
GROUP = "tgam-personalize"


class Pipeline:
    """A deployed pipeline with the data of a small newspaper in its bucket."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.parameters = json.loads((ROOT / "mlops" / "params.json").read_text())
        cloud.client("s3").create_bucket(Bucket="code")
        options = ("--s3-bucket", "code", "--capabilities", "CAPABILITY_IAM")
        outputs = cloud.deploy(PROJECT, "pipeline", {"Email": "news@example.com"}, *options)
        self.bucket, self.machine_arn = outputs["InputBucketName"], outputs["DeployStateMachineArn"]
        self.settings_table = outputs["ApiSettingsTableName"]
        end = f"{datetime.now(UTC):%Y-%m-%dT%H:00:00Z}"
        arguments = ["--events", "5000", "--seed", "7", "--end", end, "--out", str(folder)]
        subprocess.run([sys.executable, "-m", "examples.newsroom", *arguments], cwd=ROOT, check=True, timeout=120)
        for path in (path for name in ("Items", "Interactions") for path in (folder / name).iterdir()):
            cloud.client("s3").upload_file(str(path), self.bucket, f"{path.parent.name}/{path.name}")

    def executions(self) -> list[dict[str, Any]]:
        """The executions so far, newest first."""
        found = self.cloud.client("stepfunctions").list_executions(stateMachineArn=self.machine_arn)
        return found["executions"]

    def upload(self, within_s: float = 240) -> dict[str, Any]:
        """Upload the parameter file, and wait for the end of the execution that it starts."""
        before = {each["executionArn"] for each in self.executions()}
        body = json.dumps(self.parameters).encode()
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key="params.json", Body=body)
        return self.wait_for(lambda each: each["executionArn"] not in before, within_s)

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], within_s: float = 240) -> dict[str, Any]:
        """Wait for an execution to end."""
        give_up_at = time.monotonic() + within_s
        while time.monotonic() < give_up_at:
            for each in self.executions():
                if wanted(each) and each["status"] != "RUNNING":
                    states = self.cloud.client("stepfunctions")
                    return states.describe_execution(executionArn=each["executionArn"])
            time.sleep(1)
        raise AssertionError(f"No such execution has ended: {self.executions()}")

    def resources(self) -> dict[str, Any]:
        """The ARNs of all that the dataset group has, and what its campaigns serve."""
        personalize = self.cloud.client("personalize")
        groups = {each["name"]: each["datasetGroupArn"] for each in personalize.list_dataset_groups()["datasetGroups"]}
        solutions = personalize.list_solutions(datasetGroupArn=groups[GROUP])["solutions"]
        arns = [each["solutionArn"] for each in solutions]
        versions = [
            one for arn in arns for one in personalize.list_solution_versions(solutionArn=arn)["solutionVersions"]
        ]
        campaigns = [one for arn in arns for one in personalize.list_campaigns(solutionArn=arn)["campaigns"]]
        served = [personalize.describe_campaign(campaignArn=one["campaignArn"])["campaign"] for one in campaigns]
        datasets = personalize.list_datasets(datasetGroupArn=groups[GROUP])["datasets"]
        imports = [
            one["datasetImportJobArn"]
            for each in datasets
            for one in personalize.list_dataset_import_jobs(datasetArn=each["datasetArn"])["datasetImportJobs"]
        ]
        filters = personalize.list_filters(datasetGroupArn=groups[GROUP])["Filters"]
        return {
            "solutions": sorted(arns),
            "versions": sorted(one["solutionVersionArn"] for one in versions),
            "served": sorted((one["campaignArn"], one["solutionVersionArn"]) for one in served),
            "imports": sorted(imports),
            "filters": sorted(one["filterArn"] for one in filters),
        }


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Start a local cloud of the test's own, deploy, and stop it."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.up()
    yield Pipeline(cloud, tmp_path_factory.mktemp("newsroom"))
    cloud.down()


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_the_same_file_a_second_time_changes_nothing(pipeline: Pipeline) -> None:
    """GIVEN the newspaper's file run to its end WHEN it is uploaded again THEN nothing is made, trained or changed."""
    first = pipeline.upload()
    assert (first["status"], first.get("cause")) == ("SUCCEEDED", None)
    before = pipeline.resources()
    assert {name: len(found) for name, found in before.items()} == {
        "solutions": 3, "versions": 3, "served": 3, "imports": 2, "filters": 3,
    }  # fmt: skip

    second = pipeline.upload()

    assert (second["status"], second.get("cause")) == ("SUCCEEDED", None)
    assert pipeline.resources() == before
    rows = pipeline.cloud.client("dynamodb").scan(TableName=pipeline.settings_table)["Items"]
    assert "$minTimestamp" in rows[0]["context"]["M"]["default"]["M"]["filterExpression"]["S"]


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_a_schedule_of_the_file_starts_runs_and_goes_with_it(pipeline: Pipeline) -> None:
    """GIVEN a file with a schedule WHEN its minute has come THEN a run of that work; WHEN it is gone THEN none."""
    pipeline.parameters["schedules"] = {"import": "rate(1 minute)"}
    assert pipeline.upload()["status"] == "SUCCEEDED"
    scheduler = pipeline.cloud.client("scheduler")
    names = [each["Name"] for each in scheduler.list_schedules(GroupName="tgam-personalize-dev")["Schedules"]]
    assert names == ["tgam-personalize-import"]
    uploads = {each["executionArn"] for each in pipeline.executions()}

    run = pipeline.wait_for(lambda each: each["executionArn"] not in uploads)

    assert run["status"] == "SUCCEEDED"
    started = json.loads(run["input"])
    assert started["work"] == ["import"]
    assert datetime.fromisoformat(started["requested_at"]).tzinfo is not None
    del pipeline.parameters["schedules"]
    assert pipeline.upload()["status"] == "SUCCEEDED"
    assert scheduler.list_schedules(GroupName="tgam-personalize-dev")["Schedules"] == []
