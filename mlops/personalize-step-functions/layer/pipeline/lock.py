"""One run at a time per dataset group: a lock that queues the others, and outlives nobody.

The lock is an item of a DynamoDB table that names the execution which holds it. A holder that does not run any more
(stopped, timed out, lost) has its lock taken over: nothing is to be cleaned up by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

SHORTEST_WAIT_S = 10
LONGEST_WAIT_S = 300
_WAIT_SHARE = 12
_TAKEN = "ConditionalCheckFailedException"
_GOING_ON = ("RUNNING", "PENDING_REDRIVE")


@dataclass(frozen=True)
class Hold:
    """Who holds a lock, and whether that is the one who asked."""

    held: bool
    owner: str


class Locks:
    """The locks of all dataset groups, in one table whose key is `name`."""

    def __init__(self, table: Any, is_running: Callable[[str], bool]) -> None:
        self._table = table
        self._is_running = is_running

    def take(self, group: str, owner: str) -> Hold:
        """Take the lock where it is free, one's own, or that of an execution that has ended."""
        if self._put(group, owner, "attribute_not_exists(#name) OR #owner = :owner", {":owner": owner}):
            return Hold(True, owner)
        holder = self._holder(group)
        if holder is None:  # freed just now: the next look takes it
            return Hold(False, "")
        if self._is_running(holder):
            return Hold(False, holder)
        taken = self._put(group, owner, "#owner = :holder", {":holder": holder})
        return Hold(True, owner) if taken else Hold(False, self._holder(group) or "")

    def free(self, group: str, owner: str) -> Hold:
        """Give the lock back; one that somebody else holds stays theirs."""
        condition = {"ConditionExpression": "#owner = :owner", "ExpressionAttributeNames": {"#owner": "owner"}}
        try:
            self._table.delete_item(Key={"name": group}, ExpressionAttributeValues={":owner": owner}, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] != _TAKEN:
                raise
            return Hold(False, self._holder(group) or "")
        return Hold(False, "")

    def _put(self, group: str, owner: str, condition: str, values: dict[str, str]) -> bool:
        names = {"#owner": "owner"} | ({"#name": "name"} if "#name" in condition else {})
        try:
            self._table.put_item(
                Item={"name": group, "owner": owner},
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _TAKEN:
                raise
            return False
        return True

    def _holder(self, group: str) -> str | None:
        item = self._table.get_item(Key={"name": group}, ConsistentRead=True).get("Item")
        return item["owner"] if item else None


def is_running(states: Any, execution_arn: str) -> bool:
    """Tell whether an execution goes on; one that Step Functions does not know (any more) does not."""
    try:
        return states.describe_execution(executionArn=execution_arn)["status"] in _GOING_ON
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ExecutionDoesNotExist", "InvalidArn"):
            return False
        raise


def next_wait_s(started_at: datetime, now: datetime) -> int:
    """How long to wait before asking again: a twelfth of the time spent, so that days of waiting stay few events."""
    spent_s = (now - started_at).total_seconds()
    return int(min(max(spent_s / _WAIT_SHARE, SHORTEST_WAIT_S), LONGEST_WAIT_S))
