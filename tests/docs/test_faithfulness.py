"""The faithfulness page is what the marked tests say, and speaks of every operation and of every rule of clients."""

from __future__ import annotations

import ast
import re

import pytest

from docs.faithfulness.areas import AREA_OF, AREAS
from docs.faithfulness.claim import Claim, check_claim, names_in
from docs.faithfulness.collect import ROOT, claims_in, collect
from docs.faithfulness.page import PAGE, page
from docs.faithfulness.untested import UNTESTED
from personalize_local.wire.models import operations

RULES = range(1, 31)  # contract §9; the last of its rules is about other simulators
NEEDS = range(1, 13)
MARKED = """
from tests.behaviours import EXACT, behaviour

@behaviour("CreateCampaign, UpdateCampaign", "TPS is 1", EXACT, source="model")
def {name}():
    pass
"""


@pytest.fixture(scope="module")
def claims() -> list[Claim]:
    """What the marked tests say."""
    return collect()


def test_the_page_is_what_the_marked_tests_say(claims: list[Claim]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(claims), "write the page again: python -m docs.faithfulness"


def test_every_operation_has_a_place_and_a_behaviour(claims: list[Claim]) -> None:
    assert AREA_OF.keys() == operations().keys()
    assert operations().keys() - {name for claim in claims for name in claim.about} == set()


def test_every_claim_is_told_once_and_by_a_test_that_pytest_collects(claims: list[Claim]) -> None:
    told = [(claim.about, claim.text) for claim in claims]
    assert len(told) == len(set(told))
    for path in {claim.path for claim in claims}:
        functions = {
            node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)
        }
        assert {claim.test for claim in claims if claim.path == path} <= functions


@pytest.mark.parametrize(("name", "numbers"), [("contract §9.", RULES), ("need ", NEEDS)])
def test_every_rule_that_clients_depend_on_has_a_test(claims: list[Claim], name: str, numbers: range) -> None:
    sources = " ".join(claim.source for claim in claims)
    missing = [number for number in numbers if not re.search(rf"{re.escape(name)}{number}\b", sources)]
    assert missing == []


def test_what_no_test_can_carry_has_an_area_and_a_source() -> None:
    for area, text, source in UNTESTED:
        assert area in AREAS and text.endswith(".") and source.split()[0] in ("documented", "observed", "inferred")


def test_a_mark_is_read_from_tests_only() -> None:
    [claim] = claims_in(MARKED.format(name="test_it"), "tests/test_x.py")
    assert (claim.about, claim.state, claim.area) == (("CreateCampaign", "UpdateCampaign"), "exact", "Campaigns")
    assert list(claims_in(MARKED.format(name="helper"), "tests/test_x.py")) == []


def test_an_area_with_a_comma_in_its_name_is_one_name() -> None:
    assert names_in("Events, items and users") == ("Events, items and users",)


@pytest.mark.parametrize(
    ("about", "text", "state", "source", "words"),
    [
        ("CreateCampain", "It is", "exact", "model", "neither operations"),
        ("CreateCampaign", "It is", "exactly", "model", "not one of exact"),
        ("CreateCampaign", "It is", "exact", "the contract", "has none of"),
        ("CreateCampaign", "It is.", "exact", "model", "full stop"),
    ],
)
def test_a_claim_that_the_page_has_no_place_for_is_refused(
    about: str, text: str, state: str, source: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_claim(about, text, state, source)
