"""The active backends: rows of the settings table, remembered for a while, and for longer when the table fails."""

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_spec.api_settings import row_problems
from recommendations.attribute_values import plain_row
from recommendations.backends import Backend, backend_from_row
from recommendations.logs import error_code, log_event

ACTIVE_ROWS = {
    "FilterExpression": "#status = :active",
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": {":active": {"S": "active"}},
}


class BackendDirectory:
    """Knows the active backends without asking the table on every request.

    One request reads the table again when the time has come; those beside it go on with what is known.
    """

    def __init__(
        self, dynamodb: Any, table: str, named: Backend | None, *, ttl_s: float, clock: Callable[[], float]
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._named = named
        self._ttl_s = ttl_s
        self._clock = clock
        self._rows: tuple[Backend, ...] = ()
        self._read_again_at = float("-inf")
        self._reading = Lock()

    def serving(self) -> tuple[Backend, ...]:
        """Return the active rows that have traffic, or the backend of the stack's parameters when there are none."""
        if rows := tuple(backend for backend in self.active() if backend.weight > 0):
            return rows
        return (self._named,) if self._named else ()

    def everywhere(self) -> tuple[Backend, ...]:
        """Return every active backend, with traffic or without: where events and articles go."""
        return self.active() or ((self._named,) if self._named else ())

    def active(self) -> tuple[Backend, ...]:
        """Return the backends of the active rows; the last known ones while the table cannot be read."""
        if self._clock() >= self._read_again_at:
            waits = self._read_again_at == float("-inf")
            if self._reading.acquire(blocking=waits):
                try:
                    if self._clock() >= self._read_again_at:
                        self._refresh()
                finally:
                    self._reading.release()
        return self._rows

    def _refresh(self) -> None:
        try:
            self._rows = tuple(self._read_rows()) if self._table else ()
        except (BotoCoreError, ClientError) as error:
            self._forget_if_gone(error)
        self._read_again_at = self._clock() + self._ttl_s

    def _forget_if_gone(self, error: Exception) -> None:
        """A table that does not exist has no rows; any other failure keeps what was known."""
        if error_code(error) == "ResourceNotFoundException":
            self._rows = ()
        log_event("warning", "settings_not_read", error=error_code(error), backends_known=len(self._rows))

    def _read_rows(self) -> Iterator[Backend]:
        for page in self._pages():
            for item in page.get("Items", ()):
                row = plain_row(item)
                if problems := row_problems(row):
                    log_event("warning", "settings_row_wrong", backend=row.get("name"), problems=problems)
                if backend := backend_from_row(row):
                    yield backend

    def _pages(self) -> Iterator[dict[str, Any]]:
        page = self._dynamodb.scan(TableName=self._table, **ACTIVE_ROWS)
        yield page
        while key := page.get("LastEvaluatedKey"):
            page = self._dynamodb.scan(TableName=self._table, ExclusiveStartKey=key, **ACTIVE_ROWS)
            yield page
