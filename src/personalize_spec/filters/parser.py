"""Read a filter expression into its tree, by recursive descent.

Rule 1: one token of look-ahead, no going back. Rule 2: the first mistake stops the reading, and its message names the
character and what to write instead. Rule 3: what needs a schema to know is left to `check.py`.

Source: contract §7.1; AND before OR, one target per filter and `NOT_IN` as one word are inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import rules
from personalize_spec.filters.lexer import END, NUMBER, OPERATOR, PLACEHOLDER, STRING, WORD, Token, tokenize
from personalize_spec.filters.problems import invalid_expression, invalid_filter, placeholder_with_not_in
from personalize_spec.filters.tree import (
    CURRENT_ITEM,
    CURRENT_USER,
    EVENT_TYPE,
    Comparison,
    Element,
    Expression,
    Field,
    Filter,
    Membership,
    Placeholder,
    Predicate,
    Star,
    Value,
)
from personalize_spec.limits import COLUMN_NAME_MAX_LENGTH, FILTER_EXPRESSION_MAX_LENGTH, FILTER_PARAMETER_MAX_LENGTH
from personalize_spec.names import did_you_mean

_QUOTED_PLACEHOLDER = re.compile(r"\$[A-Za-z0-9_]+")


def parse_filter(text: str) -> Filter:
    """Read a filter expression.

    Errors: InvalidInputException, with the character of the first mistake and what to change.
    """
    if not text.strip():
        raise invalid_filter(
            'it is empty. Write, for example: EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy").'
        )
    if len(text) > FILTER_EXPRESSION_MAX_LENGTH:
        raise invalid_filter(f"it has {len(text)} characters, and at most {FILTER_EXPRESSION_MAX_LENGTH} are allowed.")
    tree = _Parser(tokenize(text)).filter()
    rules.check_size(tree)
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0

    # Rules of the grammar, outermost first

    def filter(self) -> Filter:
        expressions = [self._expression(None)]
        while self._take_mark("|"):
            expressions.append(self._expression(expressions[0].target))
        if self._next.kind != END:
            raise self._unexpected_tail()
        return Filter(tuple(expressions))

    def _expression(self, first_target: str | None) -> Expression:
        verb = self._choice(rules.VERBS, "an expression starts with INCLUDE or EXCLUDE")
        target_token = self._next
        target = self._choice(rules.TARGETS, f"{verb} is followed by ItemID, UserID or ActionID")
        if first_target not in (None, target):
            raise _wrong(target_token, f"the first expression is about {first_target}: use it in all of them.")
        if not self._take_word("WHERE"):
            raise _wrong(
                self._next, f"WHERE should follow {target}, but {self._next.described} does. Write WHERE there."
            )
        alternatives = self._condition(target)
        return Expression(verb, target, alternatives, self._user_conditions())

    def _condition(self, target: str) -> tuple[tuple[Predicate, ...], ...]:
        first = self._predicate(target, None)
        alternatives = [[first]]
        while joint := self._take_word("AND", "OR"):
            predicate = self._predicate(target, first.field.dataset)
            if joint.is_word("OR"):
                alternatives.append([predicate])
            else:
                alternatives[-1].append(predicate)
        return tuple(map(tuple, alternatives))

    def _user_conditions(self) -> tuple[Predicate, ...]:
        if not self._take_word("IF"):
            return ()
        conditions = [self._user_condition()]
        while joint := self._take_word("AND", "OR"):
            if joint.is_word("OR"):
                raise _wrong(joint, "conditions after IF are joined by AND only. Write a second expression after '|'.")
            conditions.append(self._user_condition())
        return tuple(conditions)

    def _predicate(self, target: str, first_dataset: str | None) -> Predicate:
        self._refuse_grouping()
        start = self._next
        field = self._field()
        if problem := _place_problem(field, target, first_dataset) or rules.column_problem(field.dataset, field.column):
            raise _wrong(start, problem)
        return self._comparison_or_membership(field)

    def _user_condition(self) -> Predicate:
        self._refuse_grouping()
        start = self._next
        field = self._field()
        if field.dataset != CURRENT_USER:
            raise _wrong(
                start,
                f"IF is followed by conditions on CurrentUser only, not on {field.dataset}. "
                "Write CurrentUser, or move the condition before IF.",
            )
        return self._comparison_or_membership(field)

    def _field(self) -> Field:
        dataset = self._choice(rules.DATASETS, "a condition starts with a dataset, such as Items.PRICE")
        if not self._take_mark("."):
            raise _wrong(self._next, f"{dataset} is followed by '.' and a column, not by {self._next.described}.")
        column = self._next
        if column.kind != WORD or len(column.text) > COLUMN_NAME_MAX_LENGTH:
            raise _wrong(column, f"{dataset}. is followed by the name of a column, not by {column.described}.")
        self._advance()
        return Field(dataset, column.text)

    def _comparison_or_membership(self, field: Field) -> Predicate:
        operator = self._next
        if operator.kind == OPERATOR:
            self._advance()
            return Comparison(field, self._operator(operator), self._compared_value(field))
        if operator.is_word("IN", "NOT", "NOT_IN"):
            self._advance()
            negated = not operator.is_word("IN")
            if operator.is_word("NOT") and not self._take_word("IN"):
                raise _wrong(self._next, f"NOT is followed by IN, not by {self._next.described}.")
            return Membership(field, negated, self._members(field, negated))
        raise _wrong(operator, _operator_problem(operator))

    def _operator(self, operator: Token) -> str:
        if operator.text == "=" and self._next.kind == OPERATOR and self._next.text == "=":
            raise _wrong(operator, "'==' is not an operator: write = once.")
        return operator.text

    # Values

    def _members(self, field: Field, negated: bool) -> tuple[Element, ...]:
        if self._next.is_word("CURRENTITEM"):
            return (self._item_reference(field),)
        if not self._take_mark("("):
            raise _wrong(self._next, f"IN is followed by a list in parentheses, not by {self._next.described}.")
        if self._next.is_mark(")"):
            raise _wrong(self._next, "the list is empty: write at least one value between the parentheses.")
        members = [self._member(field, negated)]
        while self._take_mark(","):
            members.append(self._member(field, negated))
        if not self._take_mark(")"):
            raise _wrong(self._next, f"after a value in a list comes ',' or ')', not {self._next.described}.")
        if Star() in members and len(members) > 1:
            raise _wrong(self._next, "* stands for every event type: write it alone in the list.")
        return tuple(members)

    def _member(self, field: Field, negated: bool) -> Element:
        token = self._next
        if token.is_mark("*") or (token.kind == STRING and token.string == "*"):
            if field.column.upper() != EVENT_TYPE or field.dataset not in rules.EVENT_DATASETS:
                raise _wrong(token, f"* can be used with EVENT_TYPE only: list the values of {field.column}.")
            self._advance()
            return Star()
        if token.is_word("CURRENTITEM"):
            raise _wrong(token, "CurrentItem is written without parentheses: IN CurrentItem.COLUMN.")
        value = self._value()
        if negated and isinstance(value, Placeholder):
            raise placeholder_with_not_in(value.name)
        return value

    def _compared_value(self, field: Field) -> Value:
        if self._next.is_word("CURRENTITEM"):
            return self._item_reference(field)
        if not self._take_mark("("):
            return self._value()
        token = self._next
        value = self._value()
        if not isinstance(value, Placeholder):
            raise _wrong(token, "a value to compare with stands without parentheses. Remove them, or use IN.")
        if not self._take_mark(")"):
            raise _wrong(self._next, f"')' should follow ${value.name}. To compare with several values, use IN.")
        return value

    def _item_reference(self, field: Field) -> Field:
        start = self._next
        if field.dataset != "Items":
            raise _wrong(start, f"CurrentItem can be compared with columns of Items, not of {field.dataset}.")
        return self._field()

    def _value(self) -> str | int | float | Placeholder:
        token = self._next
        if token.kind == STRING:
            self._advance()
            text = token.string
            return _placeholder(token, text) if _QUOTED_PLACEHOLDER.fullmatch(text) else text
        if token.kind == PLACEHOLDER:
            self._advance()
            return _placeholder(token, token.text)
        if token.kind == NUMBER:
            self._advance()
            return float(token.text) if "." in token.text else int(token.text)
        raise _wrong(token, _value_problem(token))

    # Tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _advance(self) -> None:
        self._index += 1

    def _take_mark(self, mark: str) -> bool:
        found = self._next.is_mark(mark)
        self._index += found
        return found

    def _take_word(self, *words: str) -> Token | None:
        token = self._next
        if not token.is_word(*words):
            return None
        self._advance()
        return token

    def _choice(self, known: Mapping[str, str], rule: str) -> str:
        """Take one of the known words, in any letter case, and give its canonical spelling."""
        token = self._next
        if token.kind != WORD or token.text.upper() not in known:
            hint = did_you_mean(token.text, known.values()) if token.kind == WORD else ""
            raise _wrong(token, f"{rule}, not {token.described}.{hint}")
        self._advance()
        return known[token.text.upper()]

    def _refuse_grouping(self) -> None:
        if self._next.is_mark("("):
            raise _wrong(
                self._next,
                "parentheses cannot group conditions. AND is applied before OR: write the conditions out, "
                "or join expressions with '|'.",
            )

    def _unexpected_tail(self) -> InvalidInputException:
        token = self._next
        if token.is_word("IF"):
            return _wrong(token, "an expression has one IF: join the conditions on CurrentUser with AND.")
        if token.is_word("INCLUDE", "EXCLUDE"):
            return _wrong(token, "expressions are joined by '|': write it before this one.")
        return _wrong(token, f"AND, OR, IF, '|' or the end should follow a condition, not {token.described}.")


def _wrong(token: Token, text: str) -> InvalidInputException:
    return invalid_expression(token.position, text)


def _place_problem(field: Field, target: str, first_dataset: str | None) -> str | None:
    """Say why a field cannot stand before IF in an expression about `target`."""
    if field.dataset == CURRENT_USER:
        return "CurrentUser can stand after IF only. Move the condition to the end: … IF CurrentUser.COLUMN = value."
    if field.dataset == CURRENT_ITEM:
        return f"CurrentItem can stand on the right only: Items.{field.column} = CurrentItem.{field.column}."
    allowed = rules.TARGET_DATASETS[target]
    if field.dataset not in allowed:
        return f"{target} goes with {' or '.join(allowed)}, not with {field.dataset}."
    if first_dataset not in (None, field.dataset):
        return (
            f"the expression is about {first_dataset}, so it cannot use {field.dataset} as well. "
            "Write a second expression after '|'."
        )
    return None


def _operator_problem(token: Token) -> str:
    hint = rules.FOREIGN_OPERATORS.get(token.text.upper()) if token.kind == WORD else None
    if hint:
        return f"{token.text} is not an operator of filters: {hint}"
    return f"IN, NOT IN or one of = != < <= > >= should follow the column, not {token.described}."


def _value_problem(token: Token) -> str:
    if token.is_word("TRUE", "FALSE"):
        return f'booleans cannot be filtered: keep the column as a string, and write "{token.text.capitalize()}".'
    if token.is_word("NULL"):
        return "null cannot be compared with: null never satisfies a condition."
    if token.kind == WORD:
        return f'{token.text} is not a value. If it is text, put it in double quotes: "{token.text}".'
    return f'a value should stand here: "text", a number or $PLACEHOLDER, not {token.described}.'


def _placeholder(token: Token, text: str) -> Placeholder:
    name = text[1:]
    if len(name) > FILTER_PARAMETER_MAX_LENGTH:
        raise _wrong(token, f"the placeholder's name is longer than {FILTER_PARAMETER_MAX_LENGTH} characters.")
    return Placeholder(name)
