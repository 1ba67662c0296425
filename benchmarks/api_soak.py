"""Half an hour of mixed traffic on the API's server while its dependencies fail: nothing lost, nobody without a list.

    .venv/bin/python -m benchmarks.api_soak                    30 minutes
    .venv/bin/python -m benchmarks.api_soak --minutes 2

A proxy between the server and the local cloud injects the faults, in turn: Personalize slow, throttled, gone; the
content table slow; all well in between. Readers ask for lists and rankings, and send events, some of them twice. At the
end the events that the API accepted are counted again: those that the trackers took, those in the dead-letter queue.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.api_cloud import api_variables, client, environment, free_port, running_cloud, wait_for
from benchmarks.gateway import USER_COUNT

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).parent / "results" / "api_soak.md"
ITEM_COUNT, READERS, PAUSE_S = 3000, 6, 0.02
QUEUE = "dead-letters"
PATHS = ("/recommendations", "/rerank", "/events")
# Fault, and the services that it hits by their signing names; the second of each pair is how long a call waits.
FAULTS = (("none", "", 0.0), ("slow", "personalize", 2.0), ("none", "", 0.0), ("throttled", "personalize", 0.0))
FAULTS += (("none", "", 0.0), ("slow", "dynamodb", 2.0), ("none", "", 0.0), ("gone", "personalize", 0.0))
THROTTLED = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
GONE = json.dumps({"__type": "ResourceNotFoundException", "message": "gone"}).encode()


@dataclass
class Weather:
    """The fault of the moment, and the events that Personalize took."""

    fault: tuple[str, str, float] = FAULTS[0]
    taken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, body: bytes) -> None:
        """Take note of a delivered call."""
        with self.lock:
            self.taken.update(event["eventId"] for event in json.loads(body)["eventList"])


class Proxy(BaseHTTPRequestHandler):
    """Passes calls on to the local cloud, or does not."""

    protocol_version = "HTTP/1.1"
    weather: Weather
    port: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, service, wait_s = self.weather.fault
        if service and f"/{service}/" in self.headers.get("Authorization", ""):
            time.sleep(wait_s)
            if kind in ("throttled", "gone"):
                self._answer(400, THROTTLED if kind == "throttled" else GONE, kind)
                return
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        upstream.request("POST", self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if answer.status == 200 and self.path.startswith("/events"):
            self.weather.took(body)
        self._answer(answer.status, content, "", answer.getheader("Content-Type") or "application/json")

    def _answer(self, status: int, body: bytes, error: str, kind: str = "application/json") -> None:
        self.send_response(status)
        codes = {"throttled": "ThrottlingException", "gone": "ResourceNotFoundException"}
        if error:
            self.send_header("x-amzn-ErrorType", codes[error])
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # the server has given the call up
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""


@dataclass
class Reader:
    """One of the readers: what was sent, and what came back."""

    number: int
    port: int
    ends_at: float
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: {path: [] for path in PATHS})
    accepted: set[str] = field(default_factory=set)
    short: int = 0

    def read(self) -> Reader:
        """Ask and send until the time is over."""
        chance = random.Random(self.number)
        while time.monotonic() < self.ends_at:
            path, body = self._request(chance)
            begun = time.perf_counter()
            status, answer = self._post(path, body)
            self.latencies_ms[path].append((time.perf_counter() - begun) * 1000)
            self._judge(path, body, status, answer)
            time.sleep(PAUSE_S)
        return self

    def _request(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        visitor = f"u{chance.randrange(USER_COUNT)}"
        kind = chance.random()
        if kind < 0.6:
            return "/recommendations", {"visitor_id": visitor, "sub_requests": [{"limit": 10, "section": "/canada/"}]}
        if kind < 0.7:
            return "/rerank", {
                "visitor_id": visitor,
                "content_ids": [f"i{chance.randrange(ITEM_COUNT)}" for _ in "abc"],
            }
        events = [self._event(chance) for _ in range(chance.randint(1, 3))]
        return "/events", {"visitor_id": visitor, "session_id": "s", "events": events}

    def _event(self, chance: random.Random) -> dict[str, Any]:
        event_id = f"{self.number}-{chance.randrange(1_000_000_000) if chance.random() < 0.95 else 7}"
        item_id = f"i{chance.randrange(ITEM_COUNT)}"
        return {"event_type": "view", "content_id": item_id, "event_id": event_id, "sent_at": time.time()}

    def _post(self, path: str, body: dict[str, Any]) -> tuple[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return str(answer.status), json.loads(answer.read())
        except (OSError, ValueError) as error:
            return type(error).__name__, None
        finally:
            connection.close()

    def _judge(self, path: str, body: dict[str, Any], status: str, answer: Any) -> None:
        source = answer[0]["source"] if status == "200" and isinstance(answer, list) else ""
        self.statuses[f"{path} {status} {source}".strip()] += 1
        if path == "/events" and status == "200":
            self.accepted.update(event["event_id"] for event in body["events"])
        if path == "/recommendations" and status == "200":
            self.short += len(answer[0]["recommendations"]) < 10


def memory_bytes(process_id: int) -> int:
    """Give the memory of a process."""
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def queued_events(sqs: Any, url: str) -> set[str]:
    """Read the ids of all events in the dead-letter queue."""
    found: set[str] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages"):
        for message in messages:
            found.update(event["eventId"] for event in json.loads(message["Body"])["arguments"]["eventList"])
    return found


def soak(seconds: float) -> str:
    """Run everything, give the report."""
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder), ITEM_COUNT) as cloud_port:
        queue_url = client("sqs", cloud_port).create_queue(QueueName=QUEUE)["QueueUrl"]
        weather = Weather()
        handler = type("WeatherProxy", (Proxy,), {"weather": weather, "port": cloud_port})
        proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        port = free_port()
        variables = environment(proxy.server_address[1]) | api_variables() | {"DEAD_LETTER_QUEUE_URL": queue_url}
        command = [sys.executable, str(ROOT / "api" / "serve.py"), "--port", str(port)]
        server = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL)
        try:
            wait_for(port, "/health")
            readers, memory = traffic(server.pid, port, weather, seconds)
        finally:
            server.terminate()
            server.wait()
        return report(readers, memory, weather.taken, queued_events(client("sqs", cloud_port), queue_url))


def traffic(server_id: int, port: int, weather: Weather, seconds: float) -> tuple[list[Reader], list[int]]:
    """Let the readers read while the weather changes; give them, and the server's memory after each change."""
    ends_at = time.monotonic() + seconds
    memory: list[int] = []
    with ThreadPoolExecutor(READERS) as threads:
        reading = [threads.submit(Reader(number, port, ends_at).read) for number in range(READERS)]
        begun, rounds = time.monotonic(), max(1, round(seconds / 120))
        share_s = seconds / rounds / len(FAULTS)
        for number in range(rounds * len(FAULTS)):
            weather.fault = FAULTS[number % len(FAULTS)]
            time.sleep(max(0.0, begun + (number + 1) * share_s - time.monotonic()))
            memory.append(memory_bytes(server_id))
        weather.fault = FAULTS[0]
        return [future.result() for future in reading], memory


