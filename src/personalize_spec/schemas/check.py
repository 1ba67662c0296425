"""Check a schema against the type of dataset, and the domain, it is used for.

Source: contract §3.1-§3.3. That required columns are spelled in upper case is inferred.
"""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import ITEMS_MAX_TEXTUAL_COLUMNS
from personalize_spec.names import did_you_mean
from personalize_spec.schemas.rules import DATASET_RULES, DOMAIN_REQUIRED, DOMAIN_RESERVED, Column, DatasetRules
from personalize_spec.schemas.schema import DatasetSchema, Field

DATASET_TYPES = tuple(DATASET_RULES)


def dataset_type_of(text: str) -> str:
    """Give the dataset type in upper case, from any letter case.

    Errors: InvalidInputException for a type there is none of.
    """
    if text.upper() in DATASET_RULES:
        return text.upper()
    labels = [rules.label for rules in DATASET_RULES.values()]
    hint = did_you_mean(text, labels)
    raise InvalidInputException(f"'{text}' is not a dataset type. Use one of {', '.join(labels)}.{hint}")


def check_schema(schema: DatasetSchema, dataset_type: str, domain: str | None = None) -> list[str]:
    """Say what keeps a schema from being used for a dataset of the type; empty when nothing does.

    Errors: InvalidInputException for an unknown dataset type.
    """
    kind = dataset_type_of(dataset_type)
    rules = DATASET_RULES[kind]
    if domain and kind not in DOMAIN_REQUIRED[domain]:
        return [f"A dataset group of the domain {domain} has no {rules.label} dataset."]
    required = (*rules.required, *(DOMAIN_REQUIRED[domain][kind] if domain else ()))
    reserved = (*rules.reserved, *(DOMAIN_RESERVED[domain].get(kind, ()) if domain else ()))
    return [
        *(problem for column in required for problem in _required_problems(schema, rules.label, column)),
        *(problem for column in reserved for problem in _reserved_problems(schema, column, required)),
        *_metadata_problems(schema, kind, rules),
        *_textual_problems(schema, rules.label),
    ]


def _required_problems(schema: DatasetSchema, label: str, column: Column) -> Iterator[str]:
    field = _find(schema, column)
    if field is not None:
        yield from _shape_problems(field, column)
        return
    similar = schema.field(column.name) or schema.field_for_property(column.name)
    if similar is not None:
        yield f"The {label} schema has '{similar.name}' where it needs {column.name}: rename it."
        return
    flag = ', "categorical": true' if column.categorical else ""
    sample = f'{{"name": "{column.name}", "type": "{column.types[0]}"{flag}}}'
    yield f"The {label} schema has no column {' or '.join(column.names)}: add {sample}."


def _reserved_problems(schema: DatasetSchema, column: Column, required: tuple[Column, ...]) -> Iterator[str]:
    """A column that a domain requires is checked there, with stricter rules."""
    field = _find(schema, column)
    if field is not None and all(column.name not in each.names for each in required):
        yield from _shape_problems(field, column)


def _find(schema: DatasetSchema, column: Column) -> Field | None:
    return next((field for field in schema.fields if field.name in column.names), None)


def _shape_problems(field: Field, column: Column) -> Iterator[str]:
    if not set(field.types) <= set(column.types):
        yield f"{field.name} must be of type {' or '.join(column.types)}, not {', '.join(field.types)}."
    if field.nullable and not column.nullable:
        yield f'{field.name} is required, so it cannot be null: write "type": "{column.types[0]}".'
    if column.categorical is True and not field.categorical:
        yield f'{field.name} must be categorical: add "categorical": true.'
    if column.categorical is False and field.categorical:
        yield f'{field.name} cannot be categorical: remove "categorical".'


def _metadata_problems(schema: DatasetSchema, kind: str, rules: DatasetRules) -> Iterator[str]:
    """A reserved column such as CREATION_TIMESTAMP is counted as the one metadata column needed (inferred)."""
    count = len(schema.metadata_fields(kind))
    if count > rules.max_metadata:
        yield (
            f"The {rules.label} schema has {count} metadata columns, and at most {rules.max_metadata} are allowed: "
            f"remove {count - rules.max_metadata}."
        )
    if rules.needs_metadata and len(schema.fields) <= len(rules.required):
        yield f"The {rules.label} schema needs one or more metadata columns besides {rules.required[0].name}."


def _textual_problems(schema: DatasetSchema, label: str) -> Iterator[str]:
    named = [field.name for field in schema.fields if field.item_name]
    if named and label != "Items":
        yield f'Only an Items schema can have names of items: remove "itemName" from {", ".join(named)}.'
    textual = [field.name for field in schema.fields if field.textual]
    if textual and label != "Items":
        yield f'Only an Items schema can have textual columns: remove "textual" from {", ".join(textual)}.'
    elif len(textual) > ITEMS_MAX_TEXTUAL_COLUMNS:
        yield f"A schema can have one textual column, not {len(textual)}: keep one of {', '.join(textual)}."
