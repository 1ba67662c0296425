"""Server-sent events: a page is told when what it shows has changed, and loads itself again.

A stream lasts a while; browsers then open the next by themselves. So none outlives the server's stop by much, and one
whose reader has gone ends.
Source: HTML standard, server-sent events.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from personalize_local.console.http import Receive, Send

LASTS_S, BEAT_S, RETRY_MS = 120.0, 15.0, 500
MOST_STREAMS = 32


@dataclass(frozen=True)
class Stream:
    """A page to watch.

    Args:
        look: gives a text that changes whenever the page does; None once nothing will change any more.
        every_s: how often to look.
    """

    look: Callable[[], str | None]
    every_s: float


class Streams:
    """The streams that are open at a time; only so many."""

    def __init__(self) -> None:
        self._open = 0

    async def send(self, stream: Stream, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Tell of changes until nothing will change, the reader has gone, or the time is over."""
        if self._open >= MOST_STREAMS:
            await _begin(send, 503, headers)
            await send({"type": "http.response.body", "body": b""})
            return
        self._open += 1
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await _begin(send, 200, headers)
            await _tell(stream, gone, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._open -= 1
            gone.cancel()


async def _tell(stream: Stream, gone: asyncio.Future[None], send: Send) -> None:
    async def say(text: str) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    await say(f"retry: {RETRY_MS}\n\n")
    last, end, beat = "", time.monotonic() + LASTS_S, time.monotonic()
    while time.monotonic() < end and not gone.done():
        seen = await asyncio.to_thread(stream.look)
        if seen is None:
            await say("event: end\ndata: end\n\n")
            return
        if seen != last or time.monotonic() - beat > BEAT_S:
            # The first look is told too: the page may be older than the stream.
            await say(f"event: change\ndata: {seen}\n\n" if seen != last else ": still here\n\n")
            last, beat = seen, time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(gone), stream.every_s)


async def _begin(send: Send, status: int, headers: Mapping[str, str]) -> None:
    named = {**headers, "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no"}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _gone(receive: Receive) -> None:
    """Wait until the reader has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
