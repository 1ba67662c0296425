"""Clients of AWS's services by region, pages as one stream, and calls side by side that may fail one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

FAILURES = (ClientError, BotoCoreError)
WORKERS = 16
# "standard" waits longer and longer, and gives up when the service stays busy; 16 connections for 16 workers.
CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 6},
    connect_timeout=3,
    read_timeout=15,
    max_pool_connections=WORKERS,
    user_agent_extra="personalize-monitor",
)


class Clients:
    """One client for each service and region, made when it is first asked for."""

    def __init__(self, make: Callable[[str, str], Any] | None = None) -> None:
        self._make = make or _make_client
        self._clients: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        """Give the client of a service in a region."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._make(service, region)
        return self._clients[key]


def pages(client: Any, operation: str, member: str, token: str = "nextToken", **arguments: Any) -> Iterator[Any]:
    """Yield the entries of every page of a list."""
    while True:
        reply = getattr(client, operation)(**arguments)
        yield from reply.get(member, [])
        if not reply.get(token):
            return
        arguments[token] = reply[token]


def each(
    call: Callable[[Any], Any], subjects: Iterable[Any], words: Callable[[Any], str]
) -> tuple[list[Any], list[str]]:
    """Call for every subject, side by side; give the results of those that succeeded, and say which failed and why.

    A subject that is not there any more is no failure: it went away in the middle of the run.
    """
    results, lacks = [], []

    def attempt(subject: Any) -> tuple[bool, Any]:
        try:
            return True, call(subject)
        except FAILURES as error:
            return False, error

    with ThreadPoolExecutor(WORKERS) as pool:
        tried = [(subject, pool.submit(attempt, subject)) for subject in subjects]
    for subject, future in tried:
        succeeded, result = future.result()
        if succeeded:
            results.append(result)
        elif error_code(result) != "ResourceNotFoundException":
            lacks.append(f"{words(subject)}: {error_code(result)}")
    return results, lacks


def error_code(error: BaseException) -> str:
    """Give AWS's error code, or the exception's name."""
    response = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code") or type(error).__name__


def _make_client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=CONFIG)
