"""What the emulator costs Personalize's answers: in one process with it, and in a process of its own.

    .venv/bin/python -m benchmarks.cloud_latency

Asks for DescribeRecipe over one kept connection, every 2 ms, alone and while the emulator of the other services is
busy; prints one table. docs/decisions/0001-two-processes.md draws its conclusion from it.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import io
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
import uvicorn
from rich.console import Console
from rich.table import Table

from personalize_local.cloud.app import create_app
from personalize_local.cloud.emulator.environment import emulator_environment
from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.pages import Pages
from personalize_local.cloud.personalize import Personalize
from personalize_local.cloud.router import CloudApp
from personalize_local.cloud.settings import CloudSettings

REQUESTS = 2000
PAUSE_S = 0.002
WARM_UP_S = 3.0
UPLOAD_BYTES = 8 * 1024 * 1024  # one part of boto3's multipart uploads
LOADS = ("none", "lambda", "s3", "lambda+s3")
ARRANGEMENTS = ("one process", "two processes")
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
HEADERS = {
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/personalize/aws4_request, Signature=0",
    "x-amz-target": "AmazonPersonalize.DescribeRecipe",
    "content-type": "application/x-amz-json-1.1",
}


class EmulatorInProcess:
    """The emulator as a part of the gateway's own process, for comparison."""

    def __init__(self, settings: CloudSettings) -> None:
        os.environ.update(emulator_environment(settings, os.environ))
        from personalize_local.cloud.emulator.__main__ import load_emulator

        self.app = load_emulator(settings)
        self._inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[Any] = asyncio.Queue()
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._life = asyncio.create_task(self.app({"type": "lifespan"}, self._inbox.get, self._outbox.put))
        await self._tell("lifespan.startup")

    async def stop(self) -> None:
        await self._tell("lifespan.shutdown")

    async def _tell(self, event: str) -> None:
        await self._inbox.put({"type": event})
        await self._outbox.get()


def serve(arrangement: str, port: int, folder: Path) -> None:
    """Run a server of one arrangement until it is terminated."""
    settings = CloudSettings(port=port, data_dir=folder)
    app = create_app(settings, folder) if arrangement == "two processes" else _create_shared_app(settings)
    uvicorn.run(app, port=port, http="httptools", ws="none", lifespan="on", access_log=False, log_level="error")


def _create_shared_app(settings: CloudSettings) -> CloudApp:
    emulator, personalize = EmulatorInProcess(settings), Personalize(settings)
    pages = Pages(lambda: {"status": "ok"}, Outbox(settings.mail_dir))
    return CloudApp(personalize=personalize.app, pages=pages, elsewhere=emulator.app, parts=(emulator, personalize))


def generate_load(load: str, port: int) -> None:
    """Keep the emulator busy from one thread per kind until terminated."""
    clients = {name: _client(name, port) for name in ("lambda", "s3")}
    body = os.urandom(UPLOAD_BYTES)
    kinds: dict[str, Callable[[], Any]] = {
        "lambda": lambda: clients["lambda"].invoke(FunctionName="echo", Payload=b"{}")["Payload"].read(),
        "s3": lambda: clients["s3"].put_object(Bucket="benchmark", Key="part", Body=body),
    }
    threads = [threading.Thread(target=_repeat, args=(kinds[kind],)) for kind in load.split("+")]
    for thread in threads:
        thread.start()


def _repeat(action: Callable[[], Any]) -> None:
    while True:
        action()


def _client(service: str, port: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def prepare(port: int) -> None:
    """Create what the loads use."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("app.py", "def handler(event, context):\n    return event\n")
    _client("s3", port).create_bucket(Bucket="benchmark")
    _client("lambda", port).create_function(
        FunctionName="echo", Runtime="python3.13", Role="arn:aws:iam::000000000000:role/any", Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip


def measure(port: int) -> list[float]:
    """Ask `REQUESTS` times; return the latencies in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    latencies_ms = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        connection.request("POST", "/", json.dumps({"recipeArn": RECIPE}), HEADERS)
        response = connection.getresponse()
        response.read()
        latencies_ms.append((time.perf_counter() - started) * 1000)
        assert response.status == 200
        time.sleep(PAUSE_S)
    connection.close()
    return latencies_ms


def run(arrangement: str) -> dict[str, list[float]]:
    """Measure one arrangement under every load."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        with _child("serve", arrangement, str(port), folder):
            _wait_for(port)
            prepare(port)
            return {load: _measure_under(load, port) for load in LOADS}


def _measure_under(load: str, port: int) -> list[float]:
    if load == "none":
        return measure(port)
    with _child("load", load, str(port)):
        time.sleep(WARM_UP_S)
        return measure(port)


@contextmanager
def _child(*arguments: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.cloud_latency", *arguments], stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


def print_table(results: dict[str, dict[str, list[float]]]) -> None:
    """Print p50, p99 and the worst of each measurement, in milliseconds."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    software = f"Python {platform.python_version()}, MiniStack {version('ministack')}, uvicorn {version('uvicorn')}"
    table = Table("emulator is busy with", title=f"DescribeRecipe, ms ({machine}; {software})")
    for arrangement in results:
        for column in ("p50", "p99", "max"):
            table.add_column(f"{arrangement}\n{column}", justify="right")
    for load in LOADS:
        table.add_row(load, *(f"{value:.2f}" for measured in results.values() for value in _summary(measured[load])))
    Console(width=120).print(table)


def _summary(latencies_ms: list[float]) -> tuple[float, float, float]:
    percentiles = statistics.quantiles(latencies_ms, n=100)
    return percentiles[49], percentiles[98], max(latencies_ms)


def main() -> None:
    """Run the benchmark; with arguments, be one of its own child processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", help=argparse.SUPPRESS)
    part = parser.parse_args().part
    if part[:1] == ["serve"]:
        serve(part[1], int(part[2]), Path(part[3]))
    elif part[:1] == ["load"]:
        generate_load(part[1], int(part[2]))
    else:
        print_table({arrangement: run(arrangement) for arrangement in ARRANGEMENTS})


if __name__ == "__main__":
    main()
