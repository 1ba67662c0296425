"""DynamoDB's attribute values as plain JSON values: one pass, as a row is read for every article of every list."""

from typing import Any


def plain_row(item: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Give a row's values."""
    return {name: plain_value(value) for name, value in item.items()}


def plain_value(value: dict[str, Any]) -> Any:
    """Give one value: numbers as int or float, sets as sorted lists.

    Errors: KeyError for a type that DynamoDB does not have.
    """
    ((kind, content),) = value.items()
    return _READERS[kind](content)


def number(text: str) -> int | float:
    """Read a number; whole ones are int."""
    try:
        return int(text)
    except ValueError:
        amount = float(text)
        return int(amount) if amount.is_integer() else amount


_READERS = {
    "S": str,
    "N": number,
    "BOOL": bool,
    "NULL": lambda content: None,
    "B": bytes,
    "L": lambda content: [plain_value(entry) for entry in content],
    "M": plain_row,
    "SS": sorted,
    "NS": lambda content: sorted(map(number, content)),
    "BS": sorted,
}
