"""The active backends: rows of the settings table, remembered for a while, and for longer when the table fails."""

from collections.abc import Callable, Iterator
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from recommendations.backends import Backend, backend_from_row
from recommendations.logs import error_code, log_event

ACTIVE_ROWS = {
    "FilterExpression": "#status = :active",
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": {":active": {"S": "active"}},
}


class BackendDirectory:
    """Knows the active backends without asking the table on every request."""

    def __init__(self, dynamodb: Any, table: str, *, ttl_s: float, clock: Callable[[], float]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._ttl_s = ttl_s
        self._clock = clock
        self._rows: tuple[Backend, ...] = ()
        self._read_again_at = float("-inf")

    def active(self) -> tuple[Backend, ...]:
        """Return the backends of the active rows; the last known ones while the table cannot be read."""
        if self._clock() >= self._read_again_at:
            self._refresh()
        return self._rows

    def _refresh(self) -> None:
        try:
            self._rows = tuple(self._read_rows())
        except (BotoCoreError, ClientError) as error:
            self._forget_if_gone(error)
        self._read_again_at = self._clock() + self._ttl_s

    def _forget_if_gone(self, error: Exception) -> None:
        """A table that does not exist has no rows ; any other failure keeps what was known."""
        if error_code(error) == "ResourceNotFoundException":
            self._rows = ()
        log_event("warning", "settings_not_read", error=error_code(error), backends_known=len(self._rows))

    def _read_rows(self) -> Iterator[Backend]:
        plain = TypeDeserializer().deserialize
        for page in self._pages():
            for item in page.get("Items", ()):
                row = {key: plain(value) for key, value in item.items()}
                if backend := backend_from_row(row):
                    yield backend
                else:
                    log_event("warning", "settings_row_ignored", backend=row.get("name"), reason="no campaignArn")

    def _pages(self) -> Iterator[dict[str, Any]]:
        page = self._dynamodb.scan(TableName=self._table, **ACTIVE_ROWS)
        yield page
        while key := page.get("LastEvaluatedKey"):
            page = self._dynamodb.scan(TableName=self._table, ExclusiveStartKey=key, **ACTIVE_ROWS)
            yield page
