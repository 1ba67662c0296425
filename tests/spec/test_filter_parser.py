"""The filter language: what is read, what is refused, and what the refusal says."""

import pytest

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
    parse_filter,
    placeholders,
    required_placeholders,
)
from tests.behaviours import EXACT, behaviour

VALID = [
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")',
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)",
    "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($KINDS)",
    'INCLUDE ItemID WHERE Items.BRAND IN ("acme","globex") AND Items.STOCK > 0',
    "INCLUDE ItemID WHERE Items.PRICE >= $LOW AND Items.PRICE <= $HIGH",
    "INCLUDE ItemID WHERE Items.PRICE >= ($LOW)",
    'EXCLUDE ItemID WHERE Items.RATING = 18 OR Items.STATUS IN ("archived")',
    'EXCLUDE ItemID WHERE Items.SHELF NOT IN ("front")',
    'EXCLUDE ItemID WHERE Items.SHELF NOT_IN ("front")',
    "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > $SINCE",
    'INCLUDE ItemID WHERE Items.PRICE != 0 IF CurrentUser.AGE >= 18 AND CurrentUser.TIER IN ("gold")',
    'INCLUDE ItemID WHERE Items.LANG IN ($LANG) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")',
    "INCLUDE ItemID WHERE Items.MAKER IN CurrentItem.MAKER AND Items.PRICE < CurrentItem.PRICE",
    "INCLUDE UserID WHERE Users.COUNTRY IN ($COUNTRY)",
    'EXCLUDE UserID WHERE Users.AGE < $MIN_AGE | EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("refund")',
    'EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("TAKEN")',
    'INCLUDE ActionID WHERE Actions.VALUE > 3 IF CurrentUser.MEMBER IN ("False")',
    'INCLUDE ActionID WHERE Action.TYPE IN ("loan")',
    'exclude itemId where ITEMS.category_l1 in ("toys")',
    "INCLUDE ItemID WHERE Items.DEGREES > -3.5\n| EXCLUDE\titemid WHERE Items.PRICE=0",
]

