"""What the console refuses: strange hosts, requests of other sites, changes without its token."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from personalize_local.console.http import Request

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
ANY_HOST = frozenset({"0.0.0.0", "::"})
OWN_SITE = frozenset({"same-origin", "none"})
SECURITY_HEADERS = {
    # Articles' pictures come from the newspaper's own servers; everything else from here.
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    # Not no-referrer: browsers would then send our own forms with the origin "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class RefusedError(Exception):
    """A request that the console does not answer; the message says why."""


class Guard:
    """Decides which requests may come in; its token proves that a form came from one of our own pages."""

    def __init__(self, host: str = "") -> None:
        self.token = secrets.token_urlsafe(24)
        self._hosts: Collection[str] = LOOPBACK_NAMES | ({host} if host else set())
        self._any_host = host in ANY_HOST

    def check(self, request: Request) -> None:
        """Let a request in, or not.

        Errors: RefusedError.
        Source: Fetch Metadata (W3C): browsers say in Sec-Fetch-Site which site a request comes from.
        """
        if not self._any_host and _host_name(request.headers.get("host", "")) not in self._hosts:
            raise RefusedError("This console answers to localhost only.")  # a foreign name that points here
        if not _is_own_site(request):
            raise RefusedError("Another site's page sent this request.")
        if request.method == "POST" and not secrets.compare_digest(
            request.form.get("token", "").encode(), self.token.encode()
        ):
            raise RefusedError("This form is from before the console's last start: load its page again.")


def _is_own_site(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site", "none")
    if request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-dest") == "document":
        return True  # a link to a page, wherever it is: it changes nothing
    origin = request.headers.get("origin")
    return site in OWN_SITE and (origin is None or urlsplit(origin).netloc == request.headers.get("host"))


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
