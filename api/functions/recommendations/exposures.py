"""Which arm made which list: written when a list is shown, looked up when a reader follows one of its articles.

One row per recommendationId, that DynamoDB forgets after some days. It is what joins a click with the list it came
from, tells whose recommendationId an event carries, and lets a list count as read once only.
"""

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.logs import error_code, log_event

KEPT_S = 7 * 86_400
ROWS_PER_CALL = 25  # BatchWriteItem; documented


class Exposures:
    """The table of lists shown; without a table nothing is kept and nothing is known."""

    def __init__(self, dynamodb: Any, table: str, now_epoch_s: Callable[[], float]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now_epoch_s = now_epoch_s

    def shown(self, recommendation_id: str, arm: str) -> Callable[[], None] | None:
        """Take note of a list; give what is still to be done and takes time, if anything."""
        if not self._table or not recommendation_id:
            return None
        return partial(self._write, [self._row(recommendation_id, arm)])

    def flush(self) -> None:
        """Write what has not been written yet; here nothing is ever left."""

    def _row(self, recommendation_id: str, arm: str) -> dict[str, Any]:
        expires = str(int(self._now_epoch_s() + KEPT_S))
        return {"recommendationId": {"S": recommendation_id}, "arm": {"S": arm}, "expiresAt": {"N": expires}}

    def _write(self, rows: list[dict[str, Any]]) -> None:
        try:
            if len(rows) == 1:
                self._dynamodb.put_item(TableName=self._table, Item=rows[0])
                return
            if lost := self._write_together(rows):
                log_event("warning", "exposures_not_kept", error="Unprocessed", lists=lost)
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "exposures_not_kept", error=error_code(error), lists=len(rows))

    def _write_together(self, rows: list[dict[str, Any]]) -> int:
        """Write rows in one call, and what DynamoDB did not get to in another; return how many it still did not."""
        left = [{"PutRequest": {"Item": row}} for row in rows]
        for _ in range(2):
            answer = self._dynamodb.batch_write_item(RequestItems={self._table: left})
            left = answer.get("UnprocessedItems", {}).get(self._table, [])
            if not left:
                break
        return len(left)

    def arm_of(self, recommendation_id: str) -> str:
        """Give the arm that made a list; "" when it is not known.

        Errors: ClientError or BotoCoreError.
        """
        if not self._table or not recommendation_id:
            return ""
        key = {"recommendationId": {"S": recommendation_id}}
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ProjectionExpression="arm")
        return answer.get("Item", {}).get("arm", {}).get("S", "")

    def followed(self, recommendation_id: str) -> bool:
        """Mark a list as read; true the first time only, and only for a list that was shown.

        Errors: ClientError or BotoCoreError.
        """
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={"recommendationId": {"S": recommendation_id}},
                UpdateExpression="SET followedAt = :now",
                ConditionExpression="attribute_exists(recommendationId) AND attribute_not_exists(followedAt)",
                ExpressionAttributeValues={":now": {"N": str(int(self._now_epoch_s()))}},
            )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


class BufferedExposures(Exposures):
    """For a server, that lives on between requests: rows are written together, at the latest when `flush` is called."""

    def __init__(self, dynamodb: Any, table: str, now_epoch_s: Callable[[], float]) -> None:
        super().__init__(dynamodb, table, now_epoch_s)
        self._waiting: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def shown(self, recommendation_id: str, arm: str) -> Callable[[], None] | None:
        """Take note of a list; every so many of them are written in one call."""
        if not self._table or not recommendation_id:
            return None
        with self._lock:
            self._waiting[recommendation_id] = self._row(recommendation_id, arm)
            return self.flush if len(self._waiting) >= ROWS_PER_CALL else None

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            rows, self._waiting = list(self._waiting.values()), {}
        for start in range(0, len(rows), ROWS_PER_CALL):
            self._write(rows[start : start + ROWS_PER_CALL])
