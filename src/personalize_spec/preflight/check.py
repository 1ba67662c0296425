"""Check the files of all datasets of a parameter file, each alone and all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from personalize_spec.limits import IMPORT_MIN_INTERACTIONS
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.datasets import read_datasets
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.shapes import number_of
from personalize_spec.preflight.dataset import DatasetCheck
from personalize_spec.preflight.interactions import Choice, Choices, InteractionCounts
from personalize_spec.preflight.sample import BUDGET_BYTES, DataFile
from personalize_spec.schemas import DatasetSchema

DATASET_TYPES = ("Interactions", "Items", "Users")
_ID_COLUMN = {"Items": "ITEM_ID", "Users": "USER_ID"}
_SHOWN_TYPES = 8


@dataclass(frozen=True)
class DataReport:
    """The findings, and a sentence per dataset that says what was read."""

    findings: tuple[Finding, ...]
    sampled: tuple[str, ...]


def check_data(
    data: object, files: Mapping[str, Sequence[DataFile]], now_epoch_s: float, budget_bytes: int = BUDGET_BYTES
) -> DataReport:
    """Check the files by dataset ("Interactions") of a parsed parameter file, which may have mistakes of its own.

    A dataset whose schema cannot be read is left out: the check of the parameter file says so.
    Units: budget_bytes are read of each dataset.
    """
    declared = object_at(data, "datasets")
    findings = [_no_files(name) for name in DATASET_TYPES if name in declared and not _size(files.get(name, ()))]
    schemas = read_datasets(data).schemas
    checks = {
        name: DatasetCheck(name, schemas[name.upper()], files[name], now_epoch_s)
        for name in DATASET_TYPES
        if name.upper() in schemas and name in declared and _size(files.get(name, ()))
    }
    ids = {name: _run_records(check, budget_bytes) for name, check in checks.items() if name in _ID_COLUMN}
    for name, counted in ids.items():
        findings += _repeated_ids(name, counted)
    if "Interactions" in checks:
        findings += _interactions(data, checks, ids.get("Items"), budget_bytes)
    found = [finding for check in checks.values() for finding in check.findings]
    return DataReport((*found, *findings), tuple(check.sampled for check in checks.values()))


def _size(files: Sequence[DataFile]) -> int:
    return sum(file.size_bytes for file in files)


def _no_files(name: str) -> Finding:
    text = f"There is no data under {name}/: put the CSV files there, then give this file again."
    return Finding(f"datasets.{name}", text)


def _run_records(check: DatasetCheck, budget_bytes: int) -> Counter[str]:
    """Check items or users; count each id."""
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


def _interactions(
    data: object, checks: Mapping[str, DatasetCheck], items: Counter[str] | None, budget_bytes: int
) -> Iterator[Finding]:
    check = checks["Interactions"]
    chosen = dict(_chosen_events(data))
    counts = InteractionCounts(check.schema, frozenset(chosen.values()))
    check.run(counts.take, budget_bytes)
    if not counts.items:
        return
    path = "datasets.Interactions"
    if check.is_whole and check.row_count < IMPORT_MIN_INTERACTIONS:
        text = f"The files have {check.row_count:,} rows: an import needs {IMPORT_MIN_INTERACTIONS:,} or more."
        yield Finding(path, text)
    if counts.repeated_count:
        rows = "1 row repeats" if counts.repeated_count == 1 else f"{counts.repeated_count:,} rows repeat"
        yield warning(path, f"{rows} another's user, item, time and type: such rows count once.")
    if items and checks["Items"].is_whole:
        yield from _unknown_items(counts, items)
    for key, choices in chosen.items():
        yield from _trainable(f"solutions.{key}", choices, counts, check)


def _chosen_events(data: object) -> Iterator[tuple[str, Choices]]:
    """Each solution with the events it trains on; no choices are all events."""
    for key in CAMPAIGN_OF_SOLUTION:
        solution = object_at(data, "solutions", key)
        config = object_at(solution, "solutionConfig")
        event_type = at(solution, str, "eventType")
        entries = at(config, list, "eventsConfig", "eventParametersList") or []
        chosen = [
            Choice(entry.get("eventType"), number_of(entry.get("eventValueThreshold")))
            for entry in entries
            if at(entry, str, "eventType")
        ]
        if event_type:
            chosen.append(Choice(event_type, number_of(at(config, str, "eventValueThreshold"))))
        if solution:
            yield key, tuple(chosen)


def _unknown_items(counts: InteractionCounts, items: Counter[str]) -> Iterator[Finding]:
    unknown = [item_id for item_id in counts.items if item_id not in items]
    if not unknown:
        return
    total = len(counts.items)
    text = f"{len(unknown):,} of the {total:,} items in Interactions are not in Items, such as '{unknown[0]}'"
    path = "datasets.Interactions"
    if len(unknown) == total:
        yield Finding(path, f"{text}: check that ITEM_ID is written in the same way in both.")
    else:
        yield warning(path, f"{text}: filters on Items leave them out. Add them, if they are to be recommended.")


def _trainable(path: str, choices: Choices, counts: InteractionCounts, check: DatasetCheck) -> Iterator[Finding]:
    met = {event_type.casefold() for event_type in counts.event_types}
    for choice in choices:
        if choice.event_type is not None and choice.event_type.casefold() not in met and _has_types(check.schema):
            yield _judged(check, f"{path}.eventType", _never_met(choice.event_type, counts.event_types))
            return
    for shortage in counts.shortages(choices):
        events = " after the choice of events" if choices else ""
        text = f"The files have {shortage}{events}: add data, or choose more events."
        yield _judged(check, path, text)


def _judged(check: DatasetCheck, path: str, text: str) -> Finding:
    """An error where everything was read; of a sample, a warning that says so."""
    return Finding(path, text) if check.is_whole else warning(path, f"In what was read: {text}")


def _has_types(schema: DatasetSchema) -> bool:
    return schema.field("EVENT_TYPE") is not None


def _never_met(event_type: str, types: Counter[str]) -> str:
    known = ", ".join(f"{name} ({count:,})" for name, count in types.most_common(_SHOWN_TYPES))
    hint = did_you_mean(event_type, types)
    return (
        f"No interaction has the type '{event_type}', so there would be nothing to train on.{hint} There are: {known}."
    )
