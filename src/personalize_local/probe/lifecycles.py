"""Lives of throw-away resources, which cost nothing: schemas, a dataset group with what is free in it.

Everything is called `probe-<random>` and is deleted again, also when a check fails in the middle.
"""

from __future__ import annotations

import contextlib
import json
import uuid

from personalize_local.probe.check import DOCUMENTED, OBSERVED, Check, expect, expect_error, expect_success
from personalize_local.probe.endpoint import Endpoint
from personalize_local.probe.group_parts import IN_USE, TAKEN, try_parts
from personalize_local.probe.throwaway import (
    NOT_FOUND,
    delete,
    describe_resource,
    expect_creation,
    status_of,
    wait_until_gone,
)

AREA = "lifecycles"
DELETION = ("DELETE PENDING", "DELETE IN_PROGRESS")
SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "EVENT_TYPE", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }
)


def lifecycle_checks() -> list[Check]:
    """Give the checks that create and delete."""
    return [
        Check(AREA, "a schema", OBSERVED, _schema_life),
        Check(AREA, "a dataset group: tags, dataset, event tracker, filter, solution, limits", DOCUMENTED, _group_life),
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
        undo.callback(delete, endpoint, "DatasetGroup", group_arn)
        expect_creation(endpoint, "DatasetGroup", group_arn)
        expect_error(endpoint.call("CreateDatasetGroup", {"name": name}), TAKEN)
        _tags(endpoint, group_arn)
        _dataset_life(endpoint, name, group_arn)
        expect_success(endpoint.call("DeleteDatasetGroup", {"datasetGroupArn": group_arn}))
        first = describe_resource(endpoint, "DatasetGroup", group_arn)
        status = status_of(first, "DatasetGroup")
        expect(status in DELETION, f"right after DeleteDatasetGroup its status is {status or first.code}")
        wait_until_gone(endpoint, "DatasetGroup", group_arn)


def _dataset_life(endpoint: Endpoint, name: str, group_arn: str) -> None:
    """Create a dataset; the schema and the group are in use as long as it is there; its type is told in capitals."""
    schema = expect_success(endpoint.call("CreateSchema", {"name": name, "schema": SCHEMA})).members["schemaArn"]
    with contextlib.ExitStack() as undo:
        undo.callback(endpoint.call, "DeleteSchema", {"schemaArn": schema})
        members = {"name": name, "schemaArn": schema, "datasetGroupArn": group_arn, "datasetType": "Interactions"}
        arn = expect_success(endpoint.call("CreateDataset", members)).members["datasetArn"]
        undo.callback(delete, endpoint, "Dataset", arn)
        expect(arn.endswith(f":dataset/{name}/INTERACTIONS"), f"the dataset's ARN is {arn}")
        expect_creation(endpoint, "Dataset", arn)
        dataset_type = describe_resource(endpoint, "Dataset", arn).members["dataset"]["datasetType"]
        expect(dataset_type == "INTERACTIONS", f"the dataset's type is {dataset_type}")
        expect_error(endpoint.call("DeleteSchema", {"schemaArn": schema}), IN_USE)
        expect_error(endpoint.call("DeleteDatasetGroup", {"datasetGroupArn": group_arn}), IN_USE)
        try_parts(endpoint, name, group_arn)


def _tags(endpoint: Endpoint, arn: str) -> None:
    tag = {"tagKey": "probe", "tagValue": "1"}
    expect_success(endpoint.call("TagResource", {"resourceArn": arn, "tags": [tag]}))
    listed = expect_success(endpoint.call("ListTagsForResource", {"resourceArn": arn})).members["tags"]
    expect(listed == [tag], f"the tags are {listed}")
    expect_success(endpoint.call("UntagResource", {"resourceArn": arn, "tagKeys": ["probe"]}))
    listed = expect_success(endpoint.call("ListTagsForResource", {"resourceArn": arn})).members["tags"]
    expect(listed == [], f"the tags are {listed} after they were taken away")


def _name() -> str:
    return f"probe-{uuid.uuid4().hex[:8]}"
