"""What a generated newspaper depends on: nothing but these values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

HOUR_S = 3600
DAY_S = 24 * HOUR_S

READING_DAYS = 7  # the newspaper trained on the last week of page views
ITEM_DAYS = 14  # and on the articles of the last two weeks
ARCHIVE_DAYS = 21  # older articles are still found by search: read, yet absent from Items
READING_HOURS = READING_DAYS * 24
LOCAL_OFFSET_S = -5 * HOUR_S  # Toronto, winter: shapes the rhythm of the day only

MIN_EVENTS = 1_000
MAX_EVENTS = 20_000_000


@dataclass(frozen=True)
class NewsroomSettings:
    """The size, the seed and the last moment of a generated newspaper.

    Units: end_epoch_s in UNIX seconds, UTC. All page views lie in the week before it.
    """

    event_count: int
    seed: int
    end_epoch_s: int

    def __post_init__(self) -> None:
        if not MIN_EVENTS <= self.event_count <= MAX_EVENTS:
            raise ValueError(f"events must be between {MIN_EVENTS:,} and {MAX_EVENTS:,}, not {self.event_count:,}")
        if self.seed < 0:
            raise ValueError(f"the seed must not be negative, not {self.seed}")

    @property
    def reading_start_epoch_s(self) -> int:
        return self.end_epoch_s - READING_DAYS * DAY_S

    @property
    def items_start_epoch_s(self) -> int:
        return self.end_epoch_s - ITEM_DAYS * DAY_S

    @property
    def archive_start_epoch_s(self) -> int:
        return self.end_epoch_s - ARCHIVE_DAYS * DAY_S

    @property
    def articles_per_day(self) -> int:
        """Give a newsroom that grows with its readers, more slowly than they do."""
        return int(np.clip(60 * (self.event_count / 200_000) ** 0.3, 24, 150))

    def random(self, *stream: int) -> np.random.Generator:
        """Give the generator of one stream; streams do not disturb each other."""
        return np.random.default_rng([self.seed, self.end_epoch_s, *stream])


def parse_end(text: str) -> int:
    """Read an ISO 8601 moment as UNIX seconds; without a zone it is UTC.

    Errors: ValueError for anything else.
    """
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
