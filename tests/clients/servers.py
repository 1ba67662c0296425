"""Servers as their users start them: a process of the command line on a free port, asked until it answers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT_ID, REGION = "000000000000", "us-east-1"
START_S = 90.0
STOP_S = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def poll(question: Callable[[], Any], *, within_s: float = 60) -> Any:
    """Ask until there is an answer."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"no answer within {within_s} s")


@dataclass(frozen=True)
class Server:
    """A server under test: its process, its address, its data folder."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def health(self) -> dict[str, Any] | None:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError),
            urllib.request.urlopen(f"{self.url}/_personalize/health", timeout=10) as answer,
        ):
            return json.loads(answer.read())
        return None

    def client(self, service: str, *, key: str = ACCOUNT_ID, secret: str = "test") -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}, proxies={}, s3={"addressing_style": "path"}),
        )


def clean_environment() -> dict[str, str]:
    """The environment without what could lead a server or a client elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PERSONALIZE_LOCAL_"))}


@contextlib.contextmanager
def running(
    data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None, is_killed: bool = False
) -> Iterator[Server]:
    """Run `personalize-local serve` until the end of the block; `is_killed` leaves it no time to end in order."""
    port = free_port()
    places = {"PERSONALIZE_LOCAL_PORT": str(port), "PERSONALIZE_LOCAL_DATA_DIR": str(data_dir)}
    data_dir.mkdir(parents=True, exist_ok=True)
    log_path = data_dir / f"server-{port}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "personalize_local.cli", "serve", *arguments],
            env=clean_environment() | places | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    server = Server(process, port, data_dir)
    try:
        poll(lambda: process.poll() is not None or server.health(), within_s=START_S)
        assert process.poll() is None, log_path.read_text()
        yield server
    finally:
        process.send_signal(signal.SIGKILL if is_killed else signal.SIGTERM)
        process.wait(STOP_S)
