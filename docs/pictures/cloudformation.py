"""Read CloudFormation YAML: the short intrinsic forms become one-key mappings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """SafeLoader that understands `!Ref`, `!GetAtt`, `!Sub` and their like."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path) -> dict[str, Any]:
    """Read one template or state machine definition."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def references(value: Any) -> set[str]:
    """Name every logical id that a part of a template refers to."""
    if isinstance(value, list):
        return set().union(*(references(part) for part in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, part in value.items():
        found |= _names(key, part) if key in {"Ref", "Fn::GetAtt", "Fn::Sub"} else references(part)
    return found


def _names(intrinsic: str, part: Any) -> set[str]:
    if intrinsic == "Ref":
        return {part}
    if intrinsic == "Fn::GetAtt":
        return {part.split(".")[0] if isinstance(part, str) else part[0]}
    text, values = (part, {}) if isinstance(part, str) else (part[0], part[1])
    pieces = [piece.split("}")[0] for piece in text.split("${")[1:]]
    return {piece.split(".")[0] for piece in pieces if "::" not in piece} | references(values)
