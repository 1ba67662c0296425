"""The active backends: rows of the settings table, remembered for a while, and for longer when the table fails."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from personalize_spec.api_settings import row_problems
from recommendations.attribute_values import plain_row
from recommendations.backends import Backend, backend_from_row
from recommendations.logs import error_code, log_event

ACTIVE_ROWS = {
    "FilterExpression": "#status = :active",
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": {":active": {"S": "active"}},
}


DOUBT_S = 1.0  # how often the table is read again before its time
FIRST_WAIT_S = 6.0  # without any row nothing can be asked
WAIT_S = 0.15  # what is known serves when the table takes longer


class BackendDirectory:
    """Knows the active backends without asking the table on every request.

    One request has the table read again when the time has come, and waits for it a moment; those beside it go on with
    what is known.
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
        self._read_at = float("-inf")
        self._lock = Lock()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="settings")
        self._reading: Future[None] | None = None

    def serving(self) -> tuple[Backend, ...]:
        """Return the active rows that have traffic, or the backend of the stack's parameters when there are none."""
        self.active()
        return self.serving_as_known()

    def serving_as_known(self) -> tuple[Backend, ...]:
        """Return the same without looking at the table."""
        if rows := tuple(backend for backend in self._rows if backend.weight > 0):
            return rows
        return (self._named,) if self._named else ()

    def everywhere(self) -> tuple[Backend, ...]:
        """Return every active backend, with traffic or without: where events and articles go."""
        return self.active() or ((self._named,) if self._named else ())

    def active(self) -> tuple[Backend, ...]:
        """Return the backends of the active rows; the last known ones while the table cannot be read."""
        is_first = self._read_at == float("-inf")
        if self._is_due(self._ttl_s):
            reading, is_own = self._read(self._ttl_s)
            if is_own or is_first:
                wait([reading], FIRST_WAIT_S if is_first else WAIT_S)
        return self._rows

    def has_changed(self, since: tuple[Backend, ...]) -> bool:
        """Tell whether others serve than did, having had the table read again: a campaign of those was refused.

        So a row that was replaced is left at once, not when its time has come; the table is read once a second at most.
        """
        if self.serving_as_known() == since and self._is_due(DOUBT_S):
            wait([self._read(DOUBT_S)[0]], WAIT_S)
        return self.serving_as_known() != since

    def _is_due(self, age_s: float) -> bool:
        return self._clock() >= self._read_at + age_s

    def _read(self, age_s: float) -> tuple[Future[None], bool]:
        """Have the table read, if it is still due and nobody does; give the reading, and whether it is the caller's."""
        with self._lock:
            if self._reading is not None and not (self._reading.done() and self._is_due(age_s)):
                return self._reading, False
            self._reading = self._reader.submit(self._refresh)
            return self._reading, True

    def _refresh(self) -> None:
        try:
            self._rows = tuple(self._read_rows()) if self._table else ()
        except Exception as error:  # whatever it is, what is known serves
            self._forget_if_gone(error)
        self._read_at = self._clock()

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
