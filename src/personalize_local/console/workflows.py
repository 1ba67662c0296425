"""State machines and their executions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from personalize_local.console.account import Account

RECENT = 20


def read_machines(account: Account) -> list[dict[str, Any]]:
    """Give the state machines with their newest executions; none where the account has no such right."""
    try:
        machines = account.list("stepfunctions", "list_state_machines", "stateMachines")
    except ClientError:
        return []
    arns = [machine["stateMachineArn"] for machine in machines]
    runs = account.side_by_side(lambda arn: recent_runs(account, arn), arns)
    return [
        {"arn": machine["stateMachineArn"], "name": machine["name"], "runs": found}
        for machine, found in zip(machines, runs, strict=True)
    ]


def recent_runs(account: Account, machine_arn: str) -> list[dict[str, Any]]:
    """Give a machine's newest executions, newest first, each with its duration so far in seconds."""
    found = account.client("stepfunctions").list_executions(stateMachineArn=machine_arn, maxResults=RECENT)
    return [
        {
            "arn": run["executionArn"],
            "name": run["name"],
            "status": run["status"],
            "started_at": run["startDate"],
            "duration_s": ((run.get("stopDate") or datetime.now(UTC)) - run["startDate"]).total_seconds(),
        }
        for run in found["executions"]
    ]


def rollback_machine(account: Account) -> str:
    """Give the ARN of the state machine that rolls back, by its name; empty without one."""
    try:
        machines = account.list("stepfunctions", "list_state_machines", "stateMachines")
    except ClientError:
        return ""
    return next((one["stateMachineArn"] for one in machines if "rollback" in one["name"].lower()), "")
