"""Batch jobs as clients use them: lines in a bucket, answers in another folder of it."""

from __future__ import annotations

import json
from pathlib import Path

from personalize_local.jobs.s3_target import S3Target
from tests.behaviours import EXACT, behaviour
from tests.clients.conftest import Trained
from tests.clients.journey import ROLE
from tests.clients.servers import Server
from tests.clients.worlds import BUCKET, article

PART_BYTES = 8 * 1024 * 1024  # what boto3 takes for large


@behaviour(
    "CreateBatchInferenceJob",
    "Answers lie under the output's prefix and the input's name with .out: input, output and error of each line",
    EXACT,
    source="observed, need 9",
)
def test_batch_answers_are_where_and_as_clients_read_them(cloud: Server, trained: Trained) -> None:
    """Need 9: the key is the prefix and the file's name with .out; a number for an id is answered as it came."""
    # GIVEN lines of readers, one of them a number, and one that is none
    s3, journey = cloud.client("s3"), trained.journey
    given = [{"userId": "reader-1"}, {"userId": 7}, {"itemId": article(1)}]
    s3.put_object(Bucket=BUCKET, Key="batch/in/readers.json", Body="\n".join(map(json.dumps, given)).encode())

    # WHEN a job with a folder for its output is ACTIVE
    (version,) = journey.personalize.list_solution_versions(solutionArn=journey.solution_arn)["solutionVersions"][-1:]
    job_arn = journey.personalize.create_batch_inference_job(
        jobName="need-9",
        solutionVersionArn=version["solutionVersionArn"],
        numResults=5,
        jobInput={"s3DataSource": {"path": f"s3://{BUCKET}/batch/in/readers.json"}},
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/batch/out/"}},
        roleArn=ROLE,
    )["batchInferenceJobArn"]
    journey.wait(
        lambda: journey.personalize.describe_batch_inference_job(batchInferenceJobArn=job_arn)["batchInferenceJob"]
    )

    # THEN every line has its answer
    text = s3.get_object(Bucket=BUCKET, Key="batch/out/readers.json.out")["Body"].read().decode()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["input"] for line in lines] == given
    for line in lines[:2]:
        assert len(line["output"]["recommendedItems"]) == len(line["output"]["scores"]) == 5
        assert line["error"] is None
    assert lines[2]["output"] is None and "userId" in lines[2]["error"]
    assert s3.head_object(Bucket=BUCKET, Key="batch/out/_CHECK")["ContentLength"] == 0


def test_large_output_is_uploaded_in_parts(cloud: Server, tmp_path: Path) -> None:
    s3 = cloud.client("s3")
    content = b"0123456789abcdef" * (PART_BYTES // 16) + b"the second part"
    (tmp_path / "large").write_bytes(content)
    S3Target(s3, f"s3://{BUCKET}/parts").upload(tmp_path / "large", "large.out")
    stored = s3.get_object(Bucket=BUCKET, Key="parts/large.out")
    assert stored["ETag"].strip('"').endswith("-2")
    assert stored["Body"].read() == content
