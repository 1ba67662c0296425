"""The console as an ASGI application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.console.account import Account
from personalize_local.console.api_stack import ApiStacks
from personalize_local.console.background import StillReadingError
from personalize_local.console.bulk import DEFAULT_BUDGET_BYTES, Bulk
from personalize_local.console.clicks import Clicks
from personalize_local.console.content import Content
from personalize_local.console.demo import Demo
from personalize_local.console.examination import Examination
from personalize_local.console.executions import Executions
from personalize_local.console.frame import Frame
from personalize_local.console.guard import SECURITY_HEADERS, Guard, RefusedError
from personalize_local.console.http import (
    AsgiScope,
    FormTooLargeError,
    Receive,
    Reply,
    Request,
    Send,
    read_request,
    redirect,
    send_reply,
)
from personalize_local.console.inside import Closed, Inside
from personalize_local.console.newspaper_api import NewspaperApi
from personalize_local.console.page import PREFIX, NotFoundError, Page
from personalize_local.console.pages import find_page
from personalize_local.console.sources import Sources
from personalize_local.console.static_files import StaticFiles
from personalize_local.console.stream import Stream, Streams

logger = logging.getLogger(__name__)

STATIC = PREFIX + "static/"


@dataclass(frozen=True)
class ConsoleSettings:
    """Where the console is and what it may do.

    Args:
        place: what the pages call the account: "local cloud" or "AWS account".
        may_change: false: pages only read, whatever is asked.
        host: the address it listens on beside loopback, if any.
        api_address: where deployed APIs are, with `{api}` and `{stage}`; empty takes what their stacks say.
        read_bytes: read of each dataset's files at most.
        look_every_s: how often a run that somebody watches is looked at.
    """

    place: str
    may_change: bool
    host: str = ""
    api_address: str = ""
    read_bytes: int = DEFAULT_BUDGET_BYTES
    look_every_s: float = 2.0


class Console:
    """Answers `/_personalize/…`: guards, finds the page, renders it as HTML or JSON."""

    def __init__(
        self, account: Account, settings: ConsoleSettings, demo: Demo | None = None, inside: Inside | None = None
    ) -> None:
        self._guard = Guard(settings.host)
        self._static_files = StaticFiles(STATIC)
        self._streams = Streams()
        stacks = ApiStacks(account)
        self._sources = Sources(
            account, stacks, NewspaperApi(account, settings.api_address), Bulk(account, settings.read_bytes),
            Examination(account), Content(account, stacks), Clicks(), Executions(account), inside or Closed(),
            may_change=settings.may_change, look_every_s=settings.look_every_s, demo=demo,
        )  # fmt: skip
        facts = {"place": settings.place, "region": account.region, "may_change": settings.may_change}
        self.frame = Frame(self._static_files, {**facts, "token": self._guard.token})

    async def start(self) -> None:
        """Make the clients of the first page beforehand: reading their service models takes half a second."""
        self._warm_up = asyncio.create_task(asyncio.to_thread(self._sources.account.warm_up))

    async def stop(self) -> None:
        await self._warm_up
        self._sources.close()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        try:
            request = await read_request(scope, receive)
            reply = await asyncio.to_thread(self.reply, request)
        except FormTooLargeError as error:
            reply = self._guarded(self._problem("Too large", str(error), 413))
        if isinstance(reply, Stream):
            await self._streams.send(reply, SECURITY_HEADERS, receive, send)
        else:
            await send_reply(send, reply, head_only=scope["method"] == "HEAD")

    def reply(self, request: Request) -> Reply | Stream:
        """Answer a request, whatever happens; every answer has the security headers."""
        try:
            self._guard.check(request)
            found = self._route(request)
            return found if isinstance(found, Stream) else self._guarded(found)
        except RefusedError as error:
            return self._guarded(self._problem("Refused", str(error), 403))
        except NotFoundError as error:
            return self._guarded(self._problem("Not found", str(error), 404, request))
        except StillReadingError as error:
            return self._guarded(self._still_reading(str(error), request))
        except (ClientError, BotoCoreError) as error:
            return self._guarded(self._problem("AWS did not answer as hoped", _say(error), 502, request))
        except Exception:
            logger.exception("the console's page %s failed", request.path)
            return self._guarded(self._problem("This page failed", "The reason is in the server's log.", 500, request))

    def _route(self, request: Request) -> Reply | Stream:
        if request.path in ("/", PREFIX.rstrip("/")):
            return redirect(PREFIX)
        if request.path.startswith(STATIC):
            return self._static_files.reply(request.path.removeprefix(STATIC), request)
        if request.method not in ("GET", "HEAD", "POST"):
            return self._problem("Not allowed", "Pages are read with GET and forms sent with POST.", 405)
        make_page, is_json = _find(request)
        answer = make_page(self._sources, request)
        if isinstance(answer, Reply | Stream):
            return answer
        return self.frame.json(answer) if is_json else self.frame.html(answer, _json_url(request))

    def _still_reading(self, message: str, request: Request) -> Reply:
        """Answer a page whose data are being read; it looks again by itself."""
        page = Page("reading.html", "Reading", {"message": message}, status=202)
        return self.frame.json(page) if request.path.endswith(".json") else self.frame.html(page)

    def _problem(self, title: str, message: str, status: int, request: Request | None = None) -> Reply:
        page = Page("problem.html", title, {"message": message}, status=status)
        is_json = request is not None and request.path.endswith(".json")
        return self.frame.json(page) if is_json else self.frame.html(page)

    def _guarded(self, reply: Reply) -> Reply:
        return Reply(reply.status, reply.content_type, reply.body, {**SECURITY_HEADERS, **reply.headers})


def _find(request: Request) -> tuple[Callable[[Sources, Request], Page | Reply | Stream], bool]:
    path = request.path.removeprefix(PREFIX)
    is_json = path.endswith(".json")
    name = path.removesuffix(".json").rstrip("/")
    return find_page("" if name == "index" else name, request.method), is_json


def _json_url(request: Request) -> str:
    path = request.path.rstrip("/") if request.path != PREFIX else PREFIX + "index"
    return f"{path}.json" + (f"?{urlencode(request.query)}" if request.query else "")


def _say(error: Exception) -> str:
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return str(error)
