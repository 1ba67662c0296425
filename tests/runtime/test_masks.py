"""A compiled mask marks what a plain reading of the tree, row by row, would."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.histories import Histories, History
from personalize_local.runtime.masks import FilterQuestion, compile_filter
from personalize_local.store.events import StreamedEvent
from personalize_local.store.tables import MetadataTable, empty_interactions
from personalize_spec import schemas
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import (
    Comparison,
    Expression,
    Field,
    Filter,
    Membership,
    Placeholder,
    Predicate,
    Star,
    parse_filter,
)
from tests.behaviours import EXACT, behaviour

FIELDS = (
    schemas.Field("ID", ("string",)),
    schemas.Field("TAGS", ("string",), nullable=True, categorical=True),
    schemas.Field("TITLE", ("string",), nullable=True),
    schemas.Field("PRICE", ("float",), nullable=True),
)
NAMES = ("TAGS", "TITLE", "PRICE")
Row = Mapping[str, Any]


# --- a plain reading -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Rows of items, users and events as dictionaries, and what the request says."""

    items: Sequence[Row]
    users: Sequence[Row]
    events: Sequence[tuple[int, str]]  # item, event type; of the request's user
    user: int
    item: int
    values: Mapping[str, tuple[str | float, ...]]


class MissingError(Exception):
    pass


def naive_mask(tree: Filter, case: Case) -> list[bool]:
    def passes(place: int) -> bool:
        verdicts = [(each.verb, naive_expression(each, case, place)) for each in tree.expressions]
        includes = [verdict for verb, verdict in verdicts if verb == "INCLUDE" and verdict is not None]
        excludes = [verdict for verb, verdict in verdicts if verb == "EXCLUDE" and verdict is not None]
        return (not includes or any(includes)) and not any(excludes)

    return [passes(place) for place in range(len(case.items))]


def naive_expression(expression: Expression, case: Case, place: int) -> bool | None:
    try:
        for condition in expression.user_conditions:
            user = case.users[case.user] if case.user >= 0 else None
            given = naive_values(condition, case)
            if user is None or not naive_column(condition, user, given):
                return None
        verdicts = [
            [naive_predicate(predicate, case, place) for predicate in alternative]
            for alternative in expression.alternatives
        ]
    except MissingError:
        if expression.verb == "INCLUDE":
            raise
        return None
    return any(all(alternative) for alternative in verdicts)


def naive_predicate(predicate: Predicate, case: Case, place: int) -> bool:
    values = naive_values(predicate, case)
    if predicate.field.dataset == "Items":
        return naive_column(predicate, case.items[place], values)
    assert isinstance(predicate, Membership)
    recent: dict[str, list[int]] = {}
    for item, event_type in case.events:
        recent.setdefault(event_type.lower(), []).append(item)
    any_type = "*" in values
    wanted = {str(value).lower() for value in values}
    hits = [kind for kind, items in recent.items() if place in items[-100:]]
    if predicate.negated:
        return not any_type and any(kind not in wanted for kind in hits)
    return any(any_type or kind in wanted for kind in hits)


def naive_values(predicate: Predicate, case: Case) -> list[str | float]:
    parts = predicate.values if isinstance(predicate, Membership) else (predicate.value,)
    values: list[str | float] = []
    for part in parts:
        match part:
            case Star():
                values.append("*")
            case Placeholder(name):
                if name not in case.values:
                    raise MissingError(name)
                values.extend(case.values[name])
            case Field():
                values.extend(tokens(part.column, case.items[case.item][part.column]) if case.item >= 0 else [])
            case _:
                values.append(part)
    return values


def tokens(name: str, value: Any) -> list[Any]:
    if value is None:
        return []
    return value.split("|") if name == "TAGS" else [value]


