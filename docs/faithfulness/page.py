"""The page: an area at a time, one line for each claim, what differs from AWS first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs.faithfulness.areas import AREAS
from docs.faithfulness.claim import STATES, Claim
from docs.faithfulness.untested import UNTESTED

PAGE = Path(__file__).resolve().parents[1] / "faithfulness.md"
HEAD = """# Faithfulness

What the local Amazon Personalize does as AWS does it, what it approximates, and what it refuses. Every line is shown by
a test, which its last cell names; the page is made from those tests by `python -m docs.faithfulness`. What every
operation's requests, answers and errors are checked for in the same way stands in the [ledger](ledger.md).

* **refused**: it answers with an error that says so. **approximated**: it works, and differs from AWS as the line says.
  **exact**: as AWS, as far as the evidence goes.
* *model*: botocore's service models. *documented*: the developer guide or the API reference. *observed*: answers that
  AWS's samples print, and code of clients that work. *inferred*: our reading. Nothing here was compared with the live
  service. *contract §…* and *need …* number the notes that this was built from: on the API, and on what clients need.

"""


def page(claims: Iterable[Claim]) -> str:
    """Give the whole page."""
    claims = list(claims)
    parts = [_contents(claims), *(_area(area, claims) for area in AREAS), _untested()]
    return HEAD + "\n".join(part for part in parts if part)


def _contents(claims: list[Claim]) -> str:
    counts = Counter(claim.state for claim in claims)
    sums = ", ".join(f"{counts[state]} {state}" for state in STATES)
    links = " · ".join(f"[{area}](#{_anchor(area)})" for area in AREAS)
    return f"{len(claims)} claims: {sums}.\n\n{links}\n"


def _anchor(title: str) -> str:
    return title.lower().replace(",", "").replace(" ", "-")


def _area(area: str, claims: list[Claim]) -> str:
    own = sorted((claim for claim in claims if claim.area == area), key=lambda claim: -STATES.index(claim.state))
    if not own:
        return ""
    names = ["state", "behaviour", *(["operations"] if AREAS[area] else []), "from", "test"]
    head = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    return "\n".join([f"## {area}", "", *head, *_rows(own, bool(AREAS[area])), ""])


def _rows(claims: Iterable[Claim], has_operations: bool) -> Iterator[str]:
    for claim in claims:
        about = [", ".join(claim.about)] if has_operations else []
        test = f"[{claim.path.removeprefix('tests/').removesuffix('.py')}::{claim.test}](../{claim.path})"
        yield f"| {' | '.join([claim.state, claim.text, *about, claim.source, test])} |"


def _untested() -> str:
    lines = [f"* **{area}.** {text} ({source})" for area, text, source in UNTESTED]
    return "\n".join(["## Not testable here", "", "Claims that no test can carry.", "", *lines, ""])
