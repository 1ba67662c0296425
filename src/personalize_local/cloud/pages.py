"""The local cloud's own pages: how it is and the mails it sent, as JSON, and the console for everything else."""

from collections.abc import Callable
from dataclasses import asdict

from personalize_local.cloud.asgi import AsgiApp, AsgiScope, Receive, Send, send_json
from personalize_local.cloud.outbox import Outbox

HEALTH_PAGE = "/_personalize/health"
MAIL_PAGE = "/_personalize/mail"


class Pages:
    """An ASGI application for `/_personalize/…`.

    Args:
        console: answers for the paths that are not ours; without one there are only these.
    """

    def __init__(self, health: Callable[[], dict[str, object]], outbox: Outbox, console: AsgiApp | None = None) -> None:
        self._health = health
        self._outbox = outbox
        self._console = console

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/")
        if self._console is not None and path != HEALTH_PAGE and not (path + "/").startswith(MAIL_PAGE + "/"):
            await self._console(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await send_json(
                send, 405, {"message": "These pages are read only: use GET."}, headers={b"allow": b"GET, HEAD"}
            )
        elif path == HEALTH_PAGE:
            await send_json(send, 200, self._health())
        elif path == MAIL_PAGE:
            await send_json(send, 200, {"mails": [asdict(mail) for mail in self._outbox.list()]})
        else:
            await self._mail(path, send)

    async def _mail(self, path: str, send: Send) -> None:
        number = path.removeprefix(MAIL_PAGE + "/")
        mail = self._outbox.find(int(number)) if number.isascii() and number.isdigit() else None
        if mail is None:
            pages = f"{HEALTH_PAGE}, {MAIL_PAGE} and {MAIL_PAGE}/<number>"
            await send_json(send, 404, {"message": f"There is no {path}; there are {pages}."})
        else:
            await send_json(send, 200, asdict(mail))
