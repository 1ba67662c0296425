"""What to do about an error of a run, in one sentence."""

from __future__ import annotations

import re

AGAIN = "then run it again: what was made already is found and kept."
# The first whose pattern is in "error cause" speaks. Errors of the pipeline's functions name their own remedy besides.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (r"ParametersRefused", "Correct the parameter file where the cause says so, and upload it again, last."),
    (r"ReleaseRefused", "The new version did not pass; the one before goes on serving. Compare both on the page of "
     "models, and mend the data or the parameters."),
    (r"ReleaseFailed|alarm", "Traffic is back on the version before. Look at the alarm on the dashboards first."),
    (r"QuotaReached|LimitExceeded|TooManyRequests", f"Delete what is not needed, or ask for a higher quota, {AGAIN}"),
    (r"ResourceBusy|ResourceInUse", f"Wait until the resource has stopped changing, {AGAIN}"),
    (r"NameTaken|ResourceAlreadyExists", "Choose another name in the parameter file, and upload it again."),
    (r"AccessDenied|not authorized|Forbidden", f"Give the role the right that the cause names, {AGAIN}"),
    (r"NoSuchKey|NoSuchBucket|no data", f"Put the files where the cause says that they are missing, {AGAIN}"),
    (r"States\.Timeout|TimedOut|WaitTooLong", f"The step took longer than its limit: see whether the resource is still "
     f"being made, {AGAIN}"),
    (r"TryAgain|Throttl|ServiceUnavailable", f"AWS did not answer as it should for some minutes: wait, {AGAIN}"),
    (r"ABORTED|Stopped", f"Somebody stopped it. If it is to go on, {AGAIN[5:]}"),
)  # fmt: skip
DEFAULT = f"Mend what the cause names, {AGAIN}"


def remedy(error: str, cause: str) -> str:
    """Say what to do; empty without an error."""
    if not error and not cause:
        return ""
    text = f"{error} {cause}"
    return next((advice for pattern, advice in _REMEDIES if re.search(pattern, text, re.IGNORECASE)), DEFAULT)
