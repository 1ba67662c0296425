"""Check the files of all datasets of a parameter file, each alone and all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from personalize_spec import limits
from personalize_spec.parameters.datasets import DATASET_TYPES, read_datasets
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import DATASET_TYPE_OF
from personalize_spec.preflight.actions import check_action_interactions
from personalize_spec.preflight.dataset import DatasetCheck
from personalize_spec.preflight.sample import BUDGET_BYTES, DataFile
from personalize_spec.preflight.together import check_interactions

_ID_COLUMN = {"Items": "ITEM_ID", "Users": "USER_ID", "Actions": "ACTION_ID"}
_ADDS = "INCREMENTAL"


@dataclass(frozen=True)
class DataReport:
    """The findings, and a sentence per dataset that says what was read."""

    findings: tuple[Finding, ...]
    sampled: tuple[str, ...]


def check_data(
    data: object,
    files: Mapping[str, Sequence[DataFile]],
    now_epoch_s: float,
    budget_bytes: int = BUDGET_BYTES,
    imported: Collection[str] = (),
) -> DataReport:
    """Check the files by dataset ("Interactions") of a parsed parameter file, which may have mistakes of its own.

    A dataset whose schema cannot be read is left out: the check of the parameter file says so. `imported` names those
    that exist and have data: without files they stay as they are.
    Units: budget_bytes are read of each dataset.
    """
    checks = _checks(data, files, now_epoch_s, imported)
    ids = {name: _run_records(check, budget_bytes) for name, check in checks.items() if name in _ID_COLUMN}
    findings = [*_missing_files(data, files, imported)]
    for name, counted in ids.items():
        findings += _repeated_ids(name, counted)
    if "Interactions" in checks:
        adds = checks["Interactions"].adds
        findings += check_interactions(data, checks, ids, budget_bytes, adds)
    if "ActionInteractions" in checks:
        findings += check_action_interactions(checks, ids, budget_bytes)
    if "Actions" in checks:
        findings += _too_many_actions(len(ids["Actions"]))
    found = [finding for check in checks.values() for finding in check.findings]
    return DataReport((*found, *findings), tuple(check.sampled for check in checks.values()))


def _checks(
    data: object, files: Mapping[str, Sequence[DataFile]], now_epoch_s: float, imported: Collection[str]
) -> dict[str, DatasetCheck]:
    """Prepare the check of each dataset that has a schema and files. A first import is always in full."""
    schemas = read_datasets(data).schemas
    declared = object_at(data, "datasets")
    return {
        name: DatasetCheck(
            name,
            schemas[DATASET_TYPE_OF[name]],
            files[name],
            now_epoch_s,
            adds=name in imported and at(declared, str, name, "importMode") == _ADDS,
        )
        for name in DATASET_TYPES
        if DATASET_TYPE_OF[name] in schemas and name in declared and _size(files.get(name, ()))
    }


def _size(files: Sequence[DataFile]) -> int:
    return sum(file.size_bytes for file in files)


def _missing_files(
    data: object, files: Mapping[str, Sequence[DataFile]], imported: Collection[str]
) -> Iterator[Finding]:
    for name in DATASET_TYPES:
        if name not in object_at(data, "datasets") or _size(files.get(name, ())):
            continue
        if name in imported:
            text = f"There is no data under {name}/, so the dataset keeps what was imported before."
            yield warning(f"datasets.{name}", text)
        else:
            text = f"There is no data under {name}/: put the CSV files there, then give this file again."
            yield Finding(f"datasets.{name}", text)


def _run_records(check: DatasetCheck, budget_bytes: int) -> Counter[str]:
    """Check items, users or actions; count each id."""
    counted: Counter[str] = Counter()
    columns = [column.upper() for column in check.schema.columns]
    wanted = _ID_COLUMN[check.name]
    place = columns.index(wanted) if wanted in columns else None

    def take(row: list[str]) -> None:
        if place is not None:
            counted[row[place]] += 1

    check.run(take, budget_bytes)
    return counted


def _repeated_ids(name: str, counted: Counter[str]) -> Iterator[Finding]:
    repeated = [record_id for record_id, count in counted.items() if count > 1]
    if repeated:
        text = f"{len(repeated):,} values of {_ID_COLUMN[name]} stand in more than one row, such as '{repeated[0]}'"
        yield warning(f"datasets.{name}", f"{text}: one row of each counts, so remove the others.")


def _too_many_actions(count: int) -> Iterator[Finding]:
    if count > limits.TRAINING_MAX_ACTIONS:
        text = f"Actions has {count:,} actions, and {limits.TRAINING_MAX_ACTIONS:,} are considered: leave some out."
        yield warning("datasets.Actions", text)
