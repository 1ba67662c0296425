"""A client of the server that benchmarks/crash.py kills, and what it was told is done."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/personalize"
EVENT_PATHS = {"PutEvents": "/events", "PutItems": "/items", "PutUsers": "/users"}
THERE, LEAVING = "there", "leaving"


class GoneError(Exception):
    """The server went before it answered."""


class Client:
    """Requests over one connection, unsigned."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, operation: str, request: Mapping[str, Any]) -> tuple[int, Any]:
        """Ask for an operation: status and answer.

        Errors: GoneError.
        """
        path = EVENT_PATHS.get(operation, "/")
        headers = {} if path != "/" else {"X-Amz-Target": f"AmazonPersonalize.{operation}"}
        try:
            self._connection.request("POST", path, json.dumps(request), headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise GoneError from error
        return response.status, json.loads(body) if body else {}


@dataclass
class Facts:
    """What the server acknowledged so far. `troubles` are answers that should not have been."""

    events: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    resources: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, arn: str) -> None:
        """Note a resource that was acknowledged."""
        with self.lock:
            self.resources[arn] = THERE


def new_name() -> str:
    """Give a name that nothing has."""
    return f"n{uuid.uuid4().hex}"