def naive_column(predicate: Predicate, row: Row, values: Sequence[str | float]) -> bool:
    name = predicate.field.column
    held = tokens(name, row[name])
    convert = float if name == "PRICE" else as_text
    wanted = [convert(value) for value in values if name != "PRICE" or is_number(value)]
    if isinstance(predicate, Membership):
        return any(each in wanted for each in held) != predicate.negated
    if not held or not values:
        return False
    if predicate.operator in ("=", "!="):
        return any(each in wanted for each in held) == (predicate.operator == "=")
    operators = {"<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__}
    return bool(operators[predicate.operator](held[0], wanted[0]))


def as_text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def is_number(value: str | float) -> bool:
    return not isinstance(value, str) or value.lstrip("-").replace(".", "", 1).isdigit()


# --- the same question to the compiled filter ----------------------------------------------------------------------


def catalogue_of(rows: Sequence[Row], late_count: int) -> Catalogue:
    """Put the first rows in a table, the last ones one by one, and some of the first again."""
    early = rows[: len(rows) - late_count]
    columns: dict[str, np.ndarray] = {}
    for name in NAMES:
        values = [row[name] for row in early]
        array = np.empty(len(values), dtype=object)
        array[:] = values
        columns[name] = np.array([math.nan if v is None else v for v in values]) if name == "PRICE" else array
    ids = np.array([str(place) for place in range(len(early))], dtype=object)
    catalogue = Catalogue(FIELDS, MetadataTable(ids, columns))
    if early:
        catalogue.put("0", {"TAGS": "other|x", "TITLE": None, "PRICE": 77.0})
        catalogue.put("0", early[0])
    for place in range(len(early), len(rows)):
        catalogue.put(str(place), rows[place])
    return catalogue


def history_of(case: Case, items: Catalogue) -> History:
    histories = Histories(empty_interactions(), items)
    histories.add(
        StreamedEvent("s", event_type, moment, user_id="u", item_id=str(item))
        for moment, (item, event_type) in enumerate(case.events)
    )
    return histories.of("u")


def question_of(case: Case, late_count: int = 0) -> FilterQuestion:
    items, users = catalogue_of(case.items, late_count), catalogue_of(case.users, 0)
    return FilterQuestion(items, users, history_of(case, items), case.user, case.item, case.values)


# --- strategies ----------------------------------------------------------------------------------------------------

WORD = st.sampled_from(["a", "b", "18", "A", "a b"])
NUMBER = st.sampled_from([-1.5, 0, 1, 18, 18.0, 2.5])
ROW = st.fixed_dictionaries(
    {
        "TAGS": st.none() | st.lists(WORD, min_size=1, max_size=3).map("|".join),
        "TITLE": st.none() | WORD | st.just("a|b"),
        "PRICE": st.none() | NUMBER.map(float),
    }
)
TYPE = st.sampled_from(["view", "View", "buy", "none"])
PLACEHOLDER = st.sampled_from([Placeholder("P"), Placeholder("MISSING")])


@st.composite
def predicates(draw: st.DrawFn, dataset: str) -> Predicate:
    if dataset == "Interactions":
        values = draw(st.just((Star(),)) | st.lists(TYPE, min_size=1, max_size=2).map(tuple))
        return Membership(Field(dataset, "EVENT_TYPE"), draw(st.booleans()), values)
    name = draw(st.sampled_from(NAMES))
    operand = NUMBER if name == "PRICE" else WORD
    current = st.just(Field("CurrentItem", name)) if dataset == "Items" else operand
    if draw(st.booleans()):
        values = draw(st.lists(operand | PLACEHOLDER, min_size=1, max_size=3).map(tuple) | current.map(lambda v: (v,)))
        return Membership(Field(dataset, name), draw(st.booleans()), values)
    operators = ["=", "!=", "<", "<=", ">", ">="] if name == "PRICE" else ["=", "!="]
    return Comparison(Field(dataset, name), draw(st.sampled_from(operators)), draw(operand | current))


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    dataset = draw(st.sampled_from(["Items", "Items", "Interactions"]))
    alternative = st.lists(predicates(dataset), min_size=1, max_size=2).map(tuple)
    return Expression(
        draw(st.sampled_from(["INCLUDE", "EXCLUDE"])),
        "ItemID",
        tuple(draw(st.lists(alternative, min_size=1, max_size=2))),
        tuple(draw(st.lists(predicates("CurrentUser"), max_size=2))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    items = draw(st.lists(ROW, min_size=1, max_size=6))
    return Case(
        items=items,
        users=draw(st.lists(ROW, max_size=2)),
        events=draw(st.lists(st.tuples(st.integers(0, len(items)), TYPE), max_size=5)),
        user=draw(st.sampled_from([-1, 0])),
        item=draw(st.integers(-1, len(items) - 1)),
        values={"P": tuple(draw(st.lists(WORD | NUMBER, min_size=1, max_size=2)))},
    )


TREES = st.lists(expressions(), min_size=1, max_size=3).map(tuple).map(Filter)


@behaviour(
    "GetRecommendations, GetPersonalizedRanking",
    "Any filter keeps what its plain reading keeps: includes joined, excludes taken away, null never equal to anything",
    EXACT,
    source="documented; null and NOT IN: inferred, contract §7.2",
)
@settings(max_examples=400, deadline=None)
@given(tree=TREES, case=cases(), late_count=st.integers(0, 3))
def test_a_compiled_mask_is_the_plain_reading(tree: Filter, case: Case, late_count: int) -> None:
    if case.user >= len(case.users):
        case = Case(case.items, case.users, case.events, -1, case.item, case.values)
    question = question_of(case, min(late_count, len(case.items)))
    compiled = compile_filter(tree)
    try:
        expected = naive_mask(tree, case)
    except MissingError as error:
        with pytest.raises(InvalidInputException, match=f"needs a value for the parameter {error}"):
            compiled.mask(question)
        return
    assert compiled.mask(question).tolist() == expected


@settings(deadline=None)
@given(tree=TREES, case=cases(), data=st.data())
def test_a_selection_is_judged_as_in_the_whole(tree: Filter, case: Case, data: st.DataObject) -> None:
    """Rows that are not there count as all null: the last item of the whole is one, and nobody touched it."""
    if case.user >= len(case.users):
        case = Case(case.items, case.users, case.events, -1, case.item, case.values)
    whole = Case([*case.items, dict.fromkeys(NAMES)], case.users, case.events, case.user, case.item, case.values)
    events = [event for event in whole.events if event[0] < len(case.items)]
    whole = Case(whole.items, whole.users, events, whole.user, whole.item, whole.values)
    places = data.draw(st.lists(st.integers(0, len(case.items)), max_size=6))
    rows = np.array([-1 if place == len(case.items) else place for place in places], dtype=np.int32)
    question = question_of(whole)
    compiled = compile_filter(tree)
    try:
        expected = compiled.mask(question)
    except InvalidInputException:
        return
    asked = FilterQuestion(question.items, question.users, question.history, whole.user, whole.item, whole.values, rows)
    assert compiled.mask(asked).tolist() == [bool(expected[place]) for place in places]


# --- by example ----------------------------------------------------------------------------------------------------

ROWS: list[Row] = [
    {"TAGS": "drama|crime", "TITLE": "a", "PRICE": 5.0},
    {"TAGS": "drama", "TITLE": "b", "PRICE": None},
    {"TAGS": None, "TITLE": None, "PRICE": 20.0},
]


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ('INCLUDE ItemID WHERE Items.TAGS IN ("crime")', [0]),
        ('INCLUDE ItemID WHERE Items.TAGS IN ("cri", "DRAMA")', []),
        ('INCLUDE ItemID WHERE Items.TAGS NOT IN ("crime")', [1, 2]),
        ("EXCLUDE ItemID WHERE Items.PRICE < 10", [1, 2]),
        ("INCLUDE ItemID WHERE Items.PRICE != 5", [2]),
        ('include itemid where ITEMS.price >= 5 and items.tags in ("drama")', [0]),
        ('INCLUDE ItemID WHERE Items.PRICE = 20 | INCLUDE ItemID WHERE Items.TITLE IN ("b")', [1, 2]),
        ('EXCLUDE ItemID WHERE Items.PRICE = 20 | EXCLUDE ItemID WHERE Items.TITLE IN ("b")', [0]),
        ('INCLUDE ItemID WHERE Items.TAGS IN ("drama") | EXCLUDE ItemID WHERE Items.TITLE IN ("b")', [0]),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)", [2]),
        ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("CLICK")', [1]),
        ('EXCLUDE ItemID WHERE Items.TAGS IN ($NOT_GIVEN) | EXCLUDE ItemID WHERE Items.TITLE IN ("a")', [1, 2]),
        ("INCLUDE ItemID WHERE Items.NO_SUCH = 1", []),
        ("INCLUDE ItemID WHERE Items.PRICE = 20 IF CurrentUser.PRICE > 3", [2]),
        ("INCLUDE ItemID WHERE Items.PRICE = 20 IF CurrentUser.PRICE > 5", [0, 1, 2]),
    ],
)
def test_by_example(expression: str, kept: list[int]) -> None:
    case = Case(ROWS, ROWS[:1], [(0, "view"), (1, "click")], 0, -1, {})
    mask = compile_filter(parse_filter(expression)).mask(question_of(case))
    assert np.flatnonzero(mask).tolist() == kept


@behaviour("GetRecommendations", "Filters see the last 100 events of a type", EXACT, source="documented, contract §6.6")
def test_only_the_last_100_events_of_a_type_count() -> None:
    events = [(0, "view"), (1, "click"), *[(2, "view")] * 100]
    case = Case(ROWS, [], events, -1, -1, {})
    items = catalogue_of(ROWS, 0)
    histories = Histories(empty_interactions(), items)
    histories.add(
        StreamedEvent("s", kind, moment, user_id="u", item_id=str(item)) for moment, (item, kind) in enumerate(events)
    )
    question = FilterQuestion(items, items, histories.of("u"), values=case.values)
    mask = compile_filter(parse_filter("INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)")).mask(question)
    assert np.flatnonzero(mask).tolist() == [1, 2]


def test_a_text_has_no_order() -> None:
    question = question_of(Case(ROWS, [], [], -1, -1, {}))
    with pytest.raises(InvalidInputException) as raised:
        compile_filter(parse_filter("INCLUDE ItemID WHERE Items.TITLE < 5")).mask(question)
    assert raised.value.message == "TITLE is a text, and < compares numbers: use IN or =."
