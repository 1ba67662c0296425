"""The edges of the filter language: letter case anywhere, long lists and chains, what other languages have."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Membership, fields_of, format_filter, parse_filter, parse_filter_value
from tests.behaviours import EXACT, behaviour
from tests.spec.test_filter_round_trip import filters

OUTSIDE_QUOTES = re.compile(r'("(?:\\.|[^"\\])*")|(\$\w+)')


def recased(text: str, flips: list[bool]) -> str:
    """Change the letter case of some characters outside of strings and placeholders."""
    kept = [False] * len(text)
    for match in OUTSIDE_QUOTES.finditer(text):
        kept[match.start() : match.end()] = [True] * len(match.group())
    return "".join(
        char if keep or not flips[place % len(flips)] else char.swapcase()
        for place, (char, keep) in enumerate(zip(text, kept, strict=True))
    )


def without_case(text: str) -> str:
    """Give a filter as it is written again, with its columns in capitals; strings stay as they are."""
    tree = parse_filter(text)
    columns = {field.column for field in fields_of(tree)}
    written = format_filter(tree)
    for column in columns:
        written = re.sub(rf"\.{column}\b", f".{column.upper()}", written)
    return written


@behaviour(
    "CreateFilter",
    "Keywords, datasets, targets and columns are the same in any letter case; strings and placeholders are not",
    EXACT,
    source="observed, contract §7.1",
)
@given(filters().filter(lambda tree: len(format_filter(tree)) <= 2500), st.lists(st.booleans(), min_size=1, max_size=9))
def test_letter_case_outside_of_strings_changes_nothing(tree, flips) -> None:
    text = format_filter(tree)
    assert without_case(recased(text, flips)) == without_case(text)


@pytest.mark.parametrize("count", [100, 400])
def test_a_list_may_be_as_long_as_the_expression(count: int) -> None:
    values = ",".join(f'"{number}"' for number in range(count))
    [expression] = parse_filter(f"INCLUDE ItemID WHERE Items.A IN ({values})").expressions
    [[predicate]] = expression.alternatives
    assert isinstance(predicate, Membership)
    assert predicate.values == tuple(str(number) for number in range(count))


def test_a_chain_may_be_as_long_as_the_expression() -> None:
    text = " | ".join(f'EXCLUDE ItemID WHERE Items.A IN ("{number}")' for number in range(50))
    assert len(parse_filter(text).expressions) == 50 and format_filter(parse_filter(text)) == text


def test_the_longest_expression_and_one_character_more() -> None:
    start, end = 'INCLUDE ItemID WHERE Items.A IN ("', '")'
    fill = 2500 - len(start + end)
    assert parse_filter(start + "x" * fill + end)
    with pytest.raises(InvalidInputException, match="2501 characters, and at most 2500"):
        parse_filter(start + "x" * (fill + 1) + end)


def test_a_value_of_a_request_may_list_a_hundred() -> None:
    assert len(parse_filter_value(",".join(f'"{number}"' for number in range(150)))) == 150


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ('LOWER(Items.A) IN ("a")', 22),
        ("COUNT(Interactions.EVENT_TYPE) > 1", 22),
        ('Items.A IN (UPPER("a"))', 34),
        ("NOT Items.A = 1", 22),
        ('(Items.A IN ("a"))', 22),
        ("Items.A IN ((1, 2))", 34),
        ("Items.A = NULL", 32),
        ("Items.A = NaN", 32),
        ("Items.A > 1e3", 33),
        ("Items.A > .5", 32),
        ("Items.A > +5", 32),
        ("Items.A.B = 1", 29),
        ("Items = 1", 28),
        ('"Items.A" = 1', 22),
        ("Items.A = Items.B", 32),
        ("CurrentItem.A = Items.A", 22),
        ("Items.A IN CurrentUser.A", 33),
        ("Items.A = 1 XOR Items.A = 2", 34),
        ("Items.A = 1, Items.B = 2", 33),
        ("Items.A = 1 WHERE Items.B = 2", 34),
        ("Items.A = 1 IF (CurrentUser.A = 1)", 37),
        ("Items.A = 1 IF CurrentUser.A = CurrentItem.A", 53),
        ("Items.\u00c4 = 1", 28),
        ("Items.A = 1\x00", 33),
    ],
)
def test_what_the_language_does_not_have_is_refused_at_its_place(condition: str, place: int) -> None:
    with pytest.raises(InvalidInputException) as raised:
        parse_filter(f"INCLUDE ItemID WHERE {condition}")
    assert re.search(r"at character (\d+),", raised.value.message)[1] == str(place), raised.value.message
