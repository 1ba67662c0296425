"""`python api/reference.py`: write the tables of docs/api.md and api/README.md anew, from the models.

The tables stand between `<!-- table: NAME -->` and `<!-- end -->`; a test holds them to what this gives.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "functions"))

from recommendations import errors
from recommendations.conversion import CONTENT_COLUMNS, IMAGE_COLUMNS
from recommendations.fields import Anything, Field
from recommendations.meters import METRICS
from recommendations.openapi import GATEWAY_ERRORS
from recommendations.replies import CONVERSIONS, REPLY_FIELDS
from recommendations.requests import (
    EVENT_FIELDS,
    EVENTS_FIELDS,
    RELATED_FIELDS,
    RERANK_FIELDS,
    SENT_AT_MEANING,
    SUB_REQUEST_FIELDS,
    TOP_FIELDS,
)
from recommendations.routes import ROUTES
from recommendations.sections import CATEGORY_ALIASES
from recommendations.settings import VARIABLES
from streams.articles import ITEM_COLUMNS
from streams.events import PROPERTY_COLUMNS, RULES

from personalize_spec.api_settings import CONTEXT_KEYS, ROW_COLUMNS

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "docs" / "api.md", ROOT / "api" / "README.md")
BLOCK = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table."""
    lines = [list(head), *(list(row) for row in rows)]
    written = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(lines[0]), *written[1:]]) + "\n"


def request_rows(fields: Iterable[Field], where: str = "") -> Iterable[tuple[str, ...]]:
    """Yield a row per field."""
    for field in fields:
        yield f"`{where}{field.name}`", "yes" if field.required else "no", field.kind.words, field.meaning


def recommendations_rows() -> Iterable[tuple[str, ...]]:
    """Yield the newspaper's request, the fields that mean something first."""
    rows = [
        *request_rows(TOP_FIELDS),
        ("`sub_requests`", "yes", "list of objects", "only the first counts"),
        *request_rows(SUB_REQUEST_FIELDS, "sub_requests[0]."),
    ]
    return sorted(rows, key=lambda row: row[2] == Anything.words)


def conversion_rows() -> Iterable[tuple[str, ...]]:
    """Yield a row per column of the content and image tables."""
    for column in (*CONTENT_COLUMNS, *IMAGE_COLUMNS):
        conversion = CONVERSIONS[column.convert]
        yield f"`{column.source}`", f"`{column.target}`", conversion.words, conversion.nothing
    yield "`PictureRel`", "`promo_image`", '`{"urls": {"220": …}}`: the first entry\'s `url220`', '`{"urls": {}}`'


def error_rows() -> Iterable[tuple[str, ...]]:
    """Yield a row per error, the gateway's too."""
    own = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.ApiError]
    rows = [(str(kind.status), f"`{kind.code}`", kind.__doc__.splitlines()[0]) for kind in own]
    rows += [(status, f"`{code}`", f"{text[0].upper()}{text[1:]}.") for status, (code, text) in GATEWAY_ERRORS.items()]
    return sorted(rows)


REQUEST_HEAD = ("field", "required", "type", "meaning")
TABLES: Mapping[str, Callable[[], str]] = {
    "paths": lambda: table(
        ("method", "path", "what it answers", "key"),
        ((route.method, f"`{route.path}`", route.summary, "yes" if route.needs_key else "no") for route in ROUTES),
    ),
    "request": lambda: table(REQUEST_HEAD, recommendations_rows()),
    "related": lambda: table(REQUEST_HEAD, request_rows(RELATED_FIELDS)),
    "rerank": lambda: table(REQUEST_HEAD, request_rows(RERANK_FIELDS)),
    "events": lambda: table(
        REQUEST_HEAD,
        [
            *request_rows(EVENTS_FIELDS),
            ("`events`", "yes", "list of 1 to 10 objects", "what happened"),
            *request_rows(EVENT_FIELDS, "events[]."),
            ("`events[].sent_at`", "no", "number, or string", SENT_AT_MEANING),
        ],
    ),
    "reply": lambda: table(
        ("field", "type", "meaning"), ((f"`{entry.name}`", entry.words, entry.meaning) for entry in REPLY_FIELDS)
    ),
    "conversion": lambda: table(
        ("content or image field", "reply field", "conversion", "when the row has none"), conversion_rows()
    ),
    "aliases": lambda: table(
        ("section", "category"), ((f"`{name}`", f"`{category}`") for name, category in CATEGORY_ALIASES.items())
    ),
    "errors": lambda: table(("status", "code", "when"), error_rows()),
    "settings": lambda: table(
        ("variable", "default", "meaning"),
        ((f"`{v.name}`", f"`{v.default}`" if v.default else "none", v.meaning) for v in VARIABLES),
    ),
    "row": lambda: table(
        ("column", "type", "required", "meaning"),
        [
            *((f"`{c.name}`", c.kind, "yes" if c.required else "no", c.meaning) for c in ROW_COLUMNS),
            *((f"`context.*.{c.name}`", c.kind, "yes" if c.required else "no", c.meaning) for c in CONTEXT_KEYS),
        ],
    ),
    "metrics": lambda: table(
        ("metric", "unit", "per arm", "meaning"),
        ((f"`{m.name}`", m.unit, "yes" if m.per_arm else "no", m.meaning) for m in METRICS),
    ),
    "event columns": lambda: table(
        ("field of the record", "column of Interactions"), ((f"`{m.field}`", f"`{m.column}`") for m in PROPERTY_COLUMNS)
    ),
    "event rules": lambda: table(("in this order", "skipped"), ((str(n), r.name) for n, r in enumerate(RULES, 1))),
    "item columns": lambda: ", ".join(f"`{mapped.column}`" for mapped in ITEM_COLUMNS) + "\n",
}


def filled(text: str) -> str:
    """Return a page with its tables as they are to be.

    Errors: KeyError for a table that there is none of.
    """
    return BLOCK.sub(lambda found: found.group(1) + TABLES[found.group(2)]() + found.group(3), text)


if __name__ == "__main__":
    for path in FILES:
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
