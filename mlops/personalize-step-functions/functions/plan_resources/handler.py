"""Turn the parameter file into definitions of the resources to make."""

from __future__ import annotations

import os
from typing import Any

from plan import Run, plan_resources

from personalize_spec.arns import Scope


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give the plan for the checked `event["parameters"]`, the file's `bucket` and the `execution_name`."""
    run = Run(
        scope=_own_scope(context.invoked_function_arn),
        bucket=event["bucket"],
        execution_name=event["execution_name"],
        role_arn=os.environ["PERSONALIZE_ROLE_ARN"],
    )
    return plan_resources(event["parameters"], run)


def _own_scope(function_arn: str) -> Scope:
    """The account and region the function runs in; its resources go there too."""
    _, partition, _, region, account_id, *_ = function_arn.split(":")
    return Scope(region, account_id, partition)