INVALID = [
    ('EXCLUDE ItemID Items.BRAND IN ("a")', "at character 16, WHERE should follow ItemID"),
    ('REMOVE ItemID WHERE Items.BRAND IN ("a")', "at character 1, an expression starts with INCLUDE or EXCLUDE"),
    ('INCLUED ItemID WHERE Items.BRAND IN ("a")', "Did you mean 'INCLUDE'?"),
    ('INCLUDE Item WHERE Items.BRAND IN ("a")', "Did you mean 'ItemID'?"),
    (
        'INCLUDE ItemID WHERE Items.BRAND IN ("a") AND Interactions.EVENT_TYPE IN ("buy")',
        "at character 47, the expression is about Items, so it cannot use Interactions as well. "
        "Write a second expression after '|'",
    ),
    ('EXCLUDE ItemID WHERE Interactions.DEVICE IN ("ios")', "only EVENT_TYPE can"),
    (
        "INCLUDE ItemID WHERE Items.BRAND NOT IN ($B)",
        "Invalid input symbol: $B. Placeholders are not allowed with NOT_IN operator.",
    ),
    ('INCLUDE ItemID WHERE Items.BRAND NOT IN ("$B")', "Placeholders are not allowed with NOT_IN operator."),
    ("INCLUDE ItemID WHERE Items.BRAND IN ('a')", "at character 38, strings are put in double quotes"),
    ("INCLUDE ItemID WHERE Items.BRAND IN (“a”)", "straight double quotes"),
    ("INCLUDE ItemID WHERE Items.BRAND IN (a)", 'put it in double quotes: "a"'),
    ("INCLUDE ItemID WHERE (Items.A = 1 OR Items.B = 2) AND Items.C = 3", "parentheses cannot group conditions"),
    ("INCLUDE ItemID WHERE Items.PRICE < 5 IF Items.STOCK > 0", "IF is followed by conditions on CurrentUser only"),
    ("INCLUDE ItemID WHERE CurrentUser.AGE > 18", "CurrentUser can stand after IF only"),
    ("INCLUDE ItemID WHERE CurrentItem.AGE > 18", "CurrentItem can stand on the right only"),
    (
        "INCLUDE ItemID WHERE Items.PRICE < 5 IF CurrentUser.A = 1 IF CurrentUser.B = 2",
        "at character 59, an expression has one IF: join the conditions on CurrentUser with AND",
    ),
    ("INCLUDE ItemID WHERE Items.PRICE < 5 IF CurrentUser.A = 1 AND Items.B = 2", "at character 63, IF is followed by"),
    ("INCLUDE ItemID WHERE Items.PRICE < 5 IF CurrentUser.A = 1 OR CurrentUser.B = 2", "joined by AND only"),
    ("INCLUDE ItemID WHERE Items.FLAG = true", "booleans cannot be filtered"),
    ("INCLUDE ItemID WHERE Items.FLAG = null", "null cannot be compared with"),
    ('EXCLUDE ItemID WHERE Items.BRAND IN ("*")', "* can be used with EVENT_TYPE only"),
    ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*", "buy")', "write it alone in the list"),
    ("INCLUDE ItemID WHERE Items.PRICE BETWEEN 1 AND 5", "write two comparisons joined by AND"),
    ('INCLUDE ItemID WHERE Items.TITLE LIKE "a%"', "LIKE is not an operator of filters"),
    ("INCLUDE ItemID WHERE Items.PRICE IS NULL", "IS is not an operator of filters"),
    ("INCLUDE ItemID WHERE Items.PRICE == 5", "write = once"),
    ("INCLUDE ItemID WHERE Items.PRICE <> 5", "write !="),
    ("INCLUDE ItemID WHERE Items.PRICE > 1 && Items.PRICE < 5", "write AND"),
    ("INCLUDE ItemID WHERE Items.BRAND IN ()", "the list is empty"),
    ('INCLUDE ItemID WHERE Items.BRAND IN ("a"', "after a value in a list comes ',' or ')'"),
    ('INCLUDE ItemID WHERE Items.BRAND IN ("a)', "at character 38, a string starts that never ends"),
    ('INCLUDE ItemID WHERE Items.BRAND IN "a"', "IN is followed by a list in parentheses"),
    ("INCLUDE ItemID WHERE Items.BRAND IN (CurrentItem.BRAND)", "CurrentItem is written without parentheses"),
    ("INCLUDE ItemID WHERE Items.PRICE > (5)", "stands without parentheses"),
    ("INCLUDE ItemID WHERE Items.PRICE > ($A, $B)", "')' should follow $A"),
    ("INCLUDE ItemID WHERE Items.PRICE > $", "a placeholder has no name"),
    (f"INCLUDE ItemID WHERE Items.PRICE > ${'A' * 51}", "longer than 50 characters"),
    ("INCLUDE ItemID WHERE Items.PRICE NOT 5", "NOT is followed by IN"),
    ("INCLUDE ItemID WHERE Items > 5", "followed by '.' and a column"),
    ("INCLUDE ItemID WHERE Items.5 > 5", "followed by the name of a column"),
    ("INCLUDE ItemID WHERE Itmes.PRICE > 5", "Did you mean 'Items'?"),
    ('INCLUDE ItemID WHERE Users.AGE IN ("a")', "ItemID goes with Items or Interactions, not with Users"),
    ("INCLUDE UserID WHERE Users.AGE = CurrentItem.AGE", "CurrentItem can be compared with columns of Items"),
    ("EXCLUDE ActionID WHERE Actions.REPEAT_FREQUENCY > 3", "the service applies it by itself"),
    ("INCLUDE ItemID WHERE Items.A = 1 | INCLUDE UserID WHERE Users.A = 1", "the first expression is about ItemID"),
    ("INCLUDE ItemID WHERE Items.A = 1 EXCLUDE ItemID WHERE Items.B = 1", "joined by '|'"),
    ("INCLUDE ItemID WHERE Items.A = 1 |", "not the end of the expression"),
    ("INCLUDE ItemID WHERE Items.A = 1;", "';' does not end an expression"),
    ("INCLUDE ItemID WHERE Items.A = 1 Items.B = 2", "should follow a condition, not 'Items'"),
    ("", "it is empty"),
    ("EXCLUDE ItemID WHERE Items.A IN (" + ",".join(['"a"'] * 700) + ")", "at most 2500 are allowed"),
    (
        "INCLUDE ItemID WHERE " + " AND ".join(f"Items.C{number} = 1" for number in range(11)),
        "uses 11 different fields, and at most 10",
    ),
    (
        "INCLUDE ItemID WHERE Items.A IN (" + ",".join(f"$P{number}" for number in range(26)) + ")",
        "it has 26 placeholders",
    ),
]


