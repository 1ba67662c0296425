"""A page: data, shown by a template or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PREFIX = "/_personalize/"


@dataclass(frozen=True)
class Page:
    """What one page says. `data` is what its JSON twin gives; `section` is the entry of the navigation it is under."""

    template: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    section: str = ""
    status: int = 200


class NotFoundError(LookupError):
    """There is no such page or thing; the message says what is missing."""
