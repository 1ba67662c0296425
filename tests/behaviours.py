"""Mark the tests that carry the claims of docs/faithfulness.md.

    @behaviour("CreateCampaign", "minProvisionedTPS is 1 when left out", EXACT, source="documented, contract §4.4")
    def test_…

`python -m docs.faithfulness` reads the marks from the tests' text, runs nothing, and writes the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from docs.faithfulness.claim import STATES, check_claim

EXACT, APPROXIMATED, REFUSED = STATES
Test = TypeVar("Test", bound=Callable[..., object])


def behaviour(about: str, claim: str, state: str, *, source: str) -> Callable[[Test], Test]:
    """Say what a test shows of operations ("CreateCampaign, UpdateCampaign") or of a topic of the page.

    Args: source: where the claim about AWS comes from: model, documented, observed or inferred, and more if need be.
    Errors: ValueError for a claim that the page has no place for.
    """
    check_claim(about, claim, state, source)
    return lambda test: test
