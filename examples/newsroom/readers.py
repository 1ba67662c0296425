"""Who reads: kinds of visitors, their tastes, devices and how much they read; made in batches of fixed size."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from examples.newsroom.settings import NewsroomSettings
from examples.newsroom.vocabulary import load_sections

BATCH_READERS = 4096
MAX_READS = 400
READ_COUNT_SPREAD = 0.75


@dataclass(frozen=True)
class VisitorKind:
    """`median_reads` in a week, `session_reads` the mean length of a visit, `follows` how often a story is followed."""

    name: str
    share: float
    median_reads: float
    session_reads: float
    follows: float


VISITOR_KINDS = (
    VisitorKind("Anonymous", 0.55, 2.2, 1.7, 0.22),
    VisitorKind("Registered", 0.2, 9.0, 2.6, 0.28),
    VisitorKind("Subscribed", 0.25, 22.0, 3.8, 0.34),
)
COUNTRIES = (("CA", 0.88), ("US", 0.07), ("GB", 0.02), ("FR", 0.01), ("AU", 0.01), ("", 0.01))
PLATFORMS = (("Mobile", 0.52), ("Desktop", 0.38), ("Tablet", 0.1))
# Per platform: brand and browser; an empty brand is a value the newspaper did not know.
DEVICES = {
    "Mobile": (
        (("Apple", "Mobile Safari"), 0.58),
        (("Samsung", "Chrome Mobile"), 0.27),
        (("Google", "Chrome Mobile"), 0.15),
    ),
    "Desktop": (
        (("", "Chrome"), 0.5),
        (("Apple", "Safari"), 0.24),
        (("", "Microsoft Edge"), 0.18),
        (("", "Firefox"), 0.08),
    ),
    "Tablet": ((("Apple", "Mobile Safari"), 0.8), (("Samsung", "Chrome"), 0.2)),
}


@dataclass(frozen=True)
class ReaderBatch:
    """A batch of readers.

    Shapes: kind_row, read_count [readers]; taste [readers, sections] cumulative; details per reader are CSV text.
    """

    user_ids: list[str]
    kind_row: np.ndarray
    read_count: np.ndarray
    taste: np.ndarray
    country: list[str]
    devices: list[tuple[str, str]]

    def details(self, reader: int, second_device: bool) -> str:
        """Give the five metadata columns of a page view of this reader, in the schema's order."""
        kind = VISITOR_KINDS[self.kind_row[reader]].name
        return f"{kind},{self.country[reader]},{self.devices[reader][second_device]}"


def make_readers(settings: NewsroomSettings, batch: int) -> ReaderBatch:
    """Make the readers of one batch; the same for the same settings and batch number."""
    random = settings.random(3, batch)
    count = BATCH_READERS
    kind_row = _choose(random, [kind.share for kind in VISITOR_KINDS], count)
    return ReaderBatch(
        user_ids=_user_ids(random, kind_row),
        kind_row=kind_row,
        read_count=_read_counts(random, kind_row),
        taste=_tastes(random, count),
        country=[COUNTRIES[row][0] for row in _choose(random, [share for _, share in COUNTRIES], count)],
        devices=list(zip(_devices(random, count), _devices(random, count), strict=True)),
    )


def _choose(random: np.random.Generator, shares: list[float], count: int) -> np.ndarray:
    return np.minimum(np.searchsorted(np.cumsum(shares), random.random(count), side="right"), len(shares) - 1)


def _user_ids(random: np.random.Generator, kind_row: np.ndarray) -> list[str]:
    """Name anonymous readers by their browser's cookie, the others by their account."""
    numbers = random.integers(0, 2**32, size=(len(kind_row), 4))  # [readers, 4]
    ids = []
    for kind, (a, b, c, d) in zip(kind_row.tolist(), numbers.tolist(), strict=True):
        if VISITOR_KINDS[kind].name == "Anonymous":
            ids.append(f"{a:08x}-{b >> 16:04x}-4{b & 0xFFF:03x}-a{c >> 20:03x}-{c & 0xFFFF:04x}{d:08x}")
        else:
            ids.append(f"reader-{a:08x}{b & 0xFFFF:04x}")
    return ids


def _read_counts(random: np.random.Generator, kind_row: np.ndarray) -> np.ndarray:
    medians = np.array([kind.median_reads for kind in VISITOR_KINDS])[kind_row]
    counts = np.rint(medians * random.lognormal(0.0, READ_COUNT_SPREAD, len(kind_row)))
    return np.clip(counts, 1, MAX_READS).astype(np.int64)


def _tastes(random: np.random.Generator, count: int) -> np.ndarray:
    """Give every reader a few favourite sections around the paper's own mix. Shapes: [readers, sections]."""
    mix = np.array([section.share * section.appeal for section in load_sections()])
    weights = random.gamma(4.0 * mix / mix.sum() + 0.02, 1.0, size=(count, len(mix))) + 0.02 * mix
    cumulative = np.cumsum(weights, axis=1)
    return cumulative / cumulative[:, -1:]


def _devices(random: np.random.Generator, count: int) -> list[str]:
    platforms = _choose(random, [share for _, share in PLATFORMS], count)
    position = random.random(count)
    return [_device(PLATFORMS[row][0], at) for row, at in zip(platforms.tolist(), position.tolist(), strict=True)]


def _device(platform: str, position: float) -> str:
    choices, shares = zip(*DEVICES[platform], strict=True)
    brand, browser = choices[bisect_right(list(accumulate(shares[:-1])), position)]
    return f"{platform},{brand},{browser}"
