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
[pipeline's README](../mlops/personalize-step-functions/README.md). For an editor that completes and checks while you
write, the same as JSON Schema: [params.schema.json](../mlops/params.schema.json). Checks that a schema cannot say,
of your data too: `personalize-local check params.json DATA…`.

`[]` is each entry of a list, `.*` each key of your own choice. A key is required within its object.

| key | type | required | what it says |
|---|---|---|---|
"""


def files() -> dict[Path, str]:
    """Give both files' texts."""
    rows = "\n".join(_row(path, shape) for path, shape in _keys("", FILE))
    return {PAGE: f"{_HEAD}{rows}\n", SCHEMA: f"{json.dumps(json_schema(), indent=1)}\n"}


def _keys(path: str, shape: Shape) -> Iterator[tuple[str, Shape]]:
    for key, each in shape.keys.items():
        place = f"{path}.{key}" if path else key
        yield place, each
        yield from _keys(place, each)
    if shape.item is not None and shape.item.keys:
        yield from _keys(f"{path}[]" if shape.kind == "list" else f"{path}.*", shape.item)


def _row(path: str, shape: Shape) -> str:
    says = [describe(shape), _limits(shape), _choices(shape)]
    return f"| `{path}` | {_type(shape)} | {'yes' if shape.required else ''} | {'; '.join(filter(None, says))} |"


def _type(shape: Shape) -> str:
    kind = {"map": "object"}.get(shape.kind, shape.kind)
    return f"{kind} of {shape.item.kind}s" if shape.item and not shape.item.keys else kind


def _limits(shape: Shape) -> str:
    if shape.kind in ("name", "numeric string") or (shape.minimum, shape.maximum) == (None, None):
        return ""
    unit = {"string": " characters", "list": " entries", "map": " entries"}.get(shape.kind, "")
    low = f"{shape.minimum:g}" if shape.minimum is not None else ""
    high = f"{shape.maximum:,g}" if shape.maximum is not None else ""
    if low and high:
        return f"{low} to {high}{unit}"
    return f"at least {low}{unit}" if low else f"at most {high}{unit}"


def _choices(shape: Shape) -> str:
    return ", ".join(f"`{choice}`" for choice in shape.choices)
