"""Read rows of a DynamoDB table by key, many at once."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from recommendations.logs import log_event

KEYS_PER_CALL = 100  # BatchGetItem's limit; documented
BACK_OFF_S = (0.05, 0.1, 0.2, 0.4)  # upper ends; the wait is a random part of it


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

    def read(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the rows found, by id.

        Errors: ClientError or BotoCoreError of the call; keys still unprocessed after the last attempt are missing.
        """
        rows: dict[str, dict[str, Any]] = {}
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), KEYS_PER_CALL):
            rows.update(self._read_batch(unique[start : start + KEYS_PER_CALL]))
        return rows

    def _read_batch(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        plain = TypeDeserializer().deserialize
        asked: dict[str, Any] = {self._table: {"Keys": [{self._key: {"S": item}} for item in ids], **self._projection}}
        rows: dict[str, dict[str, Any]] = {}
        for wait_s in (*BACK_OFF_S, None):
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            for item in answer.get("Responses", {}).get(self._table, ()):
                row = {name: plain(value) for name, value in item.items()}
                rows[row[self._key]] = row
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return rows
            if wait_s is not None:
                self._sleep(self._random.uniform(0, wait_s))
        log_event("warning", "keys_unprocessed", table=self._table, count=len(asked[self._table]["Keys"]))
        return rows


def projection(columns: Sequence[str]) -> dict[str, Any]:
    """Ask for these columns only; aliases, as some names are DynamoDB's own words."""
    names = {f"#c{number}": column for number, column in enumerate(dict.fromkeys(columns))}
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}
