"""What a round of saving the emulator's state takes, by the size of what it holds.

    .venv/bin/python -m benchmarks.emulator_state

Puts items of 1 kB into a DynamoDB table and times a round that writes everything, and one that finds nothing changed.
docs/decisions/0002-emulator-state.md draws its conclusion from it.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from personalize_local.cloud.emulator.environment import emulator_environment
from personalize_local.cloud.emulator.state import StateKeeper
from personalize_local.cloud.settings import CloudSettings
from personalize_local.cloud.state_record import StateRecordFile

ITEM_COUNTS = (0, 1_000, 10_000, 50_000)
BATCH = 25
TEXT = "x" * 1000


async def call(app: Any, operation: str, request: dict[str, Any]) -> None:
    """Ask DynamoDB, without a socket."""
    headers = [
        (b"x-amz-target", f"DynamoDB_20120810.{operation}".encode()),
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"authorization", b"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request"),
    ]
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(request).encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    assert messages[0]["status"] == 200, messages


async def put_items(app: Any, first: int, end: int) -> None:
    for start in range(first, end, BATCH):
        items = [{"id": {"S": str(number)}, "text": {"S": TEXT}} for number in range(start, min(start + BATCH, end))]
        puts = [{"PutRequest": {"Item": item}} for item in items]
        await call(app, "BatchWriteItem", {"RequestItems": {"content": puts}})


async def measure(app: Any, folder: Path) -> list[tuple[int, float, float]]:
    """Return item count and the seconds of a round with everything changed, and with nothing changed."""
    await call(app, "CreateTable", {
        "TableName": "content", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    })  # fmt: skip
    rows, item_count = [], 0
    for count in ITEM_COUNTS:
        await put_items(app, item_count, count)
        item_count = count
        keeper = StateKeeper(StateRecordFile(folder))
        rows.append((count, await _time_round(keeper), await _time_round(keeper)))
    return rows


async def _time_round(keeper: StateKeeper) -> float:
    started = time.perf_counter()
    await keeper.save_changes()
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = CloudSettings(port=4566, data_dir=Path(folder))
        os.environ.update(emulator_environment(settings, os.environ))
        settings.emulator_dir.mkdir()
        from personalize_local.cloud.emulator.__main__ import load_emulator

        rows = asyncio.run(measure(load_emulator(settings), settings.emulator_dir))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    table = Table(
        title=f"A round of saving ({machine}; Python {platform.python_version()}, MiniStack {version('ministack')})"
    )
    for column in ("items of 1 kB", "everything changed, s", "nothing changed, s"):
        table.add_column(column, justify="right")
    for count, changed_s, unchanged_s in rows:
        table.add_row(f"{count:,}", f"{changed_s:.3f}", f"{unchanged_s:.3f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
