"""CSV files that fit the schemas of a parameter file, small and good; tests break them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from personalize_spec.preflight import DataFile

NOW_EPOCH_S = 1_777_885_200.0  # 2026-05-04T09:00:00Z
USERS, ITEMS, ROUNDS = 40, 30, 26
Rows = list[dict[str, str]]

_KNOWN: dict[str, Callable[[int], str]] = {
    "USER_ID": lambda place: f"u{place % USERS}",
    "ITEM_ID": lambda place: f"i{place % ITEMS}",
    "TIMESTAMP": lambda place: str(int(NOW_EPOCH_S) - 60 * place),
    "CREATION_TIMESTAMP": lambda place: str(int(NOW_EPOCH_S) - 3600 * place),
    "EVENT_TYPE": lambda place: "page_view",
}
_BY_TYPE = {"string": "a word", "int": "1", "long": "1", "float": "0.5", "double": "0.5", "boolean": "true"}
_COUNTS = {"Interactions": USERS * ROUNDS, "Items": ITEMS, "Users": USERS}


def good_rows(parameters: dict[str, Any], dataset: str) -> Rows:
    """Rows enough to train on, for one dataset of the file."""
    fields = parameters["datasets"][dataset]["schema"]["fields"]
    return [{field["name"]: _value(field, place) for field in fields} for place in range(_COUNTS[dataset])]


def csv_text(rows: Rows) -> str:
    """The rows as a file with a header."""
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def data_file(name: str, text: str | bytes) -> DataFile:
    """A file that is in memory."""
    body = text.encode() if isinstance(text, str) else text
    return DataFile(name, len(body), lambda start, end: body[start:end])


def good_files(parameters: dict[str, Any]) -> dict[str, list[DataFile]]:
    """One good file for each dataset of the parameter file."""
    return {
        name: [data_file(f"{name}/part-1.csv", csv_text(good_rows(parameters, name)))]
        for name in parameters["datasets"]
    }


def _value(field: dict[str, Any], place: int) -> str:
    if field["name"] in _KNOWN:
        return _KNOWN[field["name"]](place)
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return _BY_TYPE[next(kind for kind in kinds if kind != "null")]
