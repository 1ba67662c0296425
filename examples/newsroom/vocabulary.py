"""The words the newspaper is made of, read from one file per section."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "vocabulary"

# The order is that of the front page; it fixes the rows of the sections.
SECTION_NAMES = (
    "canada",
    "world",
    "politics",
    "business",
    "investing",
    "sports",
    "opinion",
    "arts",
    "life",
    "drive",
    "real-estate",
)
HOROSCOPES = "horoscopes"


@dataclass(frozen=True)
class Storyline:
    """A story told in instalments: `chapters` are titles, in the order in which they are published.

    `beats` are the sub-sections that may tell it.
    """

    label: str
    keywords: tuple[str, ...]
    lead: str
    chapters: tuple[str, ...]
    beats: tuple[str, ...]


@dataclass(frozen=True)
class Singles:
    """Titles of pieces that stand alone, and the sub-sections they suit."""

    titles: tuple[str, ...]
    beats: tuple[str, ...]


@dataclass(frozen=True)
class SectionWords:
    """What a section writes about. `places` maps a sub-section to its places; `share` is of all articles."""

    name: str
    title: str
    share: float
    appeal: float
    content_type: str
    places: dict[str, tuple[str, ...]]
    slots: dict[str, tuple[str, ...]]
    storylines: tuple[Storyline, ...]
    singles: tuple[Singles, ...]


@dataclass(frozen=True)
class CommonWords:
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    agencies: tuple[str, ...]
    sentences: tuple[str, ...]


@cache
def load_common() -> CommonWords:
    data = tomllib.loads((FOLDER / "common.toml").read_text(encoding="utf-8"))
    return CommonWords(**{name: tuple(values) for name, values in data.items()})


@cache
def load_sections() -> tuple[SectionWords, ...]:
    return tuple(_load_section(name) for name in SECTION_NAMES)


def _load_section(name: str) -> SectionWords:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    beats = tuple(beat for beat in data["places"] if beat != HOROSCOPES)
    return SectionWords(
        name=data["name"],
        title=data["title"],
        share=data["share"],
        appeal=data["appeal"],
        content_type=data.get("content_type", "news"),
        places={beat: tuple(places) for beat, places in data["places"].items()},
        slots={slot: tuple(words) for slot, words in data["slots"].items()},
        storylines=tuple(_storyline(entry, beats) for entry in data["storylines"]),
        singles=tuple(Singles(tuple(group["titles"]), tuple(group.get("beats", beats))) for group in data["singles"]),
    )


def _storyline(entry: dict, beats: tuple[str, ...]) -> Storyline:
    return Storyline(
        label=entry["label"],
        keywords=tuple(entry["keywords"]),
        lead=entry["lead"],
        chapters=tuple(entry["chapters"]),
        beats=tuple(entry.get("beats", beats)),
    )
