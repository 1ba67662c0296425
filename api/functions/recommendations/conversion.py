"""From rows of the content and image tables to the fields of the reply: one table, and the few conversions it names."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple


def plain(value: Any) -> Any:
    """Turn DynamoDB's types into JSON's: Decimal to int or float, sets to sorted lists."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value))
    return [plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def number(value: Any) -> int | float | None:
    """Give a whole number as int, any other as float, and null for what is no number."""
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    if not amount.is_finite():
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def text(value: Any) -> str:
    """Give a string; null is empty, a list is joined with commas."""
    if value is None:
        return ""
    return ", ".join(words(value)) if isinstance(value, list | tuple | set | frozenset) else str(plain(value))


def words(value: Any) -> list[str]:
    """Give a list of strings; one string is a list of one."""
    entries = plain(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    return [str(entry) for entry in entries if entry not in (None, "")]


def byline(value: Any) -> str:
    """Give the authors as one string."""
    return " and ".join(words(value))


def flag(value: Any) -> bool:
    """Give true or false; the texts "false", "0", "no" and "" are false."""
    return value.strip().lower() not in ("false", "0", "no", "") if isinstance(value, str) else bool(value)


def related(value: Any) -> list[Any]:
    """Give a list as it is stored."""
    return plain(value) if isinstance(value, list | tuple) else []


def first_picture(value: Any) -> list[dict[str, str]]:
    """Give a list of exactly one object: the first entry's url220, if it has one."""
    first = value[0] if isinstance(value, list | tuple) and value else None
    url = first.get("url220") if isinstance(first, Mapping) else None
    return [{"url220": text(url)} if url else {}]


class Column(NamedTuple):
    """A field of the reply and where it comes from."""

    source: str
    target: str
    convert: Callable[[Any], Any]


CONTENT_COLUMNS = (
    Column("ContentId", "content_id", text),
    Column("Title", "title", text),
    Column("Deck", "deck", text),
    Column("Byline", "byline", byline),
    Column("Category", "category", text),
    Column("Section", "section_meta_title", text),
    Column("CanonicalURL", "url", text),
    Column("CreditLine", "credit", text),
    Column("ContentType", "content_type", text),
    Column("ContentRestriction", "protection_product", text),
    Column("Label", "label", text),
    Column("PublishedDate", "published_at", text),
    Column("UpdatedDate", "updated_at", text),
    Column("WordCount", "word_count", number),
    Column("Keywords", "keywords", words),
    Column("State", "state", text),
    Column("Ownership", "ownership", text),
    Column("Sponsored", "sponsored", flag),
    Column("Caption", "caption", text),
)
IMAGE_COLUMNS = (
    Column("AuthorRel", "author_rel", first_picture),
    Column("PictureRel", "picture_rel", first_picture),
    Column("StoryRel", "story_rel", related),
)
ALL_COLUMNS = CONTENT_COLUMNS + IMAGE_COLUMNS


def to_recommendation(content: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    """Return one entry of the reply: every field always there, in the shape that the pages read.

    The related fields may also stand in the content row; those of the image row win.
    """
    row = {**content, **image}
    fields = {column.target: column.convert(row.get(column.source)) for column in ALL_COLUMNS}
    picture = fields["picture_rel"][0].get("url220")
    return {**fields, "promo_image": {"urls": {"220": picture} if picture else {}}}


def article_from_metadata(item_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of the reply from Personalize's own columns, whose names match whatever their case.

    CREATION_TIMESTAMP is the published date. What the item dataset does not hold (titles, as a rule) stays empty.
    """
    folded = {name.replace("_", "").lower(): value for name, value in metadata.items()}
    row = {column.source: folded[key] for column in ALL_COLUMNS if (key := column.source.lower()) in folded}
    if created := number(folded.get("creationtimestamp")):
        row["PublishedDate"] = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return to_recommendation({**row, "ContentId": item_id}, {})
