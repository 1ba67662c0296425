"""Filters: text to tree and back, for any tree, and no crash for any text."""

from hypothesis import given
from hypothesis import strategies as st

from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import (
    Comparison,
    Expression,
    Field,
    Filter,
    Membership,
    Placeholder,
    Star,
    format_filter,
    format_filter_value,
    parse_filter,
    parse_filter_value,
)

OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
COLUMNS = st.sampled_from(["Category", "_x", "GENRE_L1", "and"])  # so few that no filter has over ten fields
PLACEHOLDERS = st.sampled_from(["A", "a", "7", "_", "min_1", "category", "IN"]).map(Placeholder)
STRINGS = st.text(max_size=12).filter(lambda text: not text.startswith("$") and text != "*")
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: number + 0.0)
VALUES = STRINGS | NUMBERS | PLACEHOLDERS


def members(negated: bool) -> st.SearchStrategy[tuple]:
    elements = STRINGS | NUMBERS if negated else VALUES
    return st.lists(elements, min_size=1, max_size=4).map(tuple)


@st.composite
def predicates(draw: st.DrawFn, dataset: str, column: st.SearchStrategy[str]):
    field = Field(dataset, draw(column))
    references = st.builds(Field, st.just("CurrentItem"), COLUMNS)
    if draw(st.booleans()):
        return Comparison(field, draw(OPERATORS), draw(VALUES | references if dataset == "Items" else VALUES))
    negated = draw(st.booleans())
    choices = members(negated)
    if dataset == "Items":
        choices |= st.tuples(references)
    if column is EVENT_COLUMN:
        choices |= st.just((Star(),))
    return Membership(field, negated, draw(choices))


EVENT_COLUMN = st.sampled_from(["EVENT_TYPE", "event_type"])
USER_CONDITIONS = st.lists(predicates("CurrentUser", COLUMNS), max_size=2).map(tuple)
SOURCES = {
    "ItemID": (("Items", COLUMNS), ("Interactions", EVENT_COLUMN)),
    "UserID": (("Users", COLUMNS), ("Interactions", EVENT_COLUMN)),
    "ActionID": (("Actions", COLUMNS), ("Action_Interactions", EVENT_COLUMN)),
}


@st.composite
def expressions(draw: st.DrawFn, target: str) -> Expression:
    dataset, column = draw(st.sampled_from(SOURCES[target]))
    alternative = st.lists(predicates(dataset, column), min_size=1, max_size=3).map(tuple)
    alternatives = draw(st.lists(alternative, min_size=1, max_size=3).map(tuple))
    return Expression(draw(st.sampled_from(["INCLUDE", "EXCLUDE"])), target, alternatives, draw(USER_CONDITIONS))


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    target = draw(st.sampled_from(sorted(SOURCES)))
    tree = Filter(tuple(draw(st.lists(expressions(target), min_size=1, max_size=3))))
    return tree if len(format_filter(tree)) <= 2500 else Filter(tree.expressions[:1])


def types_of(tree: Filter) -> str:
    """Equality takes 1 and 1.0 for the same: the representation does not."""
    return repr(tree)


@given(filters().filter(lambda tree: len(format_filter(tree)) <= 2500))
def test_any_tree_is_the_same_after_writing_and_reading(tree: Filter) -> None:
    assert types_of(parse_filter(format_filter(tree))) == types_of(tree)


@given(st.text(max_size=200) | st.text(alphabet='INCLUDEWHER.ItemsD_ $()",*|=<>1-', max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse_filter(text)
    except InvalidInputException as refusal:
        assert refusal.message.startswith("Could not create filter.")
    else:
        assert parse_filter(format_filter(tree)) == tree


@given(st.lists(st.text(max_size=20) | st.integers(-(10**9), 10**9).map(float), min_size=1, max_size=5).map(tuple))
def test_any_filter_values_are_the_same_after_writing_and_reading(values: tuple) -> None:
    assert parse_filter_value(format_filter_value(values)) == values
