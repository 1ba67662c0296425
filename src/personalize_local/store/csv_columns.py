"""How one CSV column becomes a typed one: the SQL of its value, of its refusal, and its longest legal text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from personalize_local.store.duck import identifier, literal
from personalize_spec.limits import CATEGORICAL_VALUE_MAX_LENGTH, ID_MAX_LENGTH, TEXTUAL_VALUE_MAX_LENGTH
from personalize_spec.schemas import Field

SQL_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "long": "BIGINT",
    "float": "DOUBLE",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
}
ID_COLUMNS = frozenset({"USER_ID", "ITEM_ID", "ACTION_ID"})
RESERVED_WORDS = ("EVENT_TYPE", "EVENT_VALUE", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE")


def sql_type(field: Field) -> str:
    """Give the type of a column's values in DuckDB."""
    return SQL_TYPES[field.types[0]]


@dataclass(frozen=True)
class ColumnRule:
    """A schema column and the SQL name of the CSV's text for it; `source` None when the CSV lacks the column.

    bounds: the least and the greatest number it takes; None for any.
    """

    field: Field
    source: str | None
    bounds: tuple[float, float] | None = None

    @property
    def value(self) -> str:
        """SQL of the typed value: null where the text is empty or not of the type."""
        if self.source is None:
            return f"CAST(NULL AS {sql_type(self.field)})"
        return _CASTS[self.field.types[0]].format(text=self._text)

    @property
    def refusal(self) -> str | None:
        """SQL of a WHEN branch that names why a row cannot be taken; None when every text will do."""
        if self.source is None:
            return None
        name, kind = self.field.name, self.field.types[0]
        branches = []
        if not self.field.nullable:
            branches.append(f"WHEN {self.source} IS NULL THEN {literal(f'{name} is empty')}")
        if not self.field.is_string:
            refused = literal(f"{name} is not of type {kind}")
            branches.append(f"WHEN {self.source} IS NOT NULL AND ({self.value}) IS NULL THEN {refused}")
        if self.bounds is not None:
            low, high = self.bounds
            refused = literal(f"{name} is not from {low:g} to {high:g}")
            branches.append(f"WHEN ({self.value}) NOT BETWEEN {low} AND {high} THEN {refused}")
        if name.upper() == "EVENT_TYPE":
            words = ", ".join(map(literal, RESERVED_WORDS))
            branches.append(f"WHEN {self.source} IN ({words}) THEN {literal(f'{name} is a reserved keyword')}")
        return " ".join(branches) or None

    @property
    def max_length(self) -> int | None:
        """The longest text the import takes; None where there is no limit (longer textual values are cut)."""
        if not self.field.is_string or self.field.textual or self.source is None:
            return None
        return ID_MAX_LENGTH if self.field.name.upper() in ID_COLUMNS else CATEGORICAL_VALUE_MAX_LENGTH

    @property
    def projection(self) -> str:
        """SQL of the column as the Parquet file holds it."""
        return f"{self.value} AS {identifier(self.field.name)}"

    @property
    def _text(self) -> str:
        return f"left({self.source}, {TEXTUAL_VALUE_MAX_LENGTH})" if self.field.textual else str(self.source)


_WHOLE = "CASE WHEN TRY_CAST({text} AS DOUBLE) = TRY_CAST({text} AS BIGINT) THEN TRY_CAST({text} AS BIGINT) END"
_FINITE = "CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END"
_CASTS: Mapping[str, str] = {
    "string": "{text}",
    "int": _WHOLE,
    "long": _WHOLE,
    "float": _FINITE,
    "double": _FINITE,
    "boolean": "TRY_CAST({text} AS BOOLEAN)",
}
