"""Throw-away resources of the probe: wait until they are there, delete them, wait until they are gone."""

from __future__ import annotations

import time
from collections.abc import Callable

from personalize_local.probe.check import MismatchError, expect, expect_success
from personalize_local.probe.endpoint import Answer, Endpoint

NOT_FOUND = "ResourceNotFoundException"
CREATION = ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")
WAIT_S = 900.0
LOCAL_POLL_S, AWS_POLL_S = 0.05, 5.0


def expect_creation(endpoint: Endpoint, kind: str, arn: str) -> None:
    """Wait until a resource is ACTIVE, through statuses that only go on.

    Errors: MismatchError.
    """
    seen: list[str] = []

    def is_done() -> bool:
        seen.append(status_of(expect_success(describe_resource(endpoint, kind, arn)), kind))
        expect(seen[-1] in CREATION, f"the status of the {kind} is {seen[-1]}")
        return seen[-1] == CREATION[-1]

    _poll(endpoint, is_done, f"the {kind} is not ACTIVE")
    expect(seen == sorted(seen, key=CREATION.index), f"the statuses of the {kind} go back: {seen}")


def delete(endpoint: Endpoint, kind: str, arn: str) -> None:
    """Delete what may be gone already, and wait for its end."""
    endpoint.call(f"Delete{kind}", {arn_member(kind): arn})
    wait_until_gone(endpoint, kind, arn)


def wait_until_gone(endpoint: Endpoint, kind: str, arn: str) -> None:
    """Wait until Describe does not find a resource any more.

    Errors: MismatchError.
    """
    _poll(endpoint, lambda: describe_resource(endpoint, kind, arn).code == NOT_FOUND, f"the {kind} is still there")


def _poll(endpoint: Endpoint, question: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not question():
        if time.monotonic() >= deadline:
            raise MismatchError(f"{otherwise} after {WAIT_S:.0f} s")
        time.sleep(AWS_POLL_S if endpoint.is_aws else LOCAL_POLL_S)


def describe_resource(endpoint: Endpoint, kind: str, arn: str) -> Answer:
    """Ask for a resource of a kind such as "DatasetGroup"."""
    return endpoint.call(f"Describe{kind}", {arn_member(kind): arn})


def status_of(answer: Answer, kind: str) -> str:
    """Give the status in a description; empty when there is none."""
    return answer.members.get(kind[0].lower() + kind[1:], {}).get("status", "")


def arn_member(kind: str) -> str:
    """Give the member that names a resource of the kind: "datasetGroupArn"."""
    return f"{kind[0].lower()}{kind[1:]}Arn"
