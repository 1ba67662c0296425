"""Lives of throw-away resources, which cost nothing: schemas, a dataset group with a dataset, tags.

Everything is called `probe-<random>` and is deleted again, also when a check fails in the middle.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable

from personalize_local.probe.check import (
    DOCUMENTED,
    OBSERVED,
    Check,
    MismatchError,
    expect,
    expect_error,
    expect_success,
)
from personalize_local.probe.endpoint import Answer, Endpoint

AREA = "lifecycles"
NOT_FOUND, TAKEN, IN_USE = "ResourceNotFoundException", "ResourceAlreadyExistsException", "ResourceInUseException"
CREATION = ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")
DELETION = ("DELETE PENDING", "DELETE IN_PROGRESS")
WAIT_S = 900.0
LOCAL_POLL_S, AWS_POLL_S = 0.05, 5.0
SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }
)


def lifecycle_checks() -> list[Check]:
    """Give the checks that create and delete."""
    return [
        Check(AREA, "a schema", OBSERVED, _schema_life),
        Check(AREA, "a dataset group, its tags and its dataset", DOCUMENTED, _group_life),
    ]


def _schema_life(endpoint: Endpoint) -> None:
    name = _name()
    created = endpoint.call("CreateSchema", {"name": name, "schema": SCHEMA})
    arn = expect_success(created).members["schemaArn"]
    with contextlib.ExitStack() as undo:
        undo.callback(endpoint.call, "DeleteSchema", {"schemaArn": arn})
        expect(arn.endswith(f":schema/{name}"), f"the ARN is {arn}")
        expect_error(endpoint.call("CreateSchema", {"name": name, "schema": SCHEMA}), TAKEN)
        schema = expect_success(endpoint.call("DescribeSchema", {"schemaArn": arn})).members["schema"]
        expect(schema["schema"] == SCHEMA, "the schema is not described as it was given")
        deleted = expect_success(endpoint.call("DeleteSchema", {"schemaArn": arn}))
        expect(deleted.body == b"", f"DeleteSchema answers with a body: {deleted.body[:40]!r}")
        expect_error(endpoint.call("DescribeSchema", {"schemaArn": arn}), NOT_FOUND)
        expect_error(endpoint.call("DeleteSchema", {"schemaArn": arn}), NOT_FOUND)


def _group_life(endpoint: Endpoint) -> None:
    name = _name()
    group_arn = expect_success(endpoint.call("CreateDatasetGroup", {"name": name})).members["datasetGroupArn"]
    with contextlib.ExitStack() as undo:
        undo.callback(_delete, endpoint, "DatasetGroup", group_arn)
        _expect_creation(endpoint, "DatasetGroup", group_arn)
        expect_error(endpoint.call("CreateDatasetGroup", {"name": name}), TAKEN)
        _tags(endpoint, group_arn)
        _dataset_life(endpoint, name, group_arn)
        expect_success(endpoint.call("DeleteDatasetGroup", {"datasetGroupArn": group_arn}))
        first = _describe(endpoint, "DatasetGroup", group_arn)
        status = _status(first, "DatasetGroup")
        expect(status in DELETION, f"right after DeleteDatasetGroup its status is {status or first.code}")
        _wait_until_gone(endpoint, "DatasetGroup", group_arn)


def _dataset_life(endpoint: Endpoint, name: str, group_arn: str) -> None:
    """Create a dataset; the schema and the group are in use as long as it is there; its type is told in capitals."""
    schema = expect_success(endpoint.call("CreateSchema", {"name": name, "schema": SCHEMA})).members["schemaArn"]
    with contextlib.ExitStack() as undo:
        undo.callback(endpoint.call, "DeleteSchema", {"schemaArn": schema})
        members = {"name": name, "schemaArn": schema, "datasetGroupArn": group_arn, "datasetType": "Interactions"}
        arn = expect_success(endpoint.call("CreateDataset", members)).members["datasetArn"]
        undo.callback(_delete, endpoint, "Dataset", arn)
        expect(arn.endswith(f":dataset/{name}/INTERACTIONS"), f"the dataset's ARN is {arn}")
        _expect_creation(endpoint, "Dataset", arn)
        dataset_type = _describe(endpoint, "Dataset", arn).members["dataset"]["datasetType"]
        expect(dataset_type == "INTERACTIONS", f"the dataset's type is {dataset_type}")
        expect_error(endpoint.call("DeleteSchema", {"schemaArn": schema}), IN_USE)
        expect_error(endpoint.call("DeleteDatasetGroup", {"datasetGroupArn": group_arn}), IN_USE)


def _tags(endpoint: Endpoint, arn: str) -> None:
    tag = {"tagKey": "probe", "tagValue": "1"}
    expect_success(endpoint.call("TagResource", {"resourceArn": arn, "tags": [tag]}))
    listed = expect_success(endpoint.call("ListTagsForResource", {"resourceArn": arn})).members["tags"]
    expect(listed == [tag], f"the tags are {listed}")
    expect_success(endpoint.call("UntagResource", {"resourceArn": arn, "tagKeys": ["probe"]}))
    listed = expect_success(endpoint.call("ListTagsForResource", {"resourceArn": arn})).members["tags"]
    expect(listed == [], f"the tags are {listed} after they were taken away")


def _expect_creation(endpoint: Endpoint, kind: str, arn: str) -> None:
    seen: list[str] = []

    def is_done() -> bool:
        seen.append(_status(expect_success(_describe(endpoint, kind, arn)), kind))
        expect(seen[-1] in CREATION, f"the status of the {kind} is {seen[-1]}")
        return seen[-1] == CREATION[-1]

    _poll(endpoint, is_done, f"the {kind} is not ACTIVE")
    expect(seen == sorted(seen, key=CREATION.index), f"the statuses of the {kind} go back: {seen}")


def _delete(endpoint: Endpoint, kind: str, arn: str) -> None:
    """Delete what may be gone already, and wait for its end."""
    endpoint.call(f"Delete{kind}", {_member(kind): arn})
    _wait_until_gone(endpoint, kind, arn)


def _wait_until_gone(endpoint: Endpoint, kind: str, arn: str) -> None:
    is_gone: Callable[[], bool] = lambda: _describe(endpoint, kind, arn).code == NOT_FOUND  # noqa: E731
    _poll(endpoint, is_gone, f"the {kind} is still there")


def _poll(endpoint: Endpoint, question: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not question():
        if time.monotonic() >= deadline:
            raise MismatchError(f"{otherwise} after {WAIT_S:.0f} s")
        time.sleep(AWS_POLL_S if endpoint.is_aws else LOCAL_POLL_S)


def _describe(endpoint: Endpoint, kind: str, arn: str) -> Answer:
    return endpoint.call(f"Describe{kind}", {_member(kind): arn})


def _status(answer: Answer, kind: str) -> str:
    return answer.members.get(kind[0].lower() + kind[1:], {}).get("status", "")


def _member(kind: str) -> str:
    return f"{kind[0].lower()}{kind[1:]}Arn"


def _name() -> str:
    return f"probe-{uuid.uuid4().hex[:8]}"
