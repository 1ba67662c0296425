"""The rows of the two content tables the API reads.

Source: newspaper system §3.3. Times are UTC, "YYYY-MM-DD HH:MM:SS".
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import numpy as np

from examples.newsroom.articles import Article
from examples.newsroom.settings import HOUR_S, NewsroomSettings
from examples.newsroom.vocabulary import load_common
from examples.newsroom.wording import person, pick, slug

RESTRICTIONS = ("green", "green", "yellow", "red")  # free, free, metered, subscribers only
IMAGE_HOST = "https://images.example.com"
PICTURE_RATIO = 0.9
UPDATE_RATIO = 0.4


def content_row(settings: NewsroomSettings, article: Article) -> dict:
    """Give an article's row of `Sophi3ContentMetaData` (key ContentId)."""
    random, common = _random(article), load_common()
    byline = [person(random, common) for _ in range(1 + int(random.random() < 0.2))]
    updated = article.published_epoch_s
    if random.random() < UPDATE_RATIO:
        updated = min(updated + int(random.random() * 12 * HOUR_S), settings.end_epoch_s)
    return {
        "ContentId": article.content_id,
        "Title": article.title,
        "Deck": article.deck,
        "Byline": byline,
        "Category": article.category,
        "Section": article.section_path,
        "Keywords": list(article.keywords),
        "State": "published",
        "CanonicalURL": f"/{article.section_path}/article-{slug(article.title)}/",
        "CreditLine": pick(random, common.agencies),
        "Ownership": "sponsor" if article.sponsored else "staff",
        "Sponsored": article.sponsored,
        "ContentType": article.content_type,
        "ContentRestriction": "green" if article.sponsored else pick(random, RESTRICTIONS),
        "PublishedDate": _utc(article.published_epoch_s),
        "UpdatedDate": _utc(updated),
        "WordCount": article.word_count,
        "Caption": f"{article.label}, in a picture from the archive.",
        "Label": article.label,
    }


def image_row(article: Article) -> dict | None:
    """Give an article's row of `arc_content` (key ContentID), None for one article in ten, which has no pictures."""
    random = _random(article)
    if random.random() >= PICTURE_RATIO:
        return None
    pictures = [{"url220": f"{IMAGE_HOST}/{article.content_id}-220.jpg"}]
    return {
        "ContentID": article.content_id,
        "AuthorRel": [{"url220": f"{IMAGE_HOST}/author-{int(random.integers(60))}-220.png"}],
        "PictureRel": pictures if random.random() < PICTURE_RATIO else [],
        "StoryRel": [],
    }


def _random(article: Article) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(article.content_id.encode()))


def _utc(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
