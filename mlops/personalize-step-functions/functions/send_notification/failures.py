"""What a mail says of a failed step: which step of which resource, the cause in Personalize's own words, what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

UPLOAD_AGAIN = "Upload the parameter file again: what exists is used."
_ADVICE: Mapping[str, str] = {
    "TryAgainError": f"Personalize did not answer as it should for some minutes. {UPLOAD_AGAIN}",
    "ResourceBusyError": f"Wait until the resource has stopped changing. {UPLOAD_AGAIN}",
    "QuotaReachedError": f"Delete what is not needed, or ask AWS for a higher quota of Personalize. {UPLOAD_AGAIN}",
    "CallRefusedError": "Correct what the message names, in the parameter file or in the permissions, and upload the "
    "file again: what exists is used.",
    "NameTakenError": "Choose another name in the parameter file, and upload it again.",
    "NotMadeError": f"See the failures before this one. {UPLOAD_AGAIN}",
    "GateClosedError": "Look at the data that the version was trained on, or change the gate in the parameter file, "
    "then train again.",
    "SmokeTestFailedError": f"Correct what was refused: mostly a filter or the data it looks at. {UPLOAD_AGAIN}",
    "AlarmRings": "Look at the alarm. The versions are not released again by themselves: train new ones.",
    "ResourcesLeft": "Something was made while the teardown ran: start it again.",
    "States.Timeout": f"The step took longer than its time limit. {UPLOAD_AGAIN}",
}
_DEFAULT_ADVICE = f"Look at the execution. When the cause is gone: {UPLOAD_AGAIN[0].lower()}{UPLOAD_AGAIN[1:]}"
_SAYS_WHAT_TO_DO = frozenset({"ResourceFailedError", "ResourceConflictError", "WaitTooLongError"})


def failure_lines(failure: Mapping[str, Any]) -> list[str]:
    """Write one failure as the lines of a mail."""
    parts = [failure[part].replace("-", " ") for part in ("chain", "kind") if failure.get(part)]
    parts += [failure["branch"]] if failure.get("branch") else []
    branch = f" ({', '.join(parts)})" if parts else ""
    error = failure["error"]["Error"]
    lines = [
        f"Step: {failure['state']}{branch}",
        f"Error: {error}",
        f"Cause: {_cause_text(failure['error']['Cause'])}",
    ]
    if error not in _SAYS_WHAT_TO_DO:
        lines.append(f"What to do: {_ADVICE.get(error, _DEFAULT_ADVICE)}")
    return lines


def _cause_text(cause: str) -> str:
    """The message inside the JSON that Lambda makes of an exception; other causes are texts already."""
    try:
        return json.loads(cause)["errorMessage"]
    except (ValueError, KeyError, TypeError):
        return cause
