"""Read the Avro JSON of a schema, and explain all that is wrong with it at once.

Source: contract §3.1, §1.5. The record's name is free, as clients use names of their own; that it must be an Avro name
is inferred, and so is that names are told apart without letter case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import AVRO_SCHEMA_MAX_LENGTH, COLUMN_NAME_MAX_LENGTH
from personalize_spec.names import describe_type, did_you_mean, nearest
from personalize_spec.schemas.schema import AVRO_TYPES, DatasetSchema, Field, fold_column

NAMESPACE = "com.amazonaws.personalize.schema"
VERSION = "1.0"
FLAGS = {"categorical": "categorical", "textual": "textual", "itemName": "item_name"}
_FIELD_KEYS = ("name", "type", *FLAGS, "default", "doc", "order", "aliases")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NESTED = ("array", "map", "record", "enum", "fixed", "bytes")


@dataclass(frozen=True)
class SchemaProblem:
    """A mistake: where (`fields[2].type`, or "" for the whole), and what to change. A warning refuses nothing."""

    path: str
    message: str
    warning: bool = False


def parse_schema(text: str) -> DatasetSchema:
    """Read a schema.

    Errors: InvalidInputException that names every mistake and what to change.
    """
    problem = f"The schema has {len(text)} characters: shorten it to {AVRO_SCHEMA_MAX_LENGTH} or fewer."
    if len(text) <= AVRO_SCHEMA_MAX_LENGTH:
        try:
            return schema_from_data(json.loads(text), text)
        except json.JSONDecodeError as error:
            problem = f"The schema is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        except RecursionError:
            problem = "The schema is nested too deeply: a schema is a flat record."
    raise InvalidInputException(f"Invalid schema. {problem}")


def schema_from_data(data: object, text: str | None = None) -> DatasetSchema:
    """Build a schema from parsed JSON; `text` is what it was parsed from.

    Errors: InvalidInputException, as `parse_schema`.
    """
    errors = [problem for problem in find_schema_problems(data) if not problem.warning]
    if errors or not isinstance(data, Mapping):
        raise InvalidInputException("Invalid schema. " + " ".join(_sentence(problem) for problem in errors))
    fields = tuple(_field(each) for each in data["fields"])
    return DatasetSchema(data["name"], fields, json.dumps(data) if text is None else text)


def find_schema_problems(data: object) -> list[SchemaProblem]:
    """List everything wrong with a parsed Avro schema, whatever dataset it is for."""
    if not isinstance(data, Mapping):
        return [SchemaProblem("", f"The schema must be an Avro record, an object, not {describe_type(data)}.")]
    problems = [*_record_problems(data)]
    fields = data.get("fields")
    if not isinstance(fields, list) or not fields:
        return [*problems, SchemaProblem("fields", "The schema needs a list of one or more fields in 'fields'.")]
    for index, each in enumerate(fields):
        problems.extend(_field_problems(f"fields[{index}]", each))
    return [*problems, *_clashes(fields)]


def _sentence(problem: SchemaProblem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path else problem.message


def _record_problems(data: Mapping[str, object]) -> Iterator[SchemaProblem]:
    if data.get("type") != "record":
        yield SchemaProblem("type", 'The schema\'s type must be "record".')
    name = data.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield SchemaProblem("name", "The record needs a name of letters, digits and '_' that starts with no digit.")
    for key, usual in (("namespace", NAMESPACE), ("version", VERSION)):
        if data.get(key) != usual:
            yield SchemaProblem(key, f'The usual {key} is "{usual}": write that.', warning=True)


def _field_problems(path: str, data: object) -> Iterator[SchemaProblem]:
    if not isinstance(data, Mapping):
        yield SchemaProblem(path, f"A field is an object with a name and a type, not {describe_type(data)}.")
        return
    name = data.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > COLUMN_NAME_MAX_LENGTH:
        text = f"letters, digits and '_', no digit first, up to {COLUMN_NAME_MAX_LENGTH} characters"
        yield SchemaProblem(f"{path}.name", f"The field needs a name: {text}.")
    if problem := _type_problem(data.get("type")):
        yield SchemaProblem(f"{path}.type", problem)
    else:
        yield from _flag_problems(path, data)
    for key in data:
        if key not in _FIELD_KEYS and nearest(str(key), FLAGS):
            text = f"'{key}' has no meaning here and is ignored.{did_you_mean(str(key), FLAGS)}"
            yield SchemaProblem(f"{path}.{key}", text, warning=True)


def _type_problem(kind: object) -> str | None:
    if kind is None:
        return f"The field needs a type: one of {', '.join(AVRO_TYPES)}."
    kinds = kind if isinstance(kind, list) else [kind]
    for each in kinds:
        if isinstance(each, Mapping) or each in _NESTED:
            return "Nested and binary types are not supported: use a string, with '|' between several values."
        if not isinstance(each, str) or each not in (*AVRO_TYPES, "null"):
            hint = did_you_mean(each, AVRO_TYPES) if isinstance(each, str) else ""
            return f"'{each}' is not a type of Personalize. Use one of {', '.join(AVRO_TYPES)}.{hint}"
    if len(_non_null(kinds)) != 1 or len(kinds) > 2:
        return 'A type is one type, or a pair of one type and null, such as ["null", "string"].'
    return None


def _flag_problems(path: str, data: Mapping[str, object]) -> Iterator[SchemaProblem]:
    is_string = _non_null(data["type"]) == ("string",)
    for flag in FLAGS:
        if flag in data and not isinstance(data[flag], bool):
            yield SchemaProblem(f"{path}.{flag}", f"'{flag}' must be true or false, without quotes.")
        elif data.get(flag) and not is_string:
            yield SchemaProblem(f"{path}.{flag}", f"Only a string field can be {flag}: remove it, or make it a string.")
    if data.get("categorical") is True and data.get("textual") is True:
        yield SchemaProblem(path, "A field is either categorical or textual: remove one of the two.")


def _clashes(fields: list[object]) -> Iterator[SchemaProblem]:
    seen: dict[str, str] = {}
    for index, each in enumerate(fields):
        name = each.get("name") if isinstance(each, Mapping) else None
        if not isinstance(name, str):
            continue
        folded = fold_column(name)
        if folded in seen:
            text = f"'{name}' and '{seen[folded]}' are one name to Personalize, which sees letters and digits only."
            yield SchemaProblem(f"fields[{index}].name", f"{text} Rename one.")
        seen.setdefault(folded, name)


def _non_null(kind: object) -> tuple[str, ...]:
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(each for each in kinds if each != "null")


def _field(data: Mapping[str, object]) -> Field:
    kind = data["type"]
    flags = {attribute: bool(data.get(flag)) for flag, attribute in FLAGS.items()}
    return Field(str(data["name"]), _non_null(kind), isinstance(kind, list) and "null" in kind, **flags)
