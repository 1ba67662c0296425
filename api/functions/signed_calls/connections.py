"""Kept connections to one endpoint: the last one that was given back is the next one to be used.

Errors are botocore's, so that callers need not know who made a call.
"""

import select
import socket
import ssl
from collections import deque
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from typing import NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

CLOSED_MEANWHILE = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Reply(NamedTuple):
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connections:
    """Sends POSTs to one endpoint, from any number of threads."""

    def __init__(
        self, endpoint_url: str, *, connect_timeout_s: float, read_timeout_s: float, most_kept: int, ca_file: str
    ) -> None:
        parts = urlsplit(endpoint_url)
        self.host = parts.netloc
        self.base_path = parts.path.rstrip("/")
        self._endpoint_url = endpoint_url
        self._address = (parts.hostname or "", parts.port)
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._most_kept = most_kept
        self._kept: deque[HTTPConnection] = deque()

    def post(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Send a request that may be sent twice: a kept connection may have been closed in the meantime.

        Errors: ConnectTimeoutError, EndpointConnectionError, SSLError, ReadTimeoutError, ConnectionClosedError.
        """
        if kept := self._take():
            try:
                return self._exchange(kept, path, headers, body)
            except CLOSED_MEANWHILE:
                pass
        try:
            return self._exchange(self._open(), path, headers, body)
        except CLOSED_MEANWHILE as error:
            raise ConnectionClosedError(endpoint_url=self._endpoint_url, error=error) from None

    def _exchange(self, connection: HTTPConnection, path: str, headers: dict[str, str], body: bytes) -> Reply:
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except BaseException as error:
            connection.close()
            if isinstance(error, TimeoutError):
                raise ReadTimeoutError(endpoint_url=self._endpoint_url, error=error) from None
            if isinstance(error, OSError | HTTPException) and not isinstance(error, CLOSED_MEANWHILE):
                raise ConnectionClosedError(endpoint_url=self._endpoint_url, error=error) from None
            raise
        if answer.will_close or len(self._kept) >= self._most_kept:
            connection.close()
        else:
            self._kept.append(connection)
        return reply

    def _take(self) -> HTTPConnection | None:
        """Give the last kept connection that is still open; an idle one that can be read from is not."""
        while self._kept:
            try:
                connection = self._kept.pop()
            except IndexError:  # another thread took it
                return None
            if not is_readable(connection.sock):
                return connection
            connection.close()
        return None

    def _open(self) -> HTTPConnection:
        host, port = self._address
        if self._tls is None:
            connection = HTTPConnection(host, port, timeout=self._connect_timeout_s)
        else:
            connection = HTTPSConnection(host, port, timeout=self._connect_timeout_s, context=self._tls)
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._endpoint_url, error=error) from None
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=self._endpoint_url, error=error) from None
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._endpoint_url, error=error) from None
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sock.settimeout(self._read_timeout_s)
        return connection


def is_readable(connection: socket.socket) -> bool:
    """Tell whether there is something to read, the end included, without waiting."""
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(0))
