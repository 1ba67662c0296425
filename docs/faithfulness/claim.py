"""One claim of the page: what it is about, what it says, how far it holds, where it comes from, which test shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docs.faithfulness.areas import AREA_OF, AREAS

STATES = ("exact", "approximated", "refused")
EVIDENCE = ("model", "documented", "observed", "inferred")


@dataclass(frozen=True)
class Claim:
    """A claim. `about` names operations, or one topic; `path` and `test` say where its test is."""

    about: tuple[str, ...]
    text: str
    state: str
    source: str
    path: str
    test: str

    @property
    def area(self) -> str:
        """The area of the page that it stands in: that of what it names first."""
        return AREA_OF.get(self.about[0], self.about[0])


def names_in(about: str) -> tuple[str, ...]:
    """Give the operations, or the topic, that a mark names: a topic's name may have commas."""
    return (about,) if about in AREAS else tuple(name.strip() for name in about.split(","))


def check_claim(about: str, text: str, state: str, source: str) -> None:
    """Make sure that the page has a place for a claim.

    Errors: ValueError that says what to change.
    """
    unknown = [name for name in names_in(about) if name not in AREA_OF and name not in AREAS]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: neither operations of Personalize nor areas of the page")
    if state not in STATES:
        raise ValueError(f"'{state}' is not one of {', '.join(STATES)}")
    if not set(EVIDENCE) & set(re.split(r"\W", source)):
        raise ValueError(f"'{source}' has none of {', '.join(EVIDENCE)}")
    if not text or text.endswith(".") or "|" in text or "\n" in text:
        raise ValueError(f"'{text}' is not one clause without a full stop, a bar or a new line")
