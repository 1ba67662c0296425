"""As much of S3 as bulk data needs: listings and objects of a bucket from memory; what is put is counted, not kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
BLOCK_BYTES = 1 << 20


@dataclass
class Received:
    """What was put under a key: bytes, lines, and how many parts it came in."""

    size_bytes: int = 0
    line_count: int = 0
    part_count: int = 0
    is_whole: bool = False


@dataclass(frozen=True)
class StandIn:
    """A running stand-in: its address, and what was put into it by key."""

    url: str
    received: dict[str, Received] = field(default_factory=dict)


@contextmanager
def s3_stand_in(objects: Mapping[str, bytes]) -> Iterator[StandIn]:
    """Serve objects, whichever bucket is asked for."""
    received: dict[str, Received] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(objects, received))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{server.server_port}", received)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(objects: Mapping[str, bytes], received: dict[str, Received]) -> type[BaseHTTPRequestHandler]:
    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            key, query = self._place()
            if key:
                self._answer(objects.get(key), "text/csv")
            else:
                self._answer(_listing(objects, query.get("prefix", [""])[0]))

        def do_PUT(self) -> None:
            key, query = self._place()
            size_bytes, line_count = self._read()
            with counting:
                entry = received.setdefault(key, Received())
                entry.size_bytes += size_bytes
                entry.line_count += line_count
                entry.part_count += 1
                entry.is_whole = "partNumber" not in query
            self._answer(b"")

        def do_POST(self) -> None:
            key, query = self._place()
            self._read()
            if "uploads" in query:
                with counting:
                    received[key] = Received()
                self._answer(_result("InitiateMultipartUpload", key, "<UploadId>1</UploadId>"))
            else:
                received[key].is_whole = True
                self._answer(_result("CompleteMultipartUpload", key, "<ETag>1</ETag>"))

        def _place(self) -> tuple[str, dict[str, list[str]]]:
            address = urlsplit(self.path)
            return address.path.lstrip("/").partition("/")[2], parse_qs(address.query, keep_blank_values=True)

        def _read(self) -> tuple[int, int]:
            """Read the request's body; give its bytes and lines."""
            rest = size_bytes = int(self.headers.get("Content-Length") or 0)
            line_count = 0
            while rest:
                block = self.rfile.read(min(rest, BLOCK_BYTES))
                line_count += block.count(b"\n")
                rest -= len(block)
            return size_bytes, line_count

        def _answer(self, content: bytes | None, content_type: str = "application/xml") -> None:
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", content_type)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    return Handler


def _result(operation: str, key: str, members: str) -> bytes:
    name = f"{operation}Result"
    return f'<{name} xmlns="{NAMESPACE}"><Bucket>b</Bucket><Key>{escape(key)}</Key>{members}</{name}>'.encode()


def _listing(objects: Mapping[str, bytes], prefix: str) -> bytes:
    contents = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size></Contents>"
        for key, content in sorted(objects.items())
        if key.startswith(prefix)
    )
    return (
        f'<ListBucketResult xmlns="{NAMESPACE}"><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>'.encode()
    )
