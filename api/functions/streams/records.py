"""Records of a Kinesis stream as Lambda passes them, and what becomes of each."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class SkippedError(Exception):
    """The record is no event or article for Personalize; the message is the rule that says so."""


class MalformedError(Exception):
    """The record cannot be understood; the message says why."""


@dataclass(frozen=True)
class Record:
    """One record."""

    sequence: str
    data: bytes
    arrived_epoch_s: float

    def fields(self) -> dict[str, Any]:
        """Read the record's JSON; names lose their case, as the batch data has them in lower case only.

        Errors: MalformedError.
        """
        try:
            parsed = json.loads(self.data.decode("utf-8"))
            json.dumps(parsed, ensure_ascii=False).encode()  # half characters could be sent nowhere
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"no JSON in UTF-8: {type(error).__name__}") from None
        if not isinstance(parsed, dict):
            raise MalformedError("no JSON object")
        return {name.lower(): value for name, value in parsed.items()}


def read_record(entry: Mapping[str, Any]) -> Record:
    """Read one entry of a Lambda event."""
    kinesis = entry["kinesis"]
    return Record(
        kinesis["sequenceNumber"],
        base64.b64decode(kinesis["data"]),
        float(kinesis.get("approximateArrivalTimestamp") or 0),
    )


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Give a field as text without blanks around it; "" for null and for what is none."""
    value = fields.get(name.lower())
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def moment_of(text: str) -> float | None:
    """Read a time as seconds since 1970: ISO, with `T` or a blank, any fraction, `Z` or an offset, UTC without; None
    for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
