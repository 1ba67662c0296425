"""When readers come: visits spread over the week by the rhythm of the day, page views minutes apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.newsroom.readers import VISITOR_KINDS, ReaderBatch
from examples.newsroom.settings import DAY_S, HOUR_S, LOCAL_OFFSET_S, READING_HOURS, NewsroomSettings

# Share of visits by local hour: breakfast, lunch and the evening sofa.
DAY_RHYTHM = (5, 3, 2, 2, 4, 14, 38, 62, 66, 54, 48, 50, 60, 52, 44, 42, 44, 50, 56, 60, 62, 54, 36, 16)
WEEKEND_FACTOR = 0.75
SECOND_DEVICE_RATIO = 0.2  # of visits
GAP_S = (20, 260)  # between two page views of a visit


@dataclass(frozen=True)
class Visits:
    """Page views to come, ordered by reader and time.

    Shapes: all [events]: reader (row in the batch), epoch_s, hour (of the week), opens (first of a visit),
    second_device.
    """

    reader: np.ndarray
    epoch_s: np.ndarray
    hour: np.ndarray
    opens: np.ndarray
    second_device: np.ndarray


def plan_visits(settings: NewsroomSettings, random: np.random.Generator, readers: ReaderBatch) -> Visits:
    """Spread every reader's page views of the week over visits."""
    reader = np.repeat(np.arange(len(readers.read_count)), readers.read_count)
    opens = _visit_starts(random, readers, reader)
    visit = np.cumsum(opens) - 1  # [events]
    start_s = _start_times(settings, random, int(opens.sum()))[visit]
    gaps = np.where(opens, 0, random.integers(*GAP_S, size=len(reader)))
    since_open = np.cumsum(gaps)
    since_open -= since_open[opens][visit]
    epoch_s = np.minimum(start_s + since_open, settings.end_epoch_s - 1)
    order = np.lexsort((epoch_s, reader))
    second_device = (random.random(int(opens.sum())) < SECOND_DEVICE_RATIO)[visit]
    hour = (epoch_s - settings.reading_start_epoch_s) // HOUR_S
    return Visits(reader, epoch_s[order], hour[order], opens[order], second_device[order])


def _visit_starts(random: np.random.Generator, readers: ReaderBatch, reader: np.ndarray) -> np.ndarray:
    mean_length = np.array([kind.session_reads for kind in VISITOR_KINDS])[readers.kind_row][reader]
    opens = random.random(len(reader)) < 1.0 / mean_length
    opens[np.concatenate([[0], np.cumsum(readers.read_count)[:-1]])] = True
    return opens


def _start_times(settings: NewsroomSettings, random: np.random.Generator, count: int) -> np.ndarray:
    hour_starts = settings.reading_start_epoch_s + HOUR_S * np.arange(READING_HOURS)
    local = hour_starts + LOCAL_OFFSET_S
    weekend = (local // DAY_S + 4) % 7 % 6 == 0  # day 0 of the epoch was a Thursday; 0 is Sunday, 6 Saturday
    weights = np.array(DAY_RHYTHM)[local % DAY_S // HOUR_S] * np.where(weekend, WEEKEND_FACTOR, 1.0)
    cumulative = np.cumsum(weights) / weights.sum()
    hours = np.searchsorted(cumulative, random.random(count), side="right")
    return hour_starts[np.minimum(hours, READING_HOURS - 1)] + random.integers(0, HOUR_S, size=count)
