"""What readers choose: the next part of a story they follow, more of the same section, or something to their taste."""

from __future__ import annotations

import numpy as np

from examples.newsroom.attention import Attention
from examples.newsroom.readers import VISITOR_KINDS, ReaderBatch
from examples.newsroom.visits import Visits

STAY_IN_SECTION = 0.6  # within a visit, when no story is followed
REMEMBERED_STORIES = 3
TRIES = 3  # to find something not read yet


class ReadingRoom:
    """A batch of readers choosing, one page view after the other, all readers side by side.

    Shapes: `seen` [readers, articles] bool; `threads` [readers, remembered] int32, rows of the last articles of
    stories, newest first, -1 for none; `current` [readers] the article being read, -1 before the first.
    """

    def __init__(
        self,
        random: np.random.Generator,
        readers: ReaderBatch,
        attention: Attention,
        section_row: np.ndarray,
        next_part: np.ndarray,
        has_story: np.ndarray,
    ) -> None:
        self._random = random
        self._readers = readers
        self._attention = attention
        self._section_row = section_row
        self._next_part = np.append(next_part, -1)  # the last entry answers for "no article"
        self._has_story = has_story
        self._follows = np.array([kind.follows for kind in VISITOR_KINDS])[readers.kind_row]
        count = len(readers.read_count)
        self._seen = np.zeros((count, len(section_row)), dtype=bool)
        self._threads = np.full((count, REMEMBERED_STORIES), -1, dtype=np.int32)
        self._current = np.full(count, -1, dtype=np.int64)

    def read(self, visits: Visits) -> np.ndarray:
        """Choose an article for every page view. Shapes: [events] article rows."""
        counts = self._readers.read_count
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        order = np.argsort(-counts, kind="stable")  # the readers still reading are always a prefix
        reading = np.searchsorted(-counts[order], -np.arange(counts.max()), side="left")
        chosen = np.empty(len(visits.reader), dtype=np.int64)
        for step, active in enumerate(reading):
            who = order[:active]
            event = first[who] + step
            chosen[event] = self._step(who, visits.hour[event], visits.opens[event])
        return chosen

    def _step(self, who: np.ndarray, hour: np.ndarray, opens: np.ndarray) -> np.ndarray:
        followed = self._followed(who, hour)
        follows = (followed >= 0) & (self._random.random(len(who)) < self._follows[who])
        article = np.where(follows, followed, self._browse(who, hour, opens))
        self._remember(who, article)
        return article

    def _followed(self, who: np.ndarray, hour: np.ndarray) -> np.ndarray:
        """Give the next unread part, already out, of the story read most recently; -1 without one."""
        found = np.full(len(who), -1, dtype=np.int64)
        for slot in range(REMEMBERED_STORIES):
            part = self._next_part[self._threads[who, slot]]
            out = (part >= 0) & (self._attention.first_hour[part] <= hour) & ~self._seen[who, part]
            found = np.where((found < 0) & out, part, found)
        return found

    def _browse(self, who: np.ndarray, hour: np.ndarray, opens: np.ndarray) -> np.ndarray:
        taste = (self._readers.taste[who] <= self._random.random(len(who))[:, None]).sum(axis=1)
        stays = ~opens & (self._current[who] >= 0) & (self._random.random(len(who)) < STAY_IN_SECTION)
        section = np.where(stays, self._section_row[self._current[who]], taste)
        article = self._attention.draw(self._random, hour, section)
        for _attempt in range(TRIES):
            again = np.flatnonzero(self._seen[who, article])
            if not len(again):
                break
            article[again] = self._attention.draw(self._random, hour[again], section[again])
        return article

    def _remember(self, who: np.ndarray, article: np.ndarray) -> None:
        self._seen[who, article] = True
        self._current[who] = article
        told = self._has_story[article]
        who, article = who[told], article[told]
        same = self._next_part[self._threads[who, 0]] == article
        shift = who[~same]
        self._threads[shift, 1:] = self._threads[shift, :-1]
        self._threads[who, 0] = article
