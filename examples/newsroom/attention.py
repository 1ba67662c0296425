"""Which article is read at which hour: freshness, appeal and bursts as tables to draw from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.newsroom.articles import Article
from examples.newsroom.settings import HOUR_S, READING_HOURS, NewsroomSettings

RAMP_HOURS = 2.0  # until an article has found its readers
LIFE_HOURS = 16.0  # attention falls to a third in this time
ARCHIVE_WEIGHT = 0.001  # what search and links keep alive


@dataclass(frozen=True)
class Attention:
    """Cumulative weights by hour, over articles ordered by section.

    Shapes: cumulative [hours, articles + 1] float64; section_first [sections + 1] int64 (rows of articles);
    first_hour [articles] int16 (the first hour in which the article can be read; READING_HOURS when none is left).
    """

    cumulative: np.ndarray
    section_first: np.ndarray
    first_hour: np.ndarray
    _flat: np.ndarray

    def draw(self, random: np.random.Generator, hours: np.ndarray, section_rows: np.ndarray) -> np.ndarray:
        """Draw one article row per request, by attention in that hour and section.

        A section without anything to read in that hour falls back to the whole paper. Shapes: all [requests].
        """
        low = self.cumulative[hours, self.section_first[section_rows]]
        high = self.cumulative[hours, self.section_first[section_rows + 1]]
        empty = high <= low
        low, high = np.where(empty, 0.0, low), np.where(empty, 1.0, high)
        target = low + random.random(len(hours)) * (high - low)
        articles = self.cumulative.shape[1] - 1
        found = np.searchsorted(self._flat, hours + target, side="right") - hours * (articles + 1) - 1
        return np.clip(found, 0, articles - 1)


def plan_attention(settings: NewsroomSettings, articles: tuple[Article, ...], sections: int) -> Attention:
    """Lay out the week's attention. Nothing is read in the hour in which it appears, so the newest are cold."""
    published = np.array([article.published_epoch_s for article in articles])
    appeal = np.array([article.appeal for article in articles])
    section_rows = np.array([article.section_row for article in articles])
    hour_starts = settings.reading_start_epoch_s + HOUR_S * np.arange(READING_HOURS)
    age_hours = (hour_starts[:, None] - published[None, :]) / HOUR_S  # [hours, articles]
    weights = np.where(age_hours > 0, appeal * _freshness(age_hours), 0.0)
    cumulative = np.zeros((READING_HOURS, len(articles) + 1))
    np.cumsum(weights, axis=1, out=cumulative[:, 1:])
    cumulative /= cumulative[:, -1:]
    first_hour = (published - settings.reading_start_epoch_s) // HOUR_S + 1
    return Attention(
        cumulative=cumulative,
        section_first=np.searchsorted(section_rows, np.arange(sections + 1)),
        first_hour=np.clip(first_hour, 0, READING_HOURS).astype(np.int16),
        _flat=(cumulative + np.arange(READING_HOURS)[:, None]).ravel(),
    )


def _freshness(age_hours: np.ndarray) -> np.ndarray:
    age = np.maximum(age_hours, 0.0)
    ramp = np.minimum(1.0, (age + 0.5) / RAMP_HOURS)
    return ramp * np.exp(-age / LIFE_HOURS) + ARCHIVE_WEIGHT
