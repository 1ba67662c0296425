"""Read the text of the parameter file; pure."""

from __future__ import annotations

import json
from typing import Any

from personalize_spec.parameters.finding import Finding

MAX_BYTES = 100_000  # keeps the plan made of the file within what an execution's state may hold, 256 KiB


def parse_parameter_file(body: bytes) -> tuple[Any, list[Finding]]:
    """Parse the file; give the data, and a finding for each thing that stops it from being JSON or says a key twice.

    The data is None when it could not be read at all; then there are findings.
    """
    if len(body) > MAX_BYTES:
        text = f"The file has more than {MAX_BYTES:,} bytes, which is the most the workflow can carry: shorten it."
        return None, [Finding("", text)]
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Finding("", f"The file is not UTF-8 text (byte {error.start}): save it as UTF-8.")]
    repeated: list[str] = []
    try:
        data = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, repeated))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        cure = "Correct that place and upload it again."
        return None, [Finding("", f"The file is not JSON: {error.msg} at {place}. {cure}")]
    except RecursionError:
        return None, [Finding("", "The file is nested too deeply to be a parameter file.")]
    return data, [
        Finding("", f"The key '{key}' is given twice in one object: remove one of the two.") for key in repeated
    ]


def _object(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    repeated.extend(dict.fromkeys(key for key in keys if keys.count(key) > 1))
    return dict(pairs)
