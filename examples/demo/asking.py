"""Ask the recommendations API the way the newspaper's page does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from examples.demo.errors import DemoError
from examples.demo.shell import Shell
from examples.demo.typed import spread_json, typed

CONTEXT = "art_same_section_mostpopular"
LIMIT = 10
MIN_AGE_S, MAX_AGE_S = 61, 345_601  # as the newspaper's page sends them
TIMEOUT_S = 30


@dataclass(frozen=True)
class Question:
    """Whom to recommend what: the fields of the README's request."""

    url: str
    api_key: str
    user_id: str
    visitor_type: str
    section: str
    last_content_id: str

    def body(self) -> dict[str, Any]:
        sub_request = {
            "widget_id": f"recommended-{CONTEXT}",
            "include_read": False,
            "include_content_types": "news,blog,column,review,gallery",
            "limit": LIMIT,
            "context": CONTEXT,
            "width": "width",
            "include_sections": None,
            "min_content_age": MIN_AGE_S,
            "platform": "desktop",
            "max_content_age": MAX_AGE_S,
            "rank": 1,
            "section": self.section,
            "last_content_ids": self.last_content_id,
            "newsletter_ids": None,
            "visitor_type": self.visitor_type,
        }
        kept = {name: value for name, value in sub_request.items() if value is not None and value != ""}
        return {"sub_requests": [kept], "platform": "desktop", "visitor_id": self.user_id, "hash_id": self.user_id}

    def command(self, width: int) -> list[str]:
        """Give the curl of the README, its body in lines of a width."""
        headers = ["-H", f"x-api-key: {self.api_key}", "-H", "Content-Type: application/json"]
        return ["curl", "-s", self.url, *headers, "--data-raw", spread_json(self.body(), width)]


def ask(shell: Shell, question: Question, quiet: bool = False) -> list[dict[str, Any]]:
    """Ask with curl, or without it where there is none; give the recommendations, best first.

    Errors: DemoError with the API's answer when it is not a list of recommendations.
    """
    width = shell.screen.command_width
    if shell.has("curl"):
        answer = shell.run(*question.command(width), echo=False, show=not quiet)
    else:
        if not quiet:
            shell.screen.command(typed(question.command(width), width))
            shell.screen.say("(curl is not installed here: asked by Python instead)", style="dim")
        answer = _post(question)
    return read_answer(answer)


def read_answer(answer: str) -> list[dict[str, Any]]:
    """Read the reply's recommendations.

    Errors: DemoError with the reply itself when it is something else.
    """
    try:
        return json.loads(answer)[0]["recommendations"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise DemoError(f"The API did not answer with recommendations but with: {answer[:500] or 'nothing'}") from None


def _post(question: Question) -> str:
    request = urllib.request.Request(
        question.url,
        data=json.dumps(question.body()).encode(),
        headers={"x-api-key": question.api_key, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        raise DemoError(f"The API at {question.url} does not answer: {error}") from None
