"""How a job's run ended, and the file in which a worker says so."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Succeeded:
    """The work is done; `result` is what the job's `run` gave."""

    result: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """The work cannot be done, for a reason to show to the customer."""

    reason: str


@dataclass(frozen=True)
class Interrupted:
    """The worker was gone before it could say how the work ended."""

    cause: str


Outcome = Succeeded | Failed | Interrupted


def outcome_path(folder: Path, attempt: int) -> Path:
    """Give the file of an attempt's outcome in a job's folder."""
    return folder / f"outcome-{attempt}.json"


def write_outcome(folder: Path, attempt: int, outcome: Succeeded | Failed) -> None:
    """Write how the attempt ended: the whole file, or none."""
    data = {"result": outcome.result} if isinstance(outcome, Succeeded) else {"reason": outcome.reason}
    path = outcome_path(folder, attempt)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_outcome(folder: Path, attempt: int, cause: str) -> Outcome:
    """Read how the attempt ended; without a file it was interrupted, by `cause`."""
    try:
        data = json.loads(outcome_path(folder, attempt).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Interrupted(cause)
    return Succeeded(data["result"]) if "result" in data else Failed(data["reason"])
