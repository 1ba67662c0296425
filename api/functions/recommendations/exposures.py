"""Which arm made which list: written when a list is shown, looked up when a reader follows one of its articles.

One row per recommendationId, that DynamoDB forgets after some days. It is what joins a click with the list it came
from, tells whose recommendationId an event carries, and lets a list count as read once only.
"""

from collections.abc import Callable
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

    def shown(self, recommendation_id: str, arm: str) -> None:
        """Take note of a list; the reader does not wait for a failure."""
        if self._table and recommendation_id:
            self._write([self._row(recommendation_id, arm)])

    def flush(self) -> None:
        """Write what has not been written yet; here nothing is ever left."""

    def _row(self, recommendation_id: str, arm: str) -> dict[str, Any]:
        expires = str(int(self._now_epoch_s() + KEPT_S))
        return {"recommendationId": {"S": recommendation_id}, "arm": {"S": arm}, "expiresAt": {"N": expires}}

    def _write(self, rows: list[dict[str, Any]]) -> None:
        try:
            if len(rows) == 1:
                self._dynamodb.put_item(TableName=self._table, Item=rows[0])
            else:
                requests = {self._table: [{"PutRequest": {"Item": row}} for row in rows]}
                self._dynamodb.batch_write_item(RequestItems=requests)
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "exposures_not_kept", error=error_code(error), lists=len(rows))

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

    def shown(self, recommendation_id: str, arm: str) -> None:
        """Take note of a list; every so many of them are written in one call."""
        if not self._table or not recommendation_id:
            return
        with self._lock:
            self._waiting[recommendation_id] = self._row(recommendation_id, arm)
            full = len(self._waiting) >= ROWS_PER_CALL
        if full:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            rows, self._waiting = list(self._waiting.values()), {}
        for start in range(0, len(rows), ROWS_PER_CALL):
            self._write(rows[start : start + ROWS_PER_CALL])
