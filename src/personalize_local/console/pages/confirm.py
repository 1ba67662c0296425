"""Ask before anything changes: the form comes back as a page that sends it again."""

from __future__ import annotations

from personalize_local.console.http import Request
from personalize_local.console.page import Page

CONFIRMED = "confirmed"


def is_confirmed(request: Request) -> bool:
    return request.form.get(CONFIRMED) == "yes"


def confirm_page(request: Request, question: str, consequence: str, button: str, back: str) -> Page:
    """Give the page that asks; its form is the request's, with the answer."""
    fields = {name: value for name, value in request.form.items() if name not in ("token", CONFIRMED)}
    data = {"consequence": consequence, "button": button, "back": back, "action": request.path, "fields": fields}
    return Page("confirm.html", question, data)
