"""What pages get, field by field: the table from which the OpenAPI document and the docs are made."""

from typing import Any, NamedTuple

from recommendations.conversion import ALL_COLUMNS, byline, first_picture, flag, number, related, text, words

TEXT = {"type": "string"}
PICTURES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {"type": "object", "properties": {"url220": TEXT}},
}


class Conversion(NamedTuple):
    """What a conversion of a column gives, in words and as a schema, and what it gives for nothing."""

    words: str
    schema: dict[str, Any]
    nothing: str


CONVERSIONS = {
    text: Conversion("string; a list is joined with commas", TEXT, '`""`'),
    byline: Conversion('the list joined with " and "', TEXT, '`""`'),
    number: Conversion("number, whole where it is whole", {"type": ["number", "null"]}, "`null`"),
    words: Conversion("list of strings", {"type": "array", "items": TEXT}, "`[]`"),
    flag: Conversion("true or false", {"type": "boolean"}, "`false`"),
    related: Conversion("list, as stored", {"type": "array"}, "`[]`"),
    first_picture: Conversion("list of one object: the first entry's `url220`", PICTURES, "`[{}]`"),
}


class ReplyField(NamedTuple):
    """A field of the reply around the articles."""

    name: str
    words: str
    schema: dict[str, Any]
    meaning: str


ARTICLES = {"type": "array", "items": {"$ref": "#/components/schemas/Article"}}
SOURCES = {"enum": ["personalize", "popular", "given"]}
REPLY_FIELDS = (
    ReplyField(
        "recommendations",
        "list of objects",
        ARTICLES,
        "the articles, best first: `limit` of them when the catalogue has them",
    ),
    ReplyField("request_id", "string", TEXT, "the request's id; also in the logs"),
    ReplyField("container_position", "number", {"type": "integer"}, "0"),
    ReplyField("widget_id", "string", TEXT, "the request's"),
    ReplyField(
        "recommendationId",
        "string",
        TEXT,
        "Personalize's; send it back as `page_rid` with the reader's next page view; empty for a popular list",
    ),
    ReplyField(
        "filter_used",
        "string",
        TEXT,
        "the filters that the list came through, in the chain's order; `none` when all of them gave nothing",
    ),
    ReplyField("backend", "string", TEXT, "the arm: the settings row that answered; empty for a popular list"),
    ReplyField(
        "source",
        "string",
        SOURCES,
        "`personalize`; `popular`, when Personalize or the content does not answer; `given`, /rerank's own order",
    ),
)
PROMO_IMAGE = {
    "type": "object",
    "required": ["urls"],
    "properties": {"urls": {"type": "object", "properties": {"220": TEXT}}},
}


def article_schema() -> dict[str, Any]:
    """Describe an article."""
    described = {column.target: CONVERSIONS[column.convert].schema for column in ALL_COLUMNS}
    described["promo_image"] = PROMO_IMAGE
    return {"type": "object", "required": list(described), "properties": described}


def reply_schema() -> dict[str, Any]:
    """Describe the reply: a list of one object."""
    described = {field.name: {**field.schema, "description": field.meaning} for field in REPLY_FIELDS}
    entry = {"type": "object", "required": list(described), "properties": described}
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": entry}
