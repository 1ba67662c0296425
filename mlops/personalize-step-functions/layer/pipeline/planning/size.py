"""How much of what Step Functions can carry a plan takes; pure.

A state's input, its result and each variable may have 256 KiB (documented). The workflow carries the plan as a
variable, parts of it beside what was made to its tasks, and parts to the release, where results come on top.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

STATE_MAX_BYTES = 256 * 1024
PLAN_MAX_BYTES = 200_000  # leaves room for what comes on top; tests run a plan of this size through the machines


def size_bytes(value: Any) -> int:
    """Give the bytes of a value as JSON."""
    return len(json.dumps(value, separators=(",", ":")).encode())


def size_problem(plan: Mapping[str, Any]) -> str:
    """Say what to do about a plan that is too large to be carried; "" for one that is not."""
    found = size_bytes(plan)
    if found <= PLAN_MAX_BYTES:
        return ""
    text = f"The work that follows from this file takes {found:,} bytes, and a run can carry {PLAN_MAX_BYTES:,}"
    cure = "shorten filter expressions (each counts twice where it has a context), or give some of the solutions"
    return f"{text}: {cure} a file and a dataset group of their own."