@pytest.mark.parametrize("text", VALID)
def test_valid_expression_reads_and_writes_to_the_same_tree(text: str) -> None:
    tree = parse_filter(text)
    assert parse_filter(format_filter(tree)) == tree


@pytest.mark.parametrize(("text", "message"), INVALID)
def test_invalid_expression_is_refused_with_what_to_change(text: str, message: str) -> None:
    with pytest.raises(InvalidInputException) as refusal:
        parse_filter(text)
    assert refusal.value.message.startswith("Could not create filter. Invalid ")
    assert message in refusal.value.message


@behaviour(
    "CreateFilter",
    "AND binds tighter than OR; parentheses do not group",
    EXACT,
    source="inferred; no parentheses: documented",
)
def test_and_binds_tighter_than_or() -> None:
    tree = parse_filter("INCLUDE ItemID WHERE Items.A = 1 OR Items.B = 2 AND Items.C = 3 OR Items.D = 4")
    columns = [[predicate.field.column for predicate in each] for each in tree.expressions[0].alternatives]
    assert columns == [["A"], ["B", "C"], ["D"]]


def test_words_mean_the_same_in_any_letter_case_and_columns_keep_their_spelling() -> None:
    tree = parse_filter('exclude itemid where items.Category not in ("Arts") if currentuser.plan = "$Plan"')
    assert tree == Filter(
        (
            Expression(
                "EXCLUDE",
                "ItemID",
                ((Membership(Field("Items", "Category"), True, ("Arts",)),),),
                (Comparison(Field("CurrentUser", "plan"), "=", Placeholder("Plan")),),
            ),
        )
    )


def test_star_with_and_without_quotes_is_any_event_type() -> None:
    texts = (
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
        "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)",
    )
    assert [parse_filter(text).expressions[0].alternatives[0][0].values for text in texts] == [(Star(),), (Star(),)]


@behaviour(
    "GetRecommendations",
    "INCLUDE needs a value for each placeholder; without one an EXCLUDE is left out",
    EXACT,
    source="documented, contract §7.3",
)
def test_only_includes_require_values_for_their_placeholders() -> None:
    tree = parse_filter(
        "INCLUDE ItemID WHERE Items.A IN ($A) IF CurrentUser.B = $B | EXCLUDE ItemID WHERE Items.C = $C"
    )
    assert placeholders(tree) == {"A", "B", "C"}
    assert required_placeholders(tree) == {"A", "B"}


def test_the_same_column_in_any_letter_case_counts_as_one_field() -> None:
    conditions = " OR ".join(
        f"Items.{column} = {number}" for number, column in enumerate(["price", "PRICE", "Price"] * 4)
    )
    assert len(parse_filter(f"INCLUDE ItemID WHERE {conditions}").expressions[0].alternatives) == 12


def test_a_long_unclosed_string_is_refused_at_once() -> None:
    with pytest.raises(InvalidInputException, match="never ends"):
        parse_filter('EXCLUDE ItemID WHERE Items.A IN ("' + "\\" * 2400)
