"""Times, counts and statuses as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

GOOD, BUSY, BAD = "good", "busy", "bad"
_BUSY_ENDINGS = ("PENDING", "IN_PROGRESS", "RUNNING", "STARTING", "STOPPING")


def tone(status: str) -> str:
    """Say how a status of AWS is to be shown: good, busy, bad, or nothing of these."""
    words = status.replace(" ", "_").upper()
    if words in ("ACTIVE", "SUCCEEDED"):
        return GOOD
    if words.endswith(_BUSY_ENDINGS):
        return BUSY
    return BAD if words.endswith(("FAILED", "TIMED_OUT", "ABORTED")) else ""


def ago(at: datetime, now: datetime | None = None) -> str:
    """Say how long ago a moment was, in one unit."""
    passed_s = ((now or datetime.now(UTC)) - at).total_seconds()
    return "just now" if passed_s < 5 else f"{duration(passed_s)} ago"


def duration(seconds: float) -> str:
    """Say a duration in one unit, or two where the second counts."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s" if minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes < 48 * 60 else f"{minutes // 1440} days"


def moment(at: datetime) -> str:
    """Write a moment, in UTC, as all of the service's times are."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def epoch(seconds: float) -> datetime:
    """Give the moment of so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def name_of(arn: str) -> str:
    """Give the part of an ARN that people call a resource by."""
    return arn.partition("/")[2] or arn.rpartition(":")[2]


def count(number: int) -> str:
    """Write a number with thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def element_id(text: str) -> str:
    """Give an id for HTML that is as unique as the text."""
    return "x-" + re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}", text)
