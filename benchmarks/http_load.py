"""Closed-loop HTTP clients that send what boto3 would send, from a process of their own.

    python -m benchmarks.http_load PORT CLIENT_COUNT SECONDS < requests > result

boto3 builds and signs every request beforehand; its own work, 2 ms a call, would be most of what is measured otherwise.
Each client has one kept connection and sends its next request when the last answer is there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

WARM_UP_RATIO = 0.2  # of the measured time


@dataclass(frozen=True)
class Load:
    """What the clients saw. Units: latencies_ms in milliseconds; elapsed_s without the warm-up; cpu_s with it."""

    latencies_ms: list[float]
    elapsed_s: float
    answer_count: int  # with those of the warm-up
    failures: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0  # of the clients themselves

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies_ms) / self.elapsed_s


def capture(service: str, port: int, calls: Callable[[Any], None]) -> list[bytes]:
    """Give the requests that boto3 sends when `calls(client)` is run, signed, as bytes; nothing is sent."""
    captured: list[bytes] = []

    def keep(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        captured.append(_raw(request))
        answer = AWSResponse(request.url, 200, {}, None)
        answer._content = b"{}"
        return answer

    client = boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )
    client.meta.events.register("before-send", keep)
    calls(client)
    return captured


def ask(port: int, request: bytes) -> None:
    """Send one request and wait for its answer, however long it takes: the first has all data read."""
    client = _Client(port)
    client.send(request)
    while client.receive() is None:
        pass
    client.connection.close()


def run_clients(port: int, requests: Sequence[bytes], client_count: int, seconds: float) -> Load:
    """Load a server from another process."""
    command = [sys.executable, "-m", "benchmarks.http_load", str(port), str(client_count), str(seconds)]
    finished = subprocess.run(command, input=pickle.dumps(list(requests)), stdout=subprocess.PIPE, check=True)
    return Load(**json.loads(finished.stdout))


def _raw(request: AWSPreparedRequest) -> bytes:
    address, path = request.url.removeprefix("http://").split("/", 1)
    lines = [f"{request.method} /{path} HTTP/1.1", f"Host: {address}"]
    for name, value in request.headers.items():
        lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
    body = request.body or b""
    if "content-length" not in {name.lower() for name in request.headers}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body if isinstance(body, bytes) else body.encode())


class _Client:
    """One connection: what it waits for, and since when."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self.connection.sendall(request)

    def receive(self) -> tuple[float, bytes] | None:
        """Give latency and status line once the whole answer is there."""
        self._received += self.connection.recv(1 << 16)
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return None
        return (time.perf_counter() - self._sent_at) * 1000, head.split(b"\r\n", 1)[0]


def _content_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start:].split(b"\r\n", 1)[0])


def _loop(port: int, requests: Iterator[bytes], client_count: int, seconds: float) -> Load:
    clients = [_Client(port) for _ in range(client_count)]
    latencies_ms: list[float] = []
    failures: dict[str, int] = {}
    answer_count = 0
    cpu_s = time.process_time()
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.connection, selectors.EVENT_READ, client)
            client.send(next(requests))
        measured_from = time.perf_counter() + seconds * WARM_UP_RATIO
        end = measured_from + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in selector.select(1.0):
                answer = key.data.receive()
                if answer is None:
                    continue
                answer_count += 1
                if now >= measured_from:
                    latencies_ms.append(answer[0])
                if b" 200 " not in answer[1]:
                    failures[answer[1].decode()] = failures.get(answer[1].decode(), 0) + 1
                key.data.send(next(requests))
    return Load(latencies_ms, seconds, answer_count, failures, time.process_time() - cpu_s)


def main() -> None:
    """Be the clients' process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("client_count", type=int)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    requests = itertools.cycle(pickle.loads(sys.stdin.buffer.read()))
    json.dump(vars(_loop(given.port, requests, given.client_count, given.seconds)), sys.stdout)


if __name__ == "__main__":
    main()
