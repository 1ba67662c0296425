"""The content tables the API joins: made once, filled at every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from examples.demo.errors import DemoError
from examples.demo.screen import Busy

BATCH_ROWS = 25  # BatchWriteItem's limit; documented
WRITERS = 4
TRIES = 8


def has_table(dynamodb: Any, name: str) -> bool:
    pages = dynamodb.get_paginator("list_tables").paginate()
    return any(name in page["TableNames"] for page in pages)


def load_rows(dynamodb: Any, table: str, rows: Iterable[dict[str, Any]], busy: Busy) -> int:
    """Put the rows, 25 at a time; return how many.

    Errors: DemoError when the table keeps refusing rows.
    """
    serialize = TypeSerializer().serialize
    count = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        requests = (
            [{"PutRequest": {"Item": {key: serialize(_number(value)) for key, value in row.items()}}} for row in batch]
            for batch in _batches(rows)
        )
        for written in pool.map(lambda batch: _write(dynamodb, table, batch), requests):
            count += written
            busy.update(f"{count:,} rows")
    return count


def _write(dynamodb: Any, table: str, batch: list[dict[str, Any]]) -> int:
    left = {table: batch}
    for _try in range(TRIES):
        left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
        if not left:
            return len(batch)
    raise DemoError(f"The table {table} does not take the rows: {len(left[table])} are left after {TRIES} tries.")


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH_ROWS)):
        yield batch


def _number(value: Any) -> Any:
    """DynamoDB's numbers are decimal."""
    return Decimal(str(value)) if isinstance(value, float) else value
