"""An AWS account, at home in one region, seen through boto3: the local cloud's or a real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Found = TypeVar("Found")
Given = TypeVar("Given")
CALLS_AT_ONCE = 8


class Account:
    """Clients made when first needed, lists read to their end, and questions asked side by side.

    Args:
        make_client: gives a boto3 client of a service by its name; by name and region where it is asked of another one.
    """

    def __init__(self, make_client: Callable[..., Any], region: str) -> None:
        self.region = region
        self._make_client = make_client
        self._clients: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()  # creating clients is not safe in several threads; using them is (documented)
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="console")

    def client(self, service: str, region: str | None = None) -> Any:
        """Give the client of a service, in the account's home region unless another one is named."""
        key = (service,) if region in (None, self.region) else (service, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make_client(*key)
            return self._clients[key]

    def list(self, service: str, operation: str, key: str, **arguments: Any) -> list[dict[str, Any]]:
        """Give all that a list operation lists; S3 leaves the member `key` out where there is nothing."""
        paginator = self.client(service).get_paginator(operation)
        return [entry for page in paginator.paginate(**arguments) for entry in page.get(key, ())]

    def side_by_side(self, ask: Callable[[Given], Found], values: Iterable[Given]) -> list[Found]:
        """Ask the same for each value, some at once, and give the answers in order.

        Not from within another such question: the inner ones might wait for the outer ones' threads.
        """
        return list(self._pool.map(ask, values))

    def warm_up(self) -> None:
        """Make the clients that the home page needs."""
        for service in ("personalize", "stepfunctions"):
            self.client(service)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
