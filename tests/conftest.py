"""A local Personalize with a clock that tests move, and real boto3 clients that talk to it without a socket."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from hypothesis import settings as hypothesis_settings

from personalize_local.jobs.clock import ManualClock
from personalize_local.jobs.kinds import JOB_MODULES
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.workspace import Workspace
from personalize_local.wire.asgi import PersonalizeApp

hypothesis_settings.register_profile("untimed", deadline=None)  # that would test the machine
hypothesis_settings.load_profile("untimed")

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
DWELL_S = 1.0
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/personalize"
SCHEMAS: Mapping[str, list[dict[str, Any]]] = {
    "Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "Items": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY", "type": ["string", "null"], "categorical": True},
    ],
    "Users": [
        {"name": "USER_ID", "type": "string"},
        {"name": "MEMBERSHIP", "type": ["string", "null"], "categorical": True},
    ],
}


class RawBody(io.BytesIO):
    """A response's body as botocore reads it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        while block := self.read(65536):
            yield block


class World:
    """A service in a folder of its own, its clock, and clients of the three APIs."""

    def __init__(self, data_dir: Path, job_modules: Mapping[str, str] = JOB_MODULES, **settings: Any) -> None:
        self.clock = ManualClock()
        self.workspace = Workspace(data_dir)
        self.service = Service(
            self.workspace, self.clock, Settings(status_dwell_s=DWELL_S, **settings), job_modules=job_modules
        )
        self.app = PersonalizeApp(self.service)
        self.personalize = self.client("personalize")
        self.runtime = self.client("personalize-runtime")
        self.events = self.client("personalize-events")

    def close(self) -> None:
        self.app.close()
        self.service.stop()
        self.workspace.close()

    def client(self, name: str, *, region: str = REGION, account_id: str = ACCOUNT_ID) -> Any:
        client = boto3.client(
            name,
            region_name=region,
            aws_access_key_id=account_id,
            aws_secret_access_key="secret",
            config=Config(retries={"max_attempts": 1}),
        )
        client.meta.events.register(f"before-send.{name}", self._answer)
        return client

    def post(
        self, path: str = "/", body: bytes | str | object = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request as it is: status, headers, body of the answer. A body that is not text is sent as JSON."""
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        return asyncio.run(self._request("POST", path, headers or {}, data))

    def tick(self, seconds: float = DWELL_S) -> None:
        """Let time pass, and the service look at what is due."""
        self.clock.advance(seconds)
        self.service.tick()

    def settle(self) -> None:
        """Let time pass until no status changes any more by time alone."""
        while self.workspace.transitions.next_due_at() is not None:
            self.tick()

    def statuses(self, describe: Callable[[], str]) -> list[str]:
        """Give the statuses that a client that looks often sees from now until it stays the same."""
        seen = [describe()]
        while self.workspace.transitions.next_due_at() is not None:
            self.tick(DWELL_S / 4)
            if (status := describe()) != seen[-1]:
                seen.append(status)
        return seen

    def create_schema(self, dataset_type: str, name: str, domain: str | None = None) -> str:
        record = {"type": "record", "name": dataset_type, "fields": SCHEMAS[dataset_type], "version": "1.0"}
        optional = {"domain": domain} if domain else {}
        return self.personalize.create_schema(name=name, schema=json.dumps(record), **optional)["schemaArn"]

    def create_group(self, name: str = "news") -> str:
        arn = self.personalize.create_dataset_group(name=name)["datasetGroupArn"]
        self.settle()
        return arn

    def create_dataset(self, group_arn: str, dataset_type: str = "Interactions") -> str:
        group_name = group_arn.rpartition("/")[2]
        arn = self.personalize.create_dataset(
            name=f"{group_name}-{dataset_type}".lower(),
            schemaArn=self.create_schema(dataset_type, f"{group_name}-{dataset_type}".lower()),
            datasetGroupArn=group_arn,
            datasetType=dataset_type,
        )["datasetArn"]
        self.settle()
        return arn

    def create_solution(self, group_arn: str, name: str = "front-page", **more: Any) -> str:
        recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
        arguments = {"name": name, "datasetGroupArn": group_arn, "recipeArn": recipe} | more
        return self.personalize.create_solution(**arguments)["solutionArn"]

    def add_version(self, solution_arn: str, version_id: str, **body: Any) -> str:
        """Create a solution version that is trained already, without a worker."""
        solution = self.workspace.resources.get(solution_arn)
        assert solution is not None
        arn = self.personalize.create_solution_version(solutionArn=solution_arn, name=version_id)["solutionVersionArn"]
        job = self.workspace.jobs.of_resource(arn)
        assert job is not None
        with self.workspace.database.transaction() as connection:
            self.workspace.jobs.delete(connection, job.job_id)
            self.workspace.resources.update(connection, arn, self.clock.now(), status="ACTIVE", changes=body)
        return arn

    def create_campaign(self, version_arn: str, name: str = "front-page", **more: Any) -> str:
        arn = self.personalize.create_campaign(name=name, solutionVersionArn=version_arn, **more)["campaignArn"]
        self.settle()
        return arn

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else bytes(body)
        headers = {
            name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()
        }
        path = urlsplit(request.url).path
        status, answered, content = asyncio.run(self._request(request.method, path, headers, data))
        return AWSResponse(request.url, status, answered, RawBody(content))

    async def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self.app({"type": "http", "method": method, "path": path, "headers": pairs}, receive, send)
        start, end = sent
        return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, end["body"]


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Open local Personalizes that are closed after the test."""
    with contextlib.ExitStack() as opened:

        def make(*arguments: Any, **settings: Any) -> World:
            world = World(*arguments, **settings)
            opened.callback(world.close)
            return world

        yield make


@pytest.fixture
def world(tmp_path: Path, make_world: Callable[..., World]) -> World:
    """A local Personalize in an empty folder."""
    return make_world(tmp_path)


WRITTEN_AT = datetime(2020, 1, 1, tzinfo=UTC)  # of every object


class FakeS3:
    """An S3 client: objects by bucket and key; listings in pages of two; with `refusal`, that code for all.

    `uploads` names, in order, what was written. Only buckets in `buckets` exist.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.buckets = {"data", "out"}
        self.refusal: str | None = None
        self.uploads: list[str] = []

    def put(self, bucket: str, key: str, content: bytes | str) -> None:
        """Have an object there."""
        self.objects[bucket, key] = content.encode() if isinstance(content, str) else content

    def lines(self, bucket: str, key: str) -> list[Any]:
        """Read an object of JSON Lines."""
        return [json.loads(line) for line in self.objects[bucket, key].decode().splitlines()]

    def text(self, bucket: str, key: str) -> str:
        """Read an object of text."""
        return self.objects[bucket, key].decode()

    def get_paginator(self, operation: str) -> FakeS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str | None = None) -> Iterator[dict[str, Any]]:
        self._answer(Bucket, "ListObjectsV2")
        keys = sorted(key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix))
        keys = [key for key in keys if Delimiter is None or Delimiter not in key[len(Prefix) :]]
        for start in range(0, len(keys), 2):
            page = keys[start : start + 2]
            sizes = {key: len(self.objects[Bucket, key]) for key in page}
            yield {"Contents": [{"Key": key, "Size": size, "LastModified": WRITTEN_AT} for key, size in sizes.items()]}

    def get_object(self, *, Bucket: str, Key: str, Range: str | None = None) -> dict[str, Any]:
        self._answer(Bucket, "GetObject")
        content = self.objects[Bucket, Key]
        if Range is not None:
            first, last = Range.removeprefix("bytes=").split("-")
            content = content[int(first) : int(last) + 1]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:
        self._answer(Bucket, "PutObject")
        self.uploads.append(Key)
        self.objects[Bucket, Key] = Body

    def upload_file(self, filename: str, bucket: str, key: str) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=Path(filename).read_bytes())

    def _answer(self, bucket: str, operation: str) -> None:
        code = self.refusal or (None if bucket in self.buckets else "NoSuchBucket")
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.fixture
def s3() -> FakeS3:
    """An S3 with the empty buckets `data` and `out`."""
    return FakeS3()
