"""Why an article may be in a reader's list, in plain words, from what the imported data says.

These are facts beside the list, not the parts of the model's score: the API does not give those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def explain(article: Mapping[str, Any], facts: Mapping[str, Any], last_title: str, sections: Counter[str]) -> list[str]:
    """Give the sentences for one article.

    Args:
        facts: of `reading.facts`.
        last_title: of the reader's last read; empty when there is none.
        sections: how many of the reader's reads are of each category.
    """
    said = []
    if facts.get("own_times"):
        said.append(f"This reader has read it before ({_times(facts['own_times'])}).")
    if last_title and facts.get("shared_readers"):
        said.append(f"{_people(facts['shared_readers'])} of their last read, “{last_title}”, read it too.")
    category = article.get("category")
    if category and sections[category]:
        share = sections[category] / sections.total()
        said.append(f"{share:.0%} of what this reader read lately is {category}.")
    if facts.get("recent_readers"):
        said.append(f"No. {facts['recent_place']} of the data’s last day, {_people(facts['recent_readers'])}.")
    return said or ["Nothing in the imported data speaks for it: new, or explored."]


def _people(number: int) -> str:
    return "1 reader" if number == 1 else f"{number} readers"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
