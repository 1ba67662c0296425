"""Which arm made which list: written when a list is shown, looked up when a reader follows one of its articles.

One row per recommendationId, that DynamoDB forgets after some days. It is what joins a click with the list it came
from, tells whose recommendationId an event carries, and lets a list count as read once only.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.logs import error_code, log_event

KEPT_S = 7 * 86_400


class Exposures:
    """The table of lists shown; without a table nothing is kept and nothing is known."""

    def __init__(self, dynamodb: Any, table: str, now_epoch_s: Callable[[], float]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now_epoch_s = now_epoch_s

    def shown(self, recommendation_id: str, arm: str) -> None:
        """Take note of a list; the reader does not wait for a failure."""
        if not self._table or not recommendation_id:
            return
        expires = str(int(self._now_epoch_s() + KEPT_S))
        row = {"recommendationId": {"S": recommendation_id}, "arm": {"S": arm}, "expiresAt": {"N": expires}}
        try:
            self._dynamodb.put_item(TableName=self._table, Item=row)
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "exposure_not_kept", error=error_code(error))

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
