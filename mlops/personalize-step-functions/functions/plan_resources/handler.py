"""Turn the parameter file into definitions of the resources to make."""

from __future__ import annotations

import os
from typing import Any

import boto3
from inputs import fingerprints, is_superseded
from pipeline.logs import logged
from pipeline.planning import Run, plan_resources

from personalize_spec.arns import Scope


@logged
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give the plan for the checked `event["parameters"]`.

    `object` is the execution's input: the file, and for a schedule the kinds of `work` with `requested_at`;
    `version_id` is the version that was checked, `started_at` when the execution started.
    """
    client = boto3.client("s3")
    started, parameters = event["object"], event["parameters"]
    work = started.get("work")
    run = Run(
        scope=_own_scope(context.invoked_function_arn),
        bucket=started["bucket"],
        role_arn=os.environ["PERSONALIZE_ROLE_ARN"],
        files=fingerprints(client, started["bucket"], parameters),
        work=None if work is None else tuple(work),
        requested_at=started.get("requested_at") or event["started_at"],
    )
    superseded = is_superseded(client, started["bucket"], started["key"], event.get("version_id"))
    return {"superseded": superseded, **plan_resources(parameters, run)}


def _own_scope(function_arn: str) -> Scope:
    """The account and region the function runs in; its resources go there too."""
    _, partition, _, region, account_id, *_ = function_arn.split(":")
    return Scope(region, account_id, partition)
