"""Style sheet, scripts and the vendored chart library, kept in memory and cached by browsers for good."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from personalize_local.console.http import Reply, Request
from personalize_local.console.page import NotFoundError

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


class StaticFiles:
    """The files under `static`, each with an address that changes with its content."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._files = _read(files("personalize_local.console") / "static", "")
        self._versions = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self._files.items()}

    def url(self, name: str) -> str:
        """Give a file's address.

        Errors: KeyError when there is none.
        """
        return f"{self._base_url}{name}?v={self._versions[name]}"

    def reply(self, name: str, request: Request) -> Reply:
        """Answer with a file.

        Errors: NotFoundError.
        """
        if name not in self._files:
            raise NotFoundError(f"There is no file {name}.")
        is_current = request.query.get("v") == self._versions[name]
        caching = "public, max-age=31536000, immutable" if is_current else "no-cache"
        return Reply(200, TYPES["." + name.rpartition(".")[2]], self._files[name], {"cache-control": caching})


def _read(folder: Traversable, prefix: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/")
        else:
            found[prefix + entry.name] = entry.read_bytes()
    return found
