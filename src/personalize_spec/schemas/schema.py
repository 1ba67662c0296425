"""A dataset's schema once read: its fields in order, and the text it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from personalize_spec.schemas.rules import ACTION_BOUNDS, DATASET_RULES

NUMERIC_TYPES = ("int", "long", "float", "double")
AVRO_TYPES = ("string", *NUMERIC_TYPES, "boolean")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def fold_column(name: str) -> str:
    """Reduce a column's name to what the service tells names apart by: letters and digits, without case.

    `CATEGORY_L1` and the event property `categoryL1` fold to the same. Source: contract §3.1, §3.7.
    """
    return _NOT_ALPHANUMERIC.sub("", name).casefold()


@dataclass(frozen=True)
class Field:
    """A column. `types` holds its Avro types without null; the service allows one."""

    name: str
    types: tuple[str, ...]
    nullable: bool = False
    categorical: bool = False
    textual: bool = False
    item_name: bool = False

    @property
    def is_numeric(self) -> bool:
        """Tell whether the values are numbers."""
        return all(each in NUMERIC_TYPES for each in self.types)

    @property
    def is_string(self) -> bool:
        """Tell whether the values are strings."""
        return self.types == ("string",)

    @property
    def is_boolean(self) -> bool:
        """Tell whether the values are true and false."""
        return self.types == ("boolean",)


@dataclass(frozen=True)
class DatasetSchema:
    """A flat record. `text` is the JSON as it was submitted: DescribeSchema gives it back unchanged."""

    name: str
    fields: tuple[Field, ...]
    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the schema's order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field | None:
        """Find a column by name, in any letter case."""
        folded = name.casefold()
        return next((field for field in self.fields if field.name.casefold() == folded), None)

    def field_for_property(self, name: str) -> Field | None:
        """Find the column an event's or a record's camelCase property is for."""
        folded = fold_column(name)
        return next((field for field in self.fields if fold_column(field.name) == folded), None)

    def bounds(self, name: str) -> tuple[float, float] | None:
        """Give the least and the greatest value of a column; None where any number will do.

        An Actions dataset is told by its ids. Source: contract §3.2; that no frequency is below 0 is inferred.
        """
        return ACTION_BOUNDS.get(name.upper()) if self._is_of_actions else None

    @cached_property
    def _is_of_actions(self) -> bool:
        return self.field("ACTION_ID") is not None and self.field("USER_ID") is None

    def metadata_fields(self, dataset_type: str) -> tuple[Field, ...]:
        """Give the columns that are neither required nor reserved for the type of dataset."""
        known = DATASET_RULES[dataset_type.upper()].columns
        return tuple(field for field in self.fields if field.name.upper() not in known)
