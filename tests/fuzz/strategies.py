"""Requests made from the service models: mostly valid, with something odd in them here and there.

What is right for a member comes from its shape and from the ARNs of things that exist; what is odd is the same for all:
wrong types, texts that are huge or hold null bytes and lone surrogates, deep nesting, numbers beyond any machine's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.model import Shape
from hypothesis import strategies as st

from personalize_spec.recipes import RECIPES

HUGE = 10**400


def nested(depth: int) -> list[Any]:
    """Give a list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


ODD_TEXTS = (
    *("", " ", "\x00", "a\x00b", "\ud800", "i1\udfff", "\ufeff", "\u202e", "🦊" * 70, "é" * 300, "x" * 70_000),
    *("$LATEST", "../../etc/passwd", "' OR 1=1 --", "{}", "[]", "null", "NaN", "1e999", "-0", "0x10", "1_000", "٣"),
    *("%s%n", "a|b||", '"', "\\", "\r\n", "arn:aws:personalize:::recipe/none", "s3://", "s3:///", "rate(0 days)"),
)
ODD_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, HUGE, -HUGE, 0.1, -0.0, 1e308, 1e-320, 2**53 + 1, 1e18)
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(max_size=30)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from(ODD_NUMBERS) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ODD_VALUES = JSON_VALUES | st.sampled_from([20, 200]).map(nested)

COLUMNS = (
    "EVENT_VALUE",
    "eventValue",
    "CATEGORY",
    "MEMBERSHIP",
    "ITEM_ID",
    "itemId",
    "userId",
    "CREATION_TIMESTAMP",
    "",
)
PROPERTIES = st.dictionaries(st.sampled_from(COLUMNS) | TEXTS, JSON_VALUES, max_size=4).map(
    json.dumps
) | st.sampled_from(
    ["{}", "[]", "null", '"{}"', "{", "[" * 900, '{"a":' * 150 + "1" + "}" * 150, '{"CATEGORY": NaN}', '{"x": 1e400}']
)
EXPRESSIONS = (
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "INCLUDE ItemID WHERE Items.CATEGORY IN ($C)",
    'INCLUDE ItemID WHERE Items.CATEGORY = "a" IF CurrentUser.MEMBERSHIP = "gold"',
    'INCLUDE UserID WHERE Users.MEMBERSHIP IN ("gold")',
    "INCLUDE ItemID WHERE Items.NONE > 1e999",
    "INCLUDE ItemID WHERE Items.CATEGORY = CurrentItem.CATEGORY",
    'INCLUDE ItemID WHERE Items.CATEGORY IN ("\ud800")',
)
SCHEMA_FIELDS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "CATEGORY", "x"]) | TEXTS},
        optional={
            "type": st.sampled_from(["string", "long", "int", "float", "null", ["null", "string"], []]) | JSON_VALUES,
            "categorical": st.booleans() | JSON_VALUES,
            "textual": st.booleans(),
        },
    ),
    max_size=5,
)
AVRO = SCHEMA_FIELDS.map(
    lambda fields: json.dumps({"type": "record", "name": "Interactions", "fields": fields, "version": "1.0"})
)
TIMES = st.sampled_from([1_767_225_600, 0, -1, 1.5, 1e12, 1e15, "1767225600", "2026-01-01T00:00:00Z", "", "0001-01-01"])
MEMBERS: Mapping[str, st.SearchStrategy[Any]] = {
    "properties": PROPERTIES,
    "filterExpression": st.sampled_from(EXPRESSIONS),
    "schema": AVRO,
    "userId": st.sampled_from(["u1", "u2", "nobody"]),
    "itemId": st.sampled_from(["i1", "i2", "nothing"]),
    "datasetType": st.sampled_from(["Interactions", "ITEMS", "users", "Actions", "Action_Interactions", "x"]),
    "dataLocation": st.sampled_from(["s3://bucket/key", "s3://bucket/", "http://a/b", "s3:///x"]),
    "path": st.sampled_from(["s3://bucket/out/", "s3://b", "https://example.com/x"]),
    "schedulingExpression": st.sampled_from(["rate(7 days)", "rate(1 day)", "rate(0 days)", "rate(99 days)"]),
    "roleArn": st.just("arn:aws:iam::123456789012:role/personalize"),
    "kmsKeyArn": st.just("arn:aws:kms:us-east-1:123456789012:key/x"),
    "recipeArn": st.sampled_from([recipe.arn for recipe in RECIPES.values()]),
    "eventValueThreshold": st.sampled_from(["0.5", "much", "1e999", "nan"]),
    "expression": st.sampled_from(["SUM(Items.PRICE)", "SAMPLECOUNT()", "SUM("]),
}


class Requests:
    """Requests of shapes, in a town whose ARNs are known by their members."""

    def __init__(self, arns: Sequence[str], tracking_id: str) -> None:
        self._arns = st.sampled_from(sorted(arns))
        self._members = {**MEMBERS, "trackingId": st.just(tracking_id)}

    def of(self, shape: Shape) -> st.SearchStrategy[Any]:
        """Give requests of an operation; one in some is not even an object."""
        return st.one_of(self._structure(shape), self._structure(shape), self._structure(shape), ODD_VALUES)

    def _value(self, shape: Shape, name: str) -> st.SearchStrategy[Any]:
        """Give a member's values: four times what is right for it, once anything."""
        right = self._members.get(name) or self._right(shape, name)
        return st.integers(0, 9).flatmap(lambda dice: (TEXTS | ODD_VALUES) if dice == 0 else right)

    def _structure(self, shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
        members = {name: self._value(member, name) for name, member in shape.members.items()}
        required = {name: members[name] for name in shape.required_members}
        optional = {name: values for name, values in members.items() if name not in required}
        whole = st.fixed_dictionaries(required, optional=optional)
        partial = st.fixed_dictionaries({}, optional={**members, "unknownMember": ODD_VALUES})
        return st.integers(0, 9).flatmap(lambda dice: partial if dice == 0 else whole)

    def _right(self, shape: Shape, name: str) -> st.SearchStrategy[Any]:
        match shape.type_name:
            case "structure":
                return self._structure(shape)
            case "list":
                return st.lists(self._value(shape.member, name.removesuffix("s")), max_size=4)
            case "map":
                return st.dictionaries(
                    st.sampled_from(["ITEMS", "CATEGORY", "a b"]) | TEXTS, self._value(shape.value, "")
                )
            case "timestamp":
                return TIMES
            case "boolean":
                return st.booleans()
            case "integer" | "long" | "float" | "double":
                return st.sampled_from([1, 2, 10, 100, 0.5]) | st.sampled_from(ODD_NUMBERS)
            case _:
                return self._string(shape, name)

    def _string(self, shape: Shape, name: str) -> st.SearchStrategy[str]:
        if enum := shape.metadata.get("enum"):
            return st.sampled_from(enum)
        if name.lower().endswith("arn"):
            return self._arns
        return st.sampled_from(["a", "b", "front-page", "news", "x1"]) | TEXTS
