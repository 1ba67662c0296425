"""docs/params.md and mlops/params.schema.json from the format of the parameter file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from personalize_spec.parameters import FILE, json_schema
from personalize_spec.parameters.json_schema import describe
from personalize_spec.parameters.shapes import Shape

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "params.md"
SCHEMA = ROOT / "mlops" / "params.schema.json"
_HEAD = """# The parameter file, key by key

Made from the format itself (`python -m docs.params`). What keys are for, with examples: the
[pipeline's README](../mlops/personalize-step-functions/README.md). Files that pass the check:
[the newspaper's](../mlops/params.json), [one with nearly every key](../mlops/examples/every-key.json),
[one with recommenders](../mlops/examples/recommenders.json). For an editor that completes and checks while you write,
the same as JSON Schema: [params.schema.json](../mlops/params.schema.json); a file names it in its key `$schema`. Checks
that a schema cannot say, of your data too: `personalize-local check params.json DATA…`.

`[]` is each entry of a list, `.*` each key of your own choice. A key is required within its object. Objects that stand
in several places are described once; the other places say where.

| key | type | required | what it says |
|---|---|---|---|
"""


def files() -> dict[Path, str]:
    """Give both files' texts."""
    rows = "\n".join(_rows("", FILE, {}))
    return {PAGE: f"{_HEAD}{rows}\n", SCHEMA: f"{json.dumps(json_schema(), indent=1)}\n"}


def _rows(path: str, shape: Shape, described: dict[int, str]) -> Iterator[str]:
    """Write a row for each key below a shape; `described` is where each object was described first."""
    for key, each in _members(shape):
        place = f"{path}{key}" if key.startswith("[") else f"{path}.{key}".removeprefix(".")
        first = described.get(id(_body(each)))
        if _body(each).keys and first is None:
            described[id(_body(each))] = f"{place}[]" if each.kind == "list" else place
        yield _row(place, each, first)
        if first is None:
            yield from _rows(place, each, described)


def _body(shape: Shape) -> Shape:
    """The object that a shape is, or a list of which it is."""
    return shape.item if shape.kind == "list" and shape.item is not None else shape


def _members(shape: Shape) -> Iterator[tuple[str, Shape]]:
    yield from shape.keys.items()
    if shape.item is None:
        return
    if shape.kind == "list":
        yield from ((f"[].{key}", each) for key, each in shape.item.keys.items())
    elif shape.item.keys:
        yield "*", shape.item


def _row(path: str, shape: Shape, first: str | None) -> str:
    says = [describe(shape), _limits(shape), _choices(shape), f"keys as in `{first}`" if first else ""]
    return f"| `{path}` | {_type(shape)} | {'yes' if shape.required else ''} | {'; '.join(filter(None, says))} |"


def _type(shape: Shape) -> str:
    kind = {"map": "object"}.get(shape.kind, shape.kind)
    return f"{kind} of {shape.item.kind}s" if shape.item and not shape.item.keys else kind


def _limits(shape: Shape) -> str:
    if shape.kind in ("name", "numeric string") or (shape.minimum, shape.maximum) == (None, None):
        return ""
    unit = {"string": " characters", "list": " entries", "map": " entries"}.get(shape.kind, "")
    low = f"{shape.minimum:,.10g}" if shape.minimum is not None else ""
    high = f"{shape.maximum:,.10g}" if shape.maximum is not None else ""
    if low and high:
        return f"{low} to {high}{unit}"
    return f"at least {low}{unit}" if low else f"at most {high}{unit}"


def _choices(shape: Shape) -> str:
    return ", ".join(f"`{choice}`" for choice in shape.choices)
