"""Titles, decks and texts out of templates: the same generator gives the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from examples.newsroom.vocabulary import CommonWords, SectionWords

_NUMBERS = {"n": range(3, 10), "tens": range(20, 95, 5)}


def pick(random: np.random.Generator, words: Sequence[str]) -> str:
    return words[int(random.integers(len(words)))]


def person(random: np.random.Generator, common: CommonWords) -> str:
    return f"{pick(random, common.first_names)} {pick(random, common.last_names)}"


def fill_slots(random: np.random.Generator, section: SectionWords, common: CommonWords, beat: str) -> dict[str, str]:
    """Choose what one story is about: its place, its people, its numbers and the section's own words."""
    slots = {name: pick(random, words) for name, words in section.slots.items()}
    slots |= {name: str(values[int(random.integers(len(values)))]) for name, values in _NUMBERS.items()}
    slots["place"] = pick(random, section.places[beat])
    slots["person"] = person(random, common)
    slots["critic"] = person(random, common)
    return slots


def render(template: str, slots: Mapping[str, str]) -> str:
    """Fill a template and let it begin with a capital letter."""
    text = template.format_map(slots)
    return text[:1].upper() + text[1:]


def compose_deck(random: np.random.Generator, lead: str, common: CommonWords, slots: Mapping[str, str]) -> str:
    """Give the line under the title: the story's own lead or a sentence of the report."""
    template = lead if lead and random.random() < 0.5 else pick(random, common.sentences)
    return render(template, slots)


def compose_text(
    random: np.random.Generator, title: str, lead: str, common: CommonWords, slots: Mapping[str, str]
) -> str:
    """Give the article's text: the title's matter first, then a dozen sentences without repetition."""
    count = int(random.integers(7, len(common.sentences)))
    chosen = random.permutation(len(common.sentences))[:count]
    opening = [f"{title}.", render(lead, slots)] if lead else [f"{title}."]
    return " ".join([*opening, *(render(common.sentences[row], slots) for row in chosen)])


def slug(text: str) -> str:
    """Turn a title into the last part of its address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())[:9])
