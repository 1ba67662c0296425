"""Amazon Personalize's resources in stacks of CloudFormation: `AWS::Personalize::DatasetGroup` and its like.

MiniStack has a table of handlers per type; ours ask the gateway, as the stack's owner would, and wait as AWS does.
Approximated: drift and the import of existing resources are not served; a stack's own tags are not passed on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from personalize_local.cloud.emulator.names import private, replace_private
from personalize_local.cloud.emulator.stack_types import (
    IMPORT_JOB,
    PREFIX,
    STACK_TYPES,
    TAGS,
    StackType,
    lower_first,
    to_members,
)

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, Any]]
POLL_S = 0.2
LIMIT_S = 3600.0
FAILED, ACTIVE = "CREATE FAILED", "ACTIVE"
NOT_FOUND = "ResourceNotFoundException"
WITHOUT_STATUS = ("Schema",)
BLOCKS = "ministack.services.cloudformation.stacks:_runs_on_worker_thread"


class StackResourceError(ValueError):
    """A resource of a stack could not be made, changed or deleted; the stack's events show the text."""


class StackResources:
    """The handlers of one type, making calls with the client that `client` gives for the account and region at work."""

    def __init__(self, kind: StackType, client: Callable[[], Any], pause: Callable[[float], None] = time.sleep) -> None:
        self._kind = kind
        self._client = client
        self._pause = pause

    def handlers(self) -> dict[str, Callable[..., Any]]:
        """Give the row of MiniStack's table of resource handlers."""
        return {"create": self.create, "update": self.update, "delete": self.delete}

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the resource and wait until it is ACTIVE; give its ARN and attributes.

        What was created and did not get so far is deleted again: MiniStack does not know of it.
        """
        arn = self._call("Create", properties)[self._kind.arn_member]
        try:
            self._finish(arn, properties)
        except Exception:
            self.delete(arn, properties)
            raise
        return arn, self._attributes(arn)

    def _finish(self, arn: str, properties: Properties) -> None:
        if self._kind.noun not in WITHOUT_STATUS:
            self._wait(lambda: self._describe(arn))
        if IMPORT_JOB in properties:
            self._import(arn, properties[IMPORT_JOB])

    def update(self, arn: str, old: Properties, new: Properties, stack_name: str) -> Created:
        """Change what can be changed in place. Properties that cannot were seen before: MiniStack creates anew."""
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if TAGS in changed:
            self._tag(arn, old.get(TAGS, []), new.get(TAGS, []))
        if IMPORT_JOB in changed and IMPORT_JOB in new:
            self._import(arn, new[IMPORT_JOB])
        if changed - {TAGS, IMPORT_JOB}:
            self._call("Update", {**new, self._kind.arn_property: arn})
            self._wait(lambda: self._latest_update(arn))
        return arn, self._attributes(arn)

    def delete(self, arn: str, properties: Properties) -> None:
        """Delete the resource and wait until it is gone; one that is gone already will do."""
        try:
            self._call("Delete", {self._kind.arn_property: arn})
            self._wait_for_the_end(arn)
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_FOUND:
                raise

    def _call(self, verb: str, properties: Properties, noun: str = "") -> dict[str, Any]:
        client = self._client()
        operation = f"{verb}{noun or self._kind.noun}"
        shape = client.meta.service_model.operation_model(operation).input_shape
        return getattr(client, xform_name(operation))(**to_members(properties, shape))

    def _describe(self, arn: str) -> dict[str, Any]:
        return self._call("Describe", {self._kind.arn_property: arn})[lower_first(self._kind.noun)]

    def _latest_update(self, arn: str) -> dict[str, Any]:
        described = self._describe(arn)
        return described.get(f"latest{self._kind.noun}Update", described)

    def _import(self, dataset_arn: str, job: Properties) -> None:
        created = self._call("Create", {**job, "DatasetArn": dataset_arn}, IMPORT_JOB)
        wanted = {"DatasetImportJobArn": created["datasetImportJobArn"]}
        self._wait(lambda: self._call("Describe", wanted, IMPORT_JOB)["datasetImportJob"])

    def _wait(self, describe: Callable[[], dict[str, Any]]) -> None:
        """Wait until a resource, a job or an update is ACTIVE.

        Errors: StackResourceError with the failureReason, or when an hour was not enough.
        """
        deadline = time.monotonic() + LIMIT_S
        while (shown := describe())["status"] != ACTIVE:
            if shown["status"] == FAILED:
                raise StackResourceError(shown.get("failureReason", "Amazon Personalize gives no reason."))
            self._pause_before(deadline, shown["status"])

    def _wait_for_the_end(self, arn: str) -> None:
        deadline = time.monotonic() + LIMIT_S
        while True:
            self._pause_before(deadline, self._describe(arn).get("status", ""))

    def _pause_before(self, deadline: float, status: str) -> None:
        if time.monotonic() > deadline:
            raise StackResourceError(f"It is still {status} after {LIMIT_S:.0f} seconds.")
        self._pause(POLL_S)

    def _attributes(self, arn: str) -> dict[str, Any]:
        described = self._describe(arn) if self._kind.attributes else {}
        shown = {name: described[lower_first(name)] for name in self._kind.attributes}
        return {self._kind.arn_property: arn, **shown}

    def _tag(self, arn: str, old: list[Mapping[str, str]], new: list[Mapping[str, str]]) -> None:
        kept = {tag["Key"] for tag in new}
        client = self._client()
        if gone := [tag["Key"] for tag in old if tag["Key"] not in kept]:
            client.untag_resource(resourceArn=arn, tagKeys=gone)
        if new:
            tags = [{"tagKey": tag["Key"], "tagValue": tag["Value"]} for tag in new]
            client.tag_resource(resourceArn=arn, tags=tags)


def install_stack_resources(port: int) -> None:
    """Register every type with MiniStack: its handlers, what of it cannot change in place, and that it blocks."""
    table = private("ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS")
    replacing = private("ministack.services.cloudformation.provisioners:_REPLACING_PROPERTIES")
    for kind in STACK_TYPES:
        table[kind.name] = StackResources(kind, lambda: _client(port, *_caller())).handlers()
        replacing[kind.name] = kind.create_only
    blocks = private(BLOCKS)
    replace_private(BLOCKS, lambda resource_type: resource_type.startswith(PREFIX) or blocks(resource_type))


def _caller() -> tuple[str, str]:
    return (
        private("ministack.core.responses:get_account_id")(),
        private("ministack.core.responses:get_region")(),
    )


@lru_cache(64)
def _client(port: int, account_id: str, region: str) -> Any:
    import boto3  # takes a while, and few stacks need it

    return boto3.client(
        "personalize",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name=region,
        aws_access_key_id=account_id,
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
    )
