"""As much of S3 as jobs need: listings and objects of one bucket, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape


@contextmanager
def s3_stand_in(objects: MutableMapping[str, bytes]) -> Iterator[str]:
    """Serve objects, and keep what is put, whichever bucket is asked for; give the endpoint's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(objects))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(objects: MutableMapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            key = address.path.lstrip("/").partition("/")[2]
            if key:
                self._answer(objects.get(key))
            else:
                prefix = parse_qs(address.query).get("prefix", [""])[0]
                self._answer(_listing(objects, prefix), "application/xml")

        def do_PUT(self) -> None:
            key = urlsplit(self.path).path.lstrip("/").partition("/")[2]
            objects[key] = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(b"")

        def _answer(self, content: bytes | None, content_type: str = "text/csv") -> None:
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    return Handler


def _listing(objects: Mapping[str, bytes], prefix: str) -> bytes:
    contents = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size></Contents>"
        for key, content in sorted(objects.items())
        if key.startswith(prefix)
    )
    namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
    return (
        f'<ListBucketResult xmlns="{namespace}"><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>'.encode()
    )
