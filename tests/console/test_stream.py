"""Server-sent events: what is told, and when a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from personalize_local.console.stream import MOST_STREAMS, Stream, Streams
from tests.console.conftest import OWN_HEADERS, Browser
from tests.console.test_runs import add_run, entered, exited

Browse = Callable[..., Browser]


class Listener:
    """A browser at the other end: keeps what comes, and goes once it has heard enough."""

    def __init__(self, enough: Callable[[str], bool] = lambda heard: False) -> None:
        self.status, self.heard, self._enough = 0, "", enough
        self._gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.heard += message.get("body", b"").decode()
        if self._enough(self.heard):
            self._gone.set()


def listen(streams: Streams, stream: Stream, listener: Listener) -> None:
    async def run() -> None:
        listener._gone = asyncio.Event()
        await asyncio.wait_for(streams.send(stream, {}, listener.receive, listener.send), 30)

    asyncio.run(run())


def test_changes_are_told_once_and_the_end_as_well() -> None:
    seen = iter(["1", "1", "2", None])
    listener = Listener()
    listen(Streams(), Stream(lambda: next(seen), 0.001), listener)
    assert listener.status == 200
    assert listener.heard.count("event: change") == 2
    assert listener.heard.endswith("event: end\ndata: end\n\n")


def test_a_stream_ends_when_its_reader_has_gone() -> None:
    streams = Streams()
    listener = Listener(lambda heard: "data: 1\n" in heard)
    listen(streams, Stream(lambda: "1", 0.001), listener)
    assert "event: end" not in listener.heard
    assert streams._open == 0


def test_only_so_many_are_open_at_once() -> None:
    streams, listener = Streams(), Listener()
    streams._open = MOST_STREAMS
    listen(streams, Stream(lambda: "1", 0.001), listener)
    assert (listener.status, listener.heard) == (503, "")


def test_a_run_is_followed_over_asgi_under_the_guard(browse: Browse) -> None:
    browser = browse()
    arn = add_run(browser, "live", "RUNNING", [entered(1, "Import", 0)])

    def ends(heard: str) -> bool:
        if "data: 1\n" in heard:  # seen running: now it ends
            browser.workflows.histories[arn] = [entered(1, "Import", 0), exited(2, "Import", 4)]
            browser.workflows.executions[0]["status"] = "SUCCEEDED"
        return False

    def follow(host: str) -> Listener:
        listener = Listener(ends)
        query = f"arn={arn}".encode()
        headers = [(b"host", host.encode())]
        scope = {"method": "GET", "path": "/_personalize/run/events", "query_string": query, "headers": headers}

        async def run() -> None:
            listener._gone = asyncio.Event()
            await asyncio.wait_for(browser.console(scope, listener.receive, listener.send), 30)

        asyncio.run(run())
        return listener

    assert follow("evil.example").status == 403
    heard = follow(OWN_HEADERS["host"])
    assert "event: change\ndata: 1" in heard.heard
    assert heard.heard.endswith("event: end\ndata: end\n\n")
