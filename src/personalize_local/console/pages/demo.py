"""The demo: a button that runs it, and what it says."""

from __future__ import annotations

import re

from personalize_local.console.demo import Demo
from personalize_local.console.http import Reply, Request, redirect
from personalize_local.console.page import PREFIX, NotFoundError, Page
from personalize_local.console.pages.confirm import confirm_page, is_confirmed
from personalize_local.console.sources import Sources

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def demo_page(sources: Sources, request: Request) -> Page:
    """Give the demo's status and its last words."""
    demo = _demo(sources)
    text = _CONTROL.sub("", demo.tail()).replace("\r", "\n")
    return Page("demo.html", "Demo", {"status": demo.status, "said": text})


def start_demo(sources: Sources, request: Request) -> Page | Reply:
    """Start the demo once it is confirmed."""
    demo = _demo(sources)
    if not is_confirmed(request):
        what = "The demo deploys both stacks, uploads a newsroom's made-up data, trains a model and asks the API."
        return confirm_page(request, "Run the demo?", what, "Run the demo", PREFIX)
    demo.start()
    return redirect(PREFIX + "demo")


def _demo(sources: Sources) -> Demo:
    if sources.demo is None:
        raise NotFoundError("The demo runs on the local cloud of a checkout only: make demo.")
    return sources.demo
