"""From a record of the content stream to an item of Personalize: what to skip, what to exclude, one mapping table.

An article that is not published, any more or yet, is not skipped but excluded: it may have been recommendable before.

Source: newspaper system §5.2; the creation time is the published date, so that editing does not make an article new.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from personalize_spec.reader_ids import MAX_CHARACTERS
from streams.records import MalformedError, Record, SkippedError, moment_of, text_of

MAX_TEXT = 20_000  # characters of ContentText; the newspaper's own limit
MAX_PROPERTIES = 32_000  # PutItems' properties; documented
HIDING_SECTIONS = frozenset({"life/horoscopes"})
HIDING_KEYWORDS = frozenset({"omit", "zerocanada"})


class Mapped(NamedTuple):
    """A column of the Items dataset and how the record fills it."""

    column: str
    value: Callable[[Mapping[str, Any], Record], Any]


def whole_number(fields: Mapping[str, Any], name: str) -> int | None:
    """Give a field as a whole number; None for what is none."""
    try:
        return int(float(text_of(fields, name)))
    except (ValueError, OverflowError):
        return None


def created_at(fields: Mapping[str, Any], record: Record) -> int:
    """Give when the article was published; where it does not say, when it changed, or when the record came."""
    times = (moment_of(text_of(fields, name)) for name in ("PublishedDate", "UpdatedDate"))
    return int(next((time for time in times if time is not None), record.arrived_epoch_s))


def excluded(fields: Mapping[str, Any], record: Record) -> int:
    """Tell, as 0 or 1, whether the article may not be recommended."""
    keywords = fields.get("keywords")
    words = {str(word).strip().lower() for word in keywords} if isinstance(keywords, list) else set()
    return int(
        fields.get("published") is not True
        or fields.get("sponsored") is True
        or text_of(fields, "Section").strip("/").lower() in HIDING_SECTIONS
        or not words.isdisjoint(HIDING_KEYWORDS)
    )


ITEM_COLUMNS = (
    Mapped("CREATION_TIMESTAMP", created_at),
    Mapped("ContentText", lambda fields, record: text_of(fields, "ContentText")[:MAX_TEXT] or None),
    Mapped("Category", lambda fields, record: text_of(fields, "Category") or None),
    Mapped("WordCount", lambda fields, record: whole_number(fields, "WordCount")),
    Mapped("Exclude", excluded),
)


class ItemChange(NamedTuple):
    """An item as it is now, and which records said so: the last one counts."""

    item: Mapping[str, Any]
    changed_at: float
    sources: tuple[str, ...]


def item_change(record: Record) -> ItemChange:
    """Read a record.

    Errors: SkippedError for what is no article; MalformedError for no JSON, or an id that Personalize cannot take.
    """
    fields = record.fields()
    item_id = text_of(fields, "ContentId")
    if not item_id:
        raise SkippedError("no article")
    if fields.get("published") is True:
        for name in ("Category", "ContentText"):
            if not text_of(fields, name):
                raise SkippedError(f"no {name}")
    if len(item_id) > MAX_CHARACTERS:
        raise MalformedError(f"ContentId is longer than {MAX_CHARACTERS} characters")
    changed_at = moment_of(text_of(fields, "UpdatedDate"))
    item = {"itemId": item_id, "properties": properties_of(fields, record)}
    return ItemChange(item, record.arrived_epoch_s if changed_at is None else changed_at, (record.sequence,))


def properties_of(fields: Mapping[str, Any], record: Record) -> str:
    """Give the properties as JSON, nulls left out, the text cut to what a call takes."""
    values = {mapped.column: value for mapped in ITEM_COLUMNS if (value := mapped.value(fields, record)) is not None}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    while (over := len(text.encode()) - MAX_PROPERTIES) > 0 and values.get("ContentText"):
        values["ContentText"] = values["ContentText"][: -max(1, over // 4)]
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text


def latest(changes: list[ItemChange]) -> list[ItemChange]:
    """Keep one change per item: the latest by its date, the last of those. Its sources are those of all."""
    kept: dict[str, ItemChange] = {}
    for change in changes:
        before = kept.get(change.item["itemId"])
        newest = change if before is None or change.changed_at >= before.changed_at else before
        sources = (*(before.sources if before else ()), *change.sources)
        kept[change.item["itemId"]] = newest._replace(sources=sources)
    return list(kept.values())
