"""All the checks before anything is created."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parameter_file import Finding, finding, read_parameter_file

from personalize_spec.parameters import check_parameters

ERROR = "error"
DATASET_TYPES = ("Interactions", "Items", "Users")


def check(body: bytes, count_bytes: Callable[[str], int]) -> dict[str, Any]:
    """Check the file and that its data is there; give whether it is accepted, all findings, and the parameters.

    `count_bytes` gives the size of the data under a prefix of the input bucket, 0 when there is none.
    """
    data, findings = read_parameter_file(body)
    is_read = data is not None or not findings
    if is_read:
        findings += [
            {"path": found.path, "message": found.message, "severity": found.severity}
            for found in check_parameters(data)
        ]
        findings += check_data(data, count_bytes)
    accepted = not any(found["severity"] == ERROR for found in findings)
    return {"accepted": accepted, "findings": findings, "parameters": data if accepted else None}


def check_data(data: Any, count_bytes: Callable[[str], int]) -> list[Finding]:
    """Give a finding for each declared dataset without data in the bucket."""
    datasets = data.get("datasets") if isinstance(data, Mapping) else None
    declared = datasets if isinstance(datasets, Mapping) else {}
    return [
        finding(
            f"There is no data under {name}/ in the input bucket: upload the CSV files there, then this file again.",
            path=f"datasets.{name}",
        )
        for name in DATASET_TYPES
        if name in declared and not count_bytes(f"{name}/")
    ]
