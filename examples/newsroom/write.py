"""Write the newspaper: Interactions/ and Items/ as Personalize reads them, content/ as the content tables hold it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from examples.newsroom.articles import Article, next_parts, plan_articles
from examples.newsroom.attention import Attention, plan_attention
from examples.newsroom.content import content_row, image_row
from examples.newsroom.readers import make_readers
from examples.newsroom.reading import ReadingRoom
from examples.newsroom.settings import NewsroomSettings
from examples.newsroom.visits import plan_visits
from examples.newsroom.vocabulary import SECTION_NAMES

INTERACTION_COLUMNS = (
    "USER_ID",
    "ITEM_ID",
    "TIMESTAMP",
    "EVENT_TYPE",
    "visitor_type",
    "visitor_countrycode",
    "device_detector_visitorplatform",
    "device_detector_brandname",
    "device_detector_browserfamily",
)
ITEM_COLUMNS = ("ITEM_ID", "CREATION_TIMESTAMP", "ContentText", "Category", "WordCount", "Exclude")


@dataclass(frozen=True)
class NewsroomFiles:
    """Where everything lies, and how much of it there is."""

    interactions: Path
    items: Path
    content: Path
    images: Path
    event_count: int
    reader_count: int
    item_count: int
    article_count: int


def write_newsroom(settings: NewsroomSettings, folder: Path) -> NewsroomFiles:
    """Write a whole newspaper below `folder`. Memory does not grow with the number of page views."""
    paths = [folder / name for name in _FILES]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    interactions, items, content, images = paths
    articles = plan_articles(settings)
    item_count = _write_items(items, settings, articles)
    _write_lines(content, (content_row(settings, article) for article in articles))
    _write_lines(images, (row for article in articles if (row := image_row(article))))
    readers = _write_interactions(interactions, settings, articles)
    return NewsroomFiles(*paths, settings.event_count, readers, item_count, len(articles))


_FILES = ("Interactions/interactions.csv", "Items/items.csv", "content/content.jsonl", "content/images.jsonl")


def _write_items(path: Path, settings: NewsroomSettings, articles: tuple[Article, ...]) -> int:
    kept = [article for article in articles if article.published_epoch_s >= settings.items_start_epoch_s]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ITEM_COLUMNS)
        for article in kept:
            row = (article.content_id, article.published_epoch_s, article.text, article.category, article.word_count)
            writer.writerow((*row, int(article.excluded)))
    return len(kept)


def _write_lines(path: Path, rows: Iterator[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_interactions(path: Path, settings: NewsroomSettings, articles: tuple[Article, ...]) -> int:
    attention = plan_attention(settings, articles, len(SECTION_NAMES))
    left, readers, batch = settings.event_count, 0, 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(INTERACTION_COLUMNS) + "\n")
        while left:
            written, batch_readers = _write_batch(file, settings, articles, attention, batch, left)
            left, readers, batch = left - written, readers + batch_readers, batch + 1
    return readers


def _write_batch(
    file: TextIO,
    settings: NewsroomSettings,
    articles: tuple[Article, ...],
    attention: Attention,
    batch: int,
    limit: int,
) -> tuple[int, int]:
    readers, random = make_readers(settings, batch), settings.random(4, batch)
    visits = plan_visits(settings, random, readers)
    room = ReadingRoom(
        random,
        readers,
        attention,
        section_row=np.array([article.section_row for article in articles]),
        next_part=next_parts(articles),
        has_story=np.array([article.story >= 0 for article in articles]),
    )
    chosen = room.read(visits)[:limit]
    details = [[readers.details(reader, device) for device in (False, True)] for reader in range(len(readers.user_ids))]
    ids = [article.content_id for article in articles]
    rows = zip(
        visits.reader.tolist(), chosen.tolist(), visits.epoch_s.tolist(), visits.second_device.tolist(), strict=False
    )
    file.writelines(
        f"{readers.user_ids[reader]},{ids[article]},{epoch_s},page_view,{details[reader][device]}\n"
        for reader, article, epoch_s, device in rows
    )
    return len(chosen), int(visits.reader[len(chosen) - 1]) + 1
