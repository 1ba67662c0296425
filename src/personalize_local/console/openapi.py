"""An OpenAPI document as rows: each operation with its fields and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def operations_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the operations in the document's order."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "needs_key": bool(operation.get("security")),
            "fields": [*_parameters(operation), *_body_fields(operation)],
            "answers": [
                {"status": status, "says": answer.get("description", "")}
                for status, answer in sorted(operation.get("responses", {}).items())
            ],
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def _parameters(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in operation.get("parameters", ()):
        yield _row(one["name"], one.get("schema", {}), one.get("required", False), one.get("description", ""))


def _body_fields(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    yield from _fields(content.get("application/json", {}).get("schema", {}), "")


def _fields(schema: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    for name, one in schema.get("properties", {}).items():
        inner = next(iter(one.get("prefixItems", ())), one.get("items", {}))
        yield _row(where + name, one, name in schema.get("required", ()), one.get("description", ""))
        if isinstance(inner, Mapping) and "properties" in inner:
            yield from _fields(inner, f"{where}{name}[0].")
        if "properties" in one:
            yield from _fields(one, f"{where}{name}.")


def _row(name: str, schema: Mapping[str, Any], required: bool, says: str) -> dict[str, Any]:
    return {"name": name, "type": _type(schema), "required": required, "says": says}


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind for one in schema["anyOf"] if (kind := _type(one)) != "null"))
    kind = schema.get("type", "anything")
    return " or ".join(one for one in kind if one != "null") if isinstance(kind, list) else str(kind)
