"""Readers and articles for clients' tests: small, and with something to learn."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

READERS, ARTICLES, EVENTS_PER_READER = 60, 40, 25
START_EPOCH_S = 1_700_000_000
BUCKET = "clients"
INTERACTIONS_SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
ITEMS_SCHEMA = {
    **INTERACTIONS_SCHEMA,
    "name": "Items",
    "fields": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY", "type": ["string", "null"], "categorical": True},
        {"name": "YEAR", "type": "int"},
    ],
}
SCHEMAS = {"Interactions": json.dumps(INTERACTIONS_SCHEMA), "Items": json.dumps(ITEMS_SCHEMA)}


def article(number: int) -> str:
    return f"article-{number:02d}"


def category(number: int) -> str:
    return ("politics", "sports", "arts", "science")[number % 4]


def interactions_csv() -> str:
    """Interactions of readers who keep to one category, most of the time."""
    return "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n" + "".join(_interactions(random.Random(7)))


def _interactions(rng: random.Random) -> Iterator[str]:
    for reader in range(READERS):
        for step in range(EVENTS_PER_READER):
            number = rng.randrange(ARTICLES)
            if rng.random() < 0.8:
                number = number // 4 * 4 + reader % 4
            yield f"reader-{reader},{article(number)},click,{START_EPOCH_S + reader * 1000 + step}\n"


def items_csv() -> str:
    """The articles, with one row that cannot be read: its year is a range."""
    rows = [f"{article(number)},{category(number)},{2000 + number}\n" for number in range(ARTICLES - 1)]
    return "ITEM_ID,CATEGORY,YEAR\n" + "".join(rows) + f"{article(ARTICLES - 1)},arts,2006–2007\n"
