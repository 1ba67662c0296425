"""Kinds of request fields: how each is read, and how the OpenAPI document and the docs describe it.

Blank texts and null are as good as absent. Blanks are space, tab, and line ends: the same here and in the schemas.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from personalize_spec.reader_ids import BLANKS
from recommendations.errors import InvalidRequestError

MAX_TEXT = 1000  # Personalize's context and filter values; documented
MAX_ENTRIES = 500
PLAIN_BREAKERS = re.compile('[\x00-\x1f"\\\\\ud800-\udfff]')


@dataclass(frozen=True)
class Text:
    """A string."""

    most: int = MAX_TEXT
    words = "string"

    def read(self, name: str, value: Any) -> str:
        """Errors: InvalidRequestError for no string, one too long, or half a character."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise InvalidRequestError(f"{name} must be a string.")
        if len(value) > self.most:
            raise InvalidRequestError(f"{name} has {len(value)} characters: send at most {self.most}.")
        return whole(name, value).strip(BLANKS)

    def schema(self, required: bool) -> dict[str, Any]:
        if required:
            return {"type": "string", "minLength": 1, "maxLength": self.most, "pattern": "[^ \\t\\r\\n]"}
        return {"type": ["string", "null"], "maxLength": self.most}


@dataclass(frozen=True)
class WholeNumber:
    """A whole number, or its digits."""

    least: int
    most: int
    default: int

    @property
    def words(self) -> str:
        return f"whole number {self.least}–{self.most}, or its digits"

    def read(self, name: str, value: Any) -> int:
        """Errors: InvalidRequestError for anything but a whole number within the limits."""
        if value is None:
            return self.default
        number = self._number(value)
        if number is None or not self.least <= number <= self.most:
            raise InvalidRequestError(
                f"{name} must be a whole number from {self.least} to {self.most}; without it, {self.default}."
            )
        return number

    def _number(self, value: Any) -> int | None:
        if isinstance(value, str):
            return int(value) if re.fullmatch(r"[0-9]{1,9}", value := value.strip(BLANKS)) else None
        if isinstance(value, float):
            return int(value) if value.is_integer() else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def schema(self, required: bool) -> dict[str, Any]:
        digits = {"type": "string", "pattern": "^(?:[1-9][0-9]?|[1-4][0-9]{2}|500)$"}
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, digits, {"type": "null"}], "default": self.default}


@dataclass(frozen=True)
class TextList:
    """Strings: a list, or one string with commas; each once, in order."""

    most_characters: int = MAX_TEXT
    words = "comma list, or list of strings"

    def read(self, name: str, value: Any) -> tuple[str, ...]:
        """Errors: InvalidRequestError for anything else, or too much of it."""
        if value is None:
            return ()
        pieces = [value] if isinstance(value, str) else value
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            raise InvalidRequestError(f"{name} must be a comma-separated string or a list of strings.")
        parts = tuple(dict.fromkeys(part for piece in pieces for part in split_list(whole(name, piece))))
        if len(parts) > MAX_ENTRIES:
            raise InvalidRequestError(f"{name} has {len(parts)} entries: send at most {MAX_ENTRIES}.")
        if any(len(part) > self.most_characters for part in parts):
            raise InvalidRequestError(
                f"an entry of {name} is too long: send at most {self.most_characters} characters."
            )
        return parts

    def schema(self, required: bool) -> dict[str, Any]:
        text = {"type": "string", "maxLength": self.most_characters}
        filled = {"pattern": "[^ ,\\t\\r\\n]"} if required else {}
        many: dict[str, Any] = {"type": "array", "items": {**text, **filled}, "maxItems": 50}
        if required:
            return {"anyOf": [{**text, **filled}, {**many, "minItems": 1}]}
        return {"anyOf": [text, many, {"type": "null"}]}


@dataclass(frozen=True)
class Anything:
    """A field that is accepted and changes nothing."""

    words = "anything"

    def read(self, name: str, value: Any) -> None:
        return None

    def schema(self, required: bool) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Columns:
    """A flat JSON object, small enough for the `properties` of an event: 1024 characters, documented."""

    most: int = 5  # metadata columns of an Interactions dataset; documented
    name_characters: int = 64
    value_characters: int = 128
    words = "object of texts, numbers, true and false"

    def read(self, name: str, value: Any) -> dict[str, Any]:
        """Errors: InvalidRequestError for more, longer or other values than an event can have."""
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > self.most:
            raise InvalidRequestError(f"{name} must be an object of at most {self.most} entries.")
        for key, entry in value.items():
            plain = (
                entry is None or isinstance(entry, bool | int | str) or (isinstance(entry, float) and isfinite(entry))
            )
            text = entry if isinstance(entry, str) else ""
            if not plain or not self._fits(key, self.name_characters) or not self._fits(text, self.value_characters):
                raise InvalidRequestError(
                    f"an entry of {name} cannot be sent: names have at most {self.name_characters} characters, values "
                    f"{self.value_characters}, without quotes, backslashes and control characters."
                )
        return value

    def _fits(self, text: str, most: int) -> bool:
        return len(text) <= most and not PLAIN_BREAKERS.search(text)

    def schema(self, required: bool) -> dict[str, Any]:
        plain = '^[^\\u0000-\\u001f"\\\\]*$'
        kinds = ["string", "number", "boolean", "null"]
        return {
            "type": ["object", "null"],
            "maxProperties": self.most,
            "propertyNames": {"maxLength": self.name_characters, "pattern": plain},
            "additionalProperties": {"type": kinds, "maxLength": self.value_characters, "pattern": plain},
        }


@dataclass(frozen=True)
class Field:
    """A field by name, its kind, and what it is for."""

    name: str
    kind: Any
    meaning: str
    required: bool = False

    def read(self, data: Mapping[str, Any]) -> Any:
        """Read the field out of an object.

        Errors: InvalidRequestError naming the field and what to change.
        """
        value = self.kind.read(self.name, data.get(self.name))
        if self.required and not value:
            raise InvalidRequestError(f"{self.name} is missing: send {self.meaning}.")
        return value


def read_fields(fields: tuple[Field, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """Read all fields that mean something."""
    return {field.name: field.read(data) for field in fields if not isinstance(field.kind, Anything)}


def object_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Describe an object of these fields; what else it holds does no harm."""
    described = {field.name: {**field.kind.schema(field.required), "description": field.meaning} for field in fields}
    required = [field.name for field in fields if field.required]
    return {"type": "object", "properties": described, **({"required": required} if required else {})}


def whole(name: str, value: str) -> str:
    """Refuse half of a surrogate pair: it can be sent nowhere."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(f"{name} holds half a character: send whole Unicode characters.") from None
    return value


def split_list(text: str) -> tuple[str, ...]:
    """Split a comma list, dropping blanks."""
    return tuple(part for piece in text.split(",") if (part := piece.strip(BLANKS)))
