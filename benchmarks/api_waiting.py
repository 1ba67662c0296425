"""How much of a handler's time is waiting for a dependency, and a dependency that is slow on demand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass
class Waits:
    """The spans in which some call was under way; `delays_s` adds time to the calls of a service."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    delays_s: dict[str, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def watch(self, client: Any) -> None:
        """Watch a client, whichever way its calls go: from when a request leaves until its answer is there."""
        name = client.meta.service_model.service_name
        session = client._endpoint.http_session
        session.send = self._watched(name, session.send)
        if short := getattr(client, "connections", None):
            short.post = self._watched(name, short.post)

    def _watched(self, service: str, send: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            begun = time.perf_counter()
            try:
                time.sleep(self.delays_s.get(service, 0.0))
                return send(*arguments)
            finally:
                with self.lock:
                    self.spans.append((begun, time.perf_counter()))

        return watched

    def take(self, begun: float, ended: float) -> tuple[float, int]:
        """Give the seconds between two times in which any call was under way, and how many calls; forget them."""
        with self.lock:
            spans, self.spans = sorted(self.spans), []
        total, reached = 0.0, begun
        for start, end in spans:
            start, end = max(start, reached), min(end, ended)
            total += max(0.0, end - start)
            reached = max(reached, end)
        return total, len(spans)
