"""The import job from S3 to the dataset; S3 is a fake that pages and refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from personalize_local.jobs import dataset_import
from personalize_local.jobs.clock import ManualClock
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.dataset_import import commit, run_with
from personalize_local.jobs.s3_source import S3Source, SourceError, make_client
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.jobs import RUNNING, Job
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import Scope
from personalize_spec.schemas import DatasetSchema, parse_schema
from tests.behaviours import APPROXIMATED, EXACT, behaviour

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = b"USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n"


class FakeS3:
    """Objects by key; listings in pages of two; `refusal` is the code of every answer when set."""

    def __init__(self, objects: dict[str, bytes], refusal: str | None = None) -> None:
        self._objects = objects
        self._refusal = refusal

    def get_paginator(self, operation: str) -> FakeS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str) -> Iterator[dict[str, Any]]:
        self._answer(Bucket, "ListObjectsV2")
        keys = sorted(key for key in self._objects if key.startswith(Prefix))
        keys = [key for key in keys if Delimiter not in key[len(Prefix) :]]
        for start in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key, "Size": len(self._objects[key])} for key in keys[start : start + 2]]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self._answer(Bucket, "GetObject")
        content = self._objects[Key]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def _answer(self, bucket: str, operation: str) -> None:
        code = self._refusal or (None if bucket == "data" else "NoSuchBucket")
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def rows(count: int, start: int = 0) -> bytes:
    return b"".join(b"u%d,i%d,%d,click\n" % (n % 50, n % 70, 1000 + n) for n in range(start, start + count))


@pytest.fixture
def dataset_arn(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> str:
    arn = SCOPE.dataset_arn("news", "INTERACTIONS")
    schema_arn = SCOPE.arn("schema", "events")
    with workspace.database.transaction() as connection:
        for kind, own_arn, body in (
            ("schema", schema_arn, {"schema": schemas["Interactions"].text}),
            ("dataset", arn, {"dataset_type": "INTERACTIONS", "schema_arn": schema_arn}),
        ):
            resource = Resource(kind, own_arn, "events", SCOPE, None, "ACTIVE", body, NOW, NOW)
            workspace.resources.insert(connection, resource)
    return arn


def context(workspace: Workspace, dataset_arn: str, location: str, mode: str = "FULL") -> JobContext:
    payload = {
        "dataset_arn": dataset_arn,
        "location": location,
        "import_mode": mode,
        "region": SCOPE.region,
        "account_id": SCOPE.account_id,
    }
    job = Job("job-1", "dataset-import", SCOPE.arn("dataset-import-job", "j"), payload, RUNNING, 1, NOW)
    return JobContext(workspace, job, payload, lambda text, fraction: None)


def source(objects: dict[str, bytes], refusal: str | None = None) -> S3Source:
    return S3Source(FakeS3(objects, refusal))


def test_a_folder_becomes_the_dataset(workspace: Workspace, dataset_arn: str, caplog: pytest.LogCaptureFixture) -> None:
    # GIVEN a folder of three files, one of them dirty, with other things around it
    objects = {
        "in/a.csv": HEADER + rows(600),
        "in/b.csv": b"\xef\xbb\xbf" + HEADER + rows(500, 600) + b",i,1,click\nu,i,soon,click\n" + b'u,"i,1,click\n',
        "in/part-0003": HEADER + rows(1, 9000),
        "in/_SUCCESS": b"",
        "in/deeper/c.csv": b"not,to,be,read\n",
        "in.csv": b"not,this,one\n",
    }
    asked = context(workspace, dataset_arn, "s3://data/in/")

    # WHEN the job runs and its result is committed
    result = run_with(asked, source(objects))
    service = Service(workspace, ManualClock(NOW), Settings())
    with workspace.database.transaction() as connection:
        commit(connection, service, asked.job, json.loads(json.dumps(result)))

    # THEN the good rows are the dataset's and the others are accounted for
    assert result["resource"]["import_counts"]["skipped"] == 3
    read = ("in/a.csv", "in/b.csv", "in/part-0003")
    assert result["resource"]["import_counts"]["bytes"] == sum(len(objects[key]) for key in read)
    assert "left out 3 rows" in caplog.text
    assert result["imported"] == 1101
    assert result["skipped"] == 3
    assert result["reasons"] == {
        "USER_ID is empty": 1,
        "TIMESTAMP is not of type long": 1,
        "a quoted value does not end on its line": 1,
    }
    assert result["resource"]["import_counts"]["examples"] == {
        "USER_ID is empty": ",i,1,click",
        "TIMESTAMP is not of type long": "u,i,soon,click",
        "a quoted value does not end on its line": 'u,"i,1,click',
    }
    assert "soon" not in caplog.text
    table = workspace.datasets.read_interactions(dataset_arn, _schema(workspace))
    assert len(table) == 1101
    assert not list((workspace.root / "datasets").rglob("*.csv"))


def test_nothing_counts_before_the_commit(workspace: Workspace, dataset_arn: str) -> None:
    run_with(context(workspace, dataset_arn, "s3://data/x.csv"), source({"x.csv": HEADER + rows(1000)}))
    assert workspace.datasets.files(dataset_arn) == []


@behaviour(
    "DescribeDatasetImportJob",
    "What fails as a whole says why, in the words of AWS where they are known",
    EXACT,
    source="observed, contract §2.6",
)
@pytest.mark.parametrize(
    ("location", "objects", "refusal", "reason"),
    [
        (
            "s3://data/x.csv",
            {"x.csv": HEADER + rows(1000)},
            "AccessDenied",
            "Insufficient privileges for accessing data in Amazon S3.",
        ),
        (
            "s3://data/none.csv",
            {"x.csv": HEADER},
            None,
            "Invalid Data location. There is no file with content at s3://data/none.csv.",
        ),
        (
            "s3://nowhere/x.csv",
            {"x.csv": HEADER},
            None,
            "Invalid Data location. There is nothing at s3://nowhere/x.csv.",
        ),
        ("http://data/x.csv", {}, None, "Invalid Data location."),
        (
            "s3://data/x.csv",
            {"x.csv": b"USER_ID,A\nu,1\n"},
            None,
            "Input CSV is missing the following columns:[ITEM_ID, TIMESTAMP].",
        ),
        ("s3://data/x.csv", {"x.csv": HEADER}, None, "The CSV has a header and no rows."),
        (
            "s3://data/x.csv",
            {"x.csv": HEADER + b",i,1,click\n" * 2},
            None,
            "No row could be imported (USER_ID is empty: 2 rows such as ',i,1,click').",
        ),
        (
            "s3://data/x.csv",
            {"x.csv": HEADER + b"u,i,1,EVENT_TYPE\n" * 2},
            None,
            "All values in the event_type column are either reserved keywords or null.",
        ),
        (
            "s3://data/x.csv",
            {"x.csv": HEADER + rows(999)},
            None,
            "Dataset has fewer than 1000 interactions: 999 rows could be imported.",
        ),
    ],
)
def test_failures_say_what_to_change(
    workspace: Workspace, dataset_arn: str, location: str, objects: dict[str, bytes], refusal: str | None, reason: str
) -> None:
    with pytest.raises(JobFailedError) as raised:
        run_with(context(workspace, dataset_arn, location), source(objects, refusal))
    opening = f"Failed to create a data import job for INTERACTIONS dataset {dataset_arn}. "
    assert raised.value.reason == opening + reason


@behaviour(
    "CreateDatasetImportJob",
    "A location is a file, or a folder whose own files are read and not those of its subfolders",
    EXACT,
    source="documented, contract §3.5",
)
@pytest.mark.parametrize(
    ("location", "keys"),
    [
        ("s3://data/a.csv", ["a.csv"]),
        ("s3://data/f/", ["f/1.csv", "f/2.csv", "f/3.csv"]),
        ("s3://data/f", ["f/1.csv", "f/2.csv", "f/3.csv"]),
        ("s3://data", ["a.csv", "a.csv.bak"]),
    ],
)
def test_a_location_is_a_file_or_a_folder(location: str, keys: list[str]) -> None:
    names = ["a.csv", "a.csv.bak", "f/1.csv", "f/2.csv", "f/3.csv", "f/g/4.csv"]
    listed = source(dict.fromkeys(names, b"x")).list_files(location)
    assert [file.key for file in listed] == keys


@behaviour(
    "CreateDatasetImportJob",
    "The role is kept, its rights are not imitated: what S3 lets the service read is read",
    APPROXIMATED,
    source="documented",
)
def test_the_local_s3_is_asked_as_the_account() -> None:
    client = make_client("123456789012", "eu-west-1", {"PERSONALIZE_LOCAL_PORT": "4999"})
    assert client.meta.endpoint_url == "http://127.0.0.1:4999"
    assert client.meta.region_name == "eu-west-1"
    other = make_client("123456789012", "eu-west-1", {"AWS_ENDPOINT_URL": "http://localhost:1"})
    assert other.meta.endpoint_url == "http://localhost:1"


def test_an_unreachable_s3_is_explained() -> None:
    client = make_client("123456789012", "us-east-1", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, attempts=1)
    with pytest.raises(SourceError) as raised:
        S3Source(client).list_files("s3://data/x.csv")
    assert raised.value.reason.startswith("The data at s3://data/x.csv could not be read: Could not connect")


def test_the_job_asks_the_s3_of_its_account(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, dataset_arn: str
) -> None:
    asked: list[tuple[str, str]] = []

    def client_for(account_id: str, region: str, environment: object) -> FakeS3:
        asked.append((account_id, region))
        return FakeS3({"x.csv": HEADER + rows(1000)})

    monkeypatch.setattr(dataset_import, "make_client", client_for)
    assert dataset_import.run(context(workspace, dataset_arn, "s3://data/x.csv"))["imported"] == 1000
    assert asked == [(SCOPE.account_id, SCOPE.region)]


def _schema(workspace: Workspace) -> DatasetSchema:
    schema = workspace.resources.get(SCOPE.arn("schema", "events"))
    assert schema is not None
    return parse_schema(schema.body["schema"])
