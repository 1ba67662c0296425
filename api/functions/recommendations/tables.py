"""Read rows of a DynamoDB table by key, many at once."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from recommendations.attribute_values import plain_row
from recommendations.deadline import Deadline
from recommendations.logs import log_event

Rows = dict[str, dict[str, Any]]
KEYS_PER_CALL = 100  # BatchGetItem's limit; documented
BACK_OFF_S = (0.02, 0.04, 0.08, 0.16)  # upper ends; the wait is a random part of it


class TableReader:
    """Reads rows by their key; DynamoDB answers in any order and may leave keys for later."""

    def __init__(
        self,
        dynamodb: Any,
        table: str,
        key: str,
        columns: Sequence[str],
        *,
        sleep: Callable[[float], None],
        random: Random,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key = key
        self._projection = projection((key, *columns))
        self._sleep = sleep
        self._random = random

    def read(self, ids: Sequence[str], deadline: Deadline) -> tuple[Rows, frozenset[str]]:
        """Return the rows found of at most 100 ids, by id, and the ids that DynamoDB did not get to.

        Keys left unprocessed are asked again after a growing wait, as long as the deadline allows.
        Errors: ClientError or BotoCoreError of the call.
        """
        unique = dict.fromkeys(ids)
        asked: dict[str, Any] = {
            self._table: {"Keys": [{self._key: {"S": item}} for item in unique], **self._projection}
        }
        rows: Rows = {}
        for wait_s in (*BACK_OFF_S, None):
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            for item in answer.get("Responses", {}).get(self._table, ()):
                row = plain_row(item)
                rows[row[self._key]] = row
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return rows, frozenset()
            if wait_s is None or deadline.left_s() < wait_s:
                break
            self._sleep(self._random.uniform(0, wait_s))
        unread = frozenset(key[self._key]["S"] for key in asked[self._table]["Keys"])
        log_event("warning", "keys_unprocessed", table=self._table, count=len(unread))
        return rows, unread


def batches(ids: Sequence[str]) -> list[Sequence[str]]:
    """Cut ids into what one call takes."""
    return [ids[start : start + KEYS_PER_CALL] for start in range(0, len(ids), KEYS_PER_CALL)]


def projection(columns: Sequence[str]) -> dict[str, Any]:
    """Ask for these columns only; aliases, as some names are DynamoDB's own words."""
    names = {f"#c{number}": column for number, column in enumerate(dict.fromkeys(columns))}
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}
