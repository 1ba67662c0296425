"""Requests made from the service models: right, but for something odd at one or two places.

What is right for a member comes from its shape and from the ARNs of things that exist; what is odd is the same for all:
wrong types, texts that are huge or hold null bytes and lone surrogates, deep nesting, numbers beyond any machine's.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
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


def one_among(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Give one of some values that are too large to be shown in messages."""
    return st.integers(0, len(values) - 1).map(lambda place: values[place])


ODD_TEXTS = (
    *("", " ", "\x00", "a\x00b", "\ud800", "i1\udfff", "\ufeff", "\u202e", "🦊" * 70, "é" * 300, "x" * 70_000),
    *("$LATEST", "../../etc/passwd", "' OR 1=1 --", "{}", "[]", "null", "NaN", "1e999", "-0", "0x10", "1_000", "٣"),
    *("%s%n", "a|b||", '"', "\\", "\r\n", "arn:aws:personalize:::recipe/none", "s3://", "s3:///", "rate(0 days)"),
)
ODD_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, HUGE, -HUGE, 0.1, -0.0, 1e308, 1e-320, 2**53 + 1, 1e18)
TEXTS = one_among(ODD_TEXTS) | st.text(max_size=30)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | one_among(ODD_NUMBERS) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ODD_VALUES = JSON_VALUES | st.sampled_from([20, 200]).map(nested)

COLUMNS = ("EVENT_VALUE", "eventValue", "CATEGORY", "MEMBERSHIP", "ITEM_ID", "itemId", "userId", "")
ODD_PROPERTIES = (
    "[]",
    "null",
    '"{}"',
    "{",
    "[" * 900,
    '{"a":' * 150 + "1" + "}" * 150,
    '{"CATEGORY": NaN}',
    '{"x": 1e400}',
)
RIGHT_PROPERTIES = ("{}", '{"CATEGORY": "news"}', '{"membership": "gold"}', '{"eventValue": 1.5}')
PROPERTIES = st.one_of(
    st.sampled_from(RIGHT_PROPERTIES),
    st.dictionaries(st.sampled_from(COLUMNS) | TEXTS, JSON_VALUES, max_size=4).map(json.dumps),
    one_among(ODD_PROPERTIES),
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
RIGHT_FIELDS = [{"name": name, "type": "string"} for name in ("USER_ID", "ITEM_ID")] + [
    {"name": "TIMESTAMP", "type": "long"}
]
AVRO = (SCHEMA_FIELDS | SCHEMA_FIELDS.map(lambda more: RIGHT_FIELDS + more) | st.just(RIGHT_FIELDS)).map(
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
    "tagKey": st.sampled_from(["team", "desk", "a b"]),
    "tagValue": st.sampled_from(["news", ""]),
    "sentAt": TIMES,
    "timestamp": TIMES,
    "roleArn": st.just("arn:aws:iam::123456789012:role/personalize"),
    "kmsKeyArn": st.just("arn:aws:kms:us-east-1:123456789012:key/x"),
    "recipeArn": st.sampled_from([recipe.arn for recipe in RECIPES.values()]),
    "eventValueThreshold": st.sampled_from(["0.5", "much", "1e999", "nan"]),
    "expression": st.sampled_from(["SUM(Items.PRICE)", "SAMPLECOUNT()", "SUM("]),
}


# Members that a request hardly means anything without, though the model does not require them.
USUAL = frozenset({"campaignArn", "userId", "recipeArn", "metricAttributionArn", "roleArn"})


class Requests:
    """Requests of shapes, in a town whose ARNs are known by the members that name them (`campaignArn` …)."""

    def __init__(self, arns: Mapping[str, str], tracking_id: str) -> None:
        everything = st.sampled_from(sorted(arns.values()))
        own = {name: st.just(arn) | st.just(arn) | st.just(arn) | everything for name, arn in arns.items()}
        self._arns = everything
        self._members = {**MEMBERS, **own, "trackingId": st.just(tracking_id)}

    def of(self, shape: Shape) -> st.SearchStrategy[Any]:
        """Give requests of an operation."""
        return _requests(self._structure(shape))

    def _structure(self, shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
        members = {name: self._value(member, name) for name, member in shape.members.items()}
        required = {name: members[name] for name in shape.required_members}
        optional = sorted(members.keys() - required)
        chosen = st.sets(st.sampled_from(optional), max_size=3) if optional else st.just(set())
        chosen |= chosen.map(lambda more: more | USUAL.intersection(optional))
        return chosen.flatmap(
            lambda more: st.fixed_dictionaries(required | {name: members[name] for name in sorted(more)})
        )

    def _value(self, shape: Shape, name: str) -> st.SearchStrategy[Any]:
        """Give values that are right for a member."""
        if name in self._members:
            return self._members[name]
        rules = shape.metadata
        match shape.type_name:
            case "structure":
                return self._structure(shape)
            case "list":
                sizes = {"min_size": rules.get("min", 0), "max_size": max(2, rules.get("min", 0))}
                return st.lists(self._value(shape.member, name.removesuffix("s")), **sizes)
            case "map":
                keys = st.sampled_from(shape.key.metadata.get("enum") or ["ITEMS", "CATEGORY", "explorationWeight"])
                return st.dictionaries(keys, self._value(shape.value, ""), max_size=2)
            case "boolean":
                return st.booleans()
            case "integer" | "long":
                return st.integers(max(rules.get("min", 0), -(10**6)), min(rules.get("max", 500), 10**6))
            case "float" | "double":
                return st.sampled_from([0.0, 0.5, 1.0])
            case _:
                return self._string(shape, name)

    def _string(self, shape: Shape, name: str) -> st.SearchStrategy[str]:
        if enum := shape.metadata.get("enum"):
            return st.sampled_from(enum)
        if name.lower().endswith("arn"):
            return self._arns
        return st.sampled_from(["a", "b", "front-page", "news", "x1"])


@st.composite
def _requests(draw: st.DrawFn, right: st.SearchStrategy[Any]) -> Any:
    request = draw(right)
    for _ in range(draw(st.integers(0, 2))):
        request = _spoiled(draw, request)
    return request


def _spoiled(draw: st.DrawFn, request: Any) -> Any:
    """Put something odd at one place of a request, or leave that place out; in rare cases the whole is odd."""
    place = draw(st.sampled_from([(), *_places(request)]))
    if not place or not isinstance(request, dict | list):
        return draw(ODD_VALUES | st.just({}))
    parent = request = copy.deepcopy(request)
    for step in place[:-1]:
        parent = parent[step]
    if isinstance(parent, dict) and draw(st.integers(0, 5)) == 0:
        del parent[place[-1]]
    else:
        parent[place[-1]] = draw(TEXTS if isinstance(parent[place[-1]], str) and draw(st.booleans()) else ODD_VALUES)
    return request


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to everything inside a value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, entry in entries:
        yield (*path, step)
        yield from _places(entry, (*path, step))
