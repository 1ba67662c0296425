"""Where on these pages the resources are shown that a text names."""

from __future__ import annotations

import re
from urllib.parse import quote

from personalize_local.console.page import PREFIX
from personalize_local.console.words import name_of

_ARN = re.compile(r"arn:aws[\w-]*:(?:personalize|states):[\w-]*:\d{12}:[^\s\"'\\,}\])]+")
_PAGES: tuple[tuple[str, str], ...] = (
    (r":execution:", "run?arn={}"),
    (r":campaign/|:recommender/", "readers?left={}"),
    (r":solution/[^/]+/", "models?version={}"),
    (r":solution/", "models?solution={}"),
    (r":dataset/|:dataset-import-job/", "data"),
)


def links_in(*texts: str) -> list[dict[str, str]]:
    """Give name and address of each resource of the texts that has a page, in their order."""
    found = dict.fromkeys(arn for text in texts for arn in _ARN.findall(text))
    return [{"name": name_of(arn), "url": url} for arn in found if (url := address_of(arn))]


def address_of(arn: str) -> str:
    """Give the address of a resource's page; empty without one."""
    page = next((page for pattern, page in _PAGES if re.search(pattern, arn)), "")
    return PREFIX + page.format(quote(arn, safe=":/")) if page else ""