def report(readers: list[Reader], memory: list[int], taken: set[str], queued: set[str]) -> str:
    """Write what came of it."""
    statuses = sum((reader.statuses for reader in readers), Counter())
    accepted = set().union(*(reader.accepted for reader in readers))
    lost = accepted - taken - queued
    lines = ["| path, status, source | answers |", "|---|---:|"]
    lines += [f"| {name} | {count:,} |" for name, count in sorted(statuses.items())]
    rows = {
        "answers": f"{sum(statuses.values()):,}",
        **{f"{path}: p50, p99, longest, ms": latencies(readers, path) for path in PATHS},
        "lists of less than ten": str(sum(reader.short for reader in readers)),
        "events accepted, each id once": f"{len(accepted):,}",
        "of these in Personalize": f"{len(accepted & taken):,}",
        "of these in the dead-letter queue only": f"{len((accepted & queued) - taken):,}",
        "lost": str(len(lost)),
        "memory, MiB, at every twelfth of the time": ", ".join(f"{size / 2**20:.1f}" for size in twelfths(memory)),
        "memory, MiB, growth in the last half": f"{(memory[-1] - memory[len(memory) // 2]) / 2**20:.1f}",
    }
    lines += ["", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]
    return "\n".join(lines)


def latencies(readers: list[Reader], path: str) -> str:
    """Write how long a path's answers took; events are answered when they are delivered, or safe in the queue."""
    taken = sorted(latency for reader in readers for latency in reader.latencies_ms[path])
    return f"{taken[len(taken) // 2]:.0f}, {taken[int(len(taken) * 0.99)]:.0f}, {taken[-1]:.0f}"


def twelfths(values: list[int]) -> list[int]:
    """Give the values at every twelfth of the way."""
    return [values[min(len(values) - 1, round(len(values) * part / 12))] for part in range(13)]


def main() -> None:
    """Run it, print the report and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--keep", action="store_true", help="write the report to benchmarks/results")
    given = parser.parse_args()
    text = f"`python -m benchmarks.api_soak --minutes {given.minutes:g}`\n\n{soak(given.minutes * 60)}"
    print(text)  # noqa: T201
    if given.keep:
        RESULT.write_text(f"# The API under faults\n\n{text}\n")


if __name__ == "__main__":
    main()
