"""All the checks before anything is created."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from deployed import Deployed, check_deployed
from plan_size import check_plan_size

from personalize_spec.parameters import DATASET_TYPE_OF, ERROR, Finding, check_parameters, has_errors
from personalize_spec.parameters.finding import at
from personalize_spec.preflight import DataFile, check_data, check_quotas, check_release_room, parse_parameter_file

IMPORTED = "imported"  # among the names of what the account has: the datasets that have data
MAX_FINDINGS = 200  # with their texts they stay within what an execution's state may hold


ListFiles = Callable[[str], list[DataFile]]
ListNames = Callable[[str | None], Mapping[str, Sequence[str]]]


def check(
    body: bytes, list_files: ListFiles, list_names: ListNames, now_epoch_s: float, deployed: Deployed | None = None
) -> dict[str, Any]:
    """Check the file and its data; give whether they are accepted, all findings, what was read, and the parameters.

    `list_files` gives the files under a prefix of the input bucket; `list_names`, for a dataset group's name, the names
    of what the account has by kind, and under IMPORTED the keys of the datasets that have data; `deployed` tells the
    key and the roles of the stack, None of one that has no key.
    """
    data, findings = parse_parameter_file(body)
    sampled: tuple[str, ...] = ()
    if data is not None or not findings:
        findings += [*check_parameters(data), *check_deployed(data, deployed or Deployed())]
        existing = list_names(at(data, str, "datasetGroup", "name"))
        files = {name: list_files(f"{name}/") for name in DATASET_TYPE_OF}
        report = check_data(data, files, now_epoch_s, imported=existing.get(IMPORTED, ()))
        findings += [*report.findings, *check_quotas(data, existing)]
        findings += check_release_room(data, existing.get("campaign", ()))
        sampled = report.sampled
    if data is not None and not has_errors(findings):
        findings += check_plan_size(data)
    accepted = not has_errors(findings)
    return {
        "accepted": accepted,
        "findings": [asdict(finding) for finding in _first(findings)],
        "sampled": list(sampled),
        "parameters": data if accepted else None,
    }


def _first(findings: list[Finding]) -> list[Finding]:
    """The most important of very many."""
    if len(findings) <= MAX_FINDINGS:
        return findings
    by_weight = sorted(findings, key=lambda finding: finding.severity != ERROR)
    rest = Finding("", f"There are {len(findings) - MAX_FINDINGS:,} more findings: correct these first.")
    return [*by_weight[:MAX_FINDINGS], rest]
