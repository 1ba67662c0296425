"""Bring the schedules of a dataset group in line with its parameter file."""

from __future__ import annotations

import os
from typing import Any

import boto3
from pipeline.logs import logged
from pipeline.schedules import Schedules, Target


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Make, change and remove schedules until there are those of `event["schedules"]`, expressions by kind of work.

    `state_machine_arn` is what they start, `object` the parameter file's bucket and key; both may be missing where no
    schedule is wanted. Gives what was done by kind of work.
    """
    schedules = Schedules(boto3.client("scheduler"), os.environ["SCHEDULE_GROUP"])
    wanted = event["schedules"]
    return schedules.bring_in_line(event["dataset_group"], wanted, _target(event) if wanted else None)


def _target(event: dict[str, Any]) -> Target:
    return Target(
        state_machine_arn=event["state_machine_arn"],
        role_arn=os.environ["SCHEDULES_ROLE_ARN"],
        dead_letters_arn=os.environ["DEAD_LETTERS_ARN"],
        bucket=event["object"]["bucket"],
        key=event["object"]["key"],
    )
