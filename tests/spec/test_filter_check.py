"""Filters against the schemas of a dataset group."""

import pytest

from personalize_spec.filters import check_filter, parse_filter
from personalize_spec.schemas import DatasetSchema, Field


def text(name: str, **flags: bool) -> Field:
    return Field(name, ("string",), **flags)


def number(name: str, kind: str = "int") -> Field:
    return Field(name, (kind,))


SCHEMAS = {
    "INTERACTIONS": DatasetSchema("Reads", (text("USER_ID"), text("ITEM_ID"), text("EVENT_TYPE")), ""),
    "ITEMS": DatasetSchema(
        "Articles",
        (
            text("ITEM_ID"),
            text("Category", categorical=True),
            text("ContentText", textual=True),
            number("WordCount"),
            number("Price", "float"),
            Field("Free", ("boolean",)),
        ),
        "",
    ),
}


@pytest.mark.parametrize(
    "expression",
    [
        'INCLUDE ItemID WHERE Items.CATEGORY IN ("arts", $category)',
        'INCLUDE ItemID WHERE Items.Category = "arts" OR Items.WordCount >= 100 OR Items.Price != "2.5"',
        "INCLUDE ItemID WHERE Items.WordCount IN (1, 2) AND Items.Price < CurrentItem.WordCount",
        "INCLUDE ItemID WHERE Items.Category IN CurrentItem.Category",
        'EXCLUDE ItemID WHERE Interactions.event_type IN ("page_view") | EXCLUDE ItemID WHERE Items.Price > $MOST',
    ],
)
def test_a_filter_that_suits_the_schemas_has_no_problems(expression: str) -> None:
    assert check_filter(parse_filter(expression), SCHEMAS) == []


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        (
            'INCLUDE ItemID WHERE Items.Categry IN ("x")',
            "Items.Categry: the schema 'Articles' has no column 'Categry'. Did you mean 'Category'?",
        ),
        ("INCLUDE ItemID WHERE Items.Zzz = 1", "It has: ITEM_ID, Category"),
        ('INCLUDE ItemID WHERE Items.ContentText IN ("x")', "textual columns cannot be filtered"),
        ('INCLUDE ItemID WHERE Items.Free = "true"', "boolean columns cannot be filtered"),
        ("INCLUDE ItemID WHERE Items.Category > $X", "> compares numbers, and Category is a string"),
        ("INCLUDE ItemID WHERE Items.Category IN (5)", 'Put the value in double quotes: "5"'),
        ('INCLUDE ItemID WHERE Items.WordCount = "many"', 'holds numbers, so it never equals "many"'),
        ("INCLUDE ItemID WHERE Items.WordCount = CurrentItem.Category", "Compare columns of the same type"),
        ("INCLUDE ItemID WHERE Items.Price = 1 IF CurrentUser.AGE > 18", "there is no Users dataset"),
        ("INCLUDE ItemID WHERE Items.Price < CurrentItem.Prize", "Did you mean 'Price'?"),
    ],
)
def test_a_filter_that_does_not_suit_says_why(expression: str, problem: str) -> None:
    problems = check_filter(parse_filter(expression), SCHEMAS)
    assert len(problems) == 1
    assert problem in problems[0]


def test_every_problem_is_named_once() -> None:
    tree = parse_filter("INCLUDE ItemID WHERE Items.A = 1 AND Items.B = 2 | EXCLUDE ItemID WHERE Items.A = 1")
    assert [problem.split(":")[0] for problem in check_filter(tree, SCHEMAS)] == ["Items.A", "Items.B"]
