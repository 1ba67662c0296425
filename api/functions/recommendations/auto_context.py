"""What request headers tell of the visit, as columns of the model: one table says which column takes what.

A page's own values win over these. Country, time zone and device class come from CloudFront's viewer headers, which
the API's distribution adds; without them the device is told by the User-Agent.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Headers = Mapping[str, str]
DEVICES = (("tablet", "Tablet"), ("mobile", "Mobile"), ("desktop", "Desktop"))
AGENTS = (
    (re.compile(r"bot|crawl|spider|curl|python|http", re.I), ""),
    (re.compile(r"ipad|tablet|android(?!.*mobile)", re.I), "Tablet"),
    (re.compile(r"mobi|iphone|android", re.I), "Mobile"),
    (re.compile(r"windows|macintosh|x11|cros", re.I), "Desktop"),
)


def device(headers: Headers, now_epoch_s: float) -> str:
    """Give Mobile, Tablet or Desktop."""
    for word, name in DEVICES:
        if headers.get(f"cloudfront-is-{word}-viewer", "").lower() == "true":
            return name
    agent = headers.get("user-agent", "")
    return next((name for pattern, name in AGENTS if pattern.search(agent)), "")


def country(headers: Headers, now_epoch_s: float) -> str:
    """Give the country's two letters."""
    code = headers.get("cloudfront-viewer-country", "").strip().upper()
    return code if re.fullmatch("[A-Z]{2}", code) else ""


def hour(headers: Headers, now_epoch_s: float) -> str:
    """Give the hour of the reader's own day, 0 to 23."""
    name = headers.get("cloudfront-viewer-time-zone", "").strip()
    try:
        zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return str(datetime.fromtimestamp(now_epoch_s, UTC).astimezone(zone).hour) if zone else ""


SOURCES: Mapping[str, Callable[[Headers, float], str]] = {"device": device, "country": country, "hour": hour}


def read_table(text: str) -> dict[str, str]:
    """Read `column=source,…`.

    Errors: ValueError naming what is no source.
    """
    pairs = [entry.partition("=")[::2] for entry in text.split(",") if entry.strip()]
    table = {column.strip(): source.strip() for column, source in pairs}
    if wrong := [source for source in table.values() if source not in SOURCES]:
        raise ValueError(f"{wrong[0]!r} is no source of context: use {', '.join(SOURCES)}.")
    return table


def context_values(table: Mapping[str, str], headers: Headers, now_epoch_s: float) -> tuple[tuple[str, str], ...]:
    """Give the columns whose value the headers tell."""
    return tuple(
        (column, value) for column, source in table.items() if (value := SOURCES[source](headers, now_epoch_s))
    )
