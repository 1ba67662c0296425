"""Import a dataset: CSV files in S3 become Parquet files of the dataset.

Source: contract §3.5; reasons of failures in AWS's words where §2.6 knows them, else inferred.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_local.jobs.attribution_import import report_import
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.s3_source import S3File, S3Source, SourceError, make_client
from personalize_local.store.csv_import import EXAMPLE_LENGTH, ConvertedCsv, CsvRefusedError, convert_csv
from personalize_local.store.csv_lines import CsvLines
from personalize_local.store.datasets import BulkFile, DatasetStore
from personalize_local.store.jobs import Job
from personalize_local.store.resources import Resource, ResourceStore
from personalize_spec.arns import split_dataset_arn
from personalize_spec.limits import IMPORT_MIN_INTERACTIONS
from personalize_spec.schemas import DatasetSchema, parse_schema

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

BROKEN_LINE = "a quoted value does not end on its line"
RESERVED = "EVENT_TYPE is a reserved keyword"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImportPlan:
    """What an import is about: the dataset, its schema, and where the files are."""

    dataset_arn: str
    dataset_type: str
    schema: DatasetSchema
    location: str
    mode: str


def run(context: JobContext) -> dict[str, Any]:
    """Import as the account that the dataset is in, and report what the interactions bring if that is asked for."""
    payload = context.payload
    client = make_client(payload["account_id"], payload["region"], os.environ)
    result = run_with(context, S3Source(client))
    report_import(context, [BulkFile.from_json(item) for item in result["files"]], client)
    return result


def run_with(context: JobContext, source: S3Source) -> dict[str, Any]:
    """Convert every file of the location into the dataset's staging folder.

    The result has `imported` and `skipped` counts, `reasons` and `examples` of the latter, and the files for `commit`.
    The counts stay with the import job's resource as `import_counts`; AWS's API has no member for them.
    Errors: JobFailedError with the failureReason.
    """
    plan = make_plan(context.workspace.resources, context.payload)
    datasets = context.workspace.datasets
    put_seq = datasets.put_seq()
    folder = datasets.stage(plan.dataset_arn, context.job.job_id)
    try:
        files = source.list_files(plan.location)
        converted = []
        for place, file in enumerate(files):
            context.report(f"Importing {file.key}", place / len(files))
            converted.append(_convert(file, folder / f"{place:06}.parquet", plan, datasets.spill_folder))
        counts = summarize(plan, converted) | {"bytes": sum(file.size_bytes for file in files)}
    except (SourceError, CsvRefusedError) as error:
        raise JobFailedError(failure_reason(plan, error.reason)) from error
    bulk = [
        BulkFile(folder / f"{place:06}.parquet", item.imported_count, item.columns, put_seq)
        for place, item in enumerate(converted)
    ]
    return {
        **counts,
        "resource": {"import_counts": counts},
        "dataset_arn": plan.dataset_arn,
        "import_mode": plan.mode,
        "files": [item.to_json() for item in bulk],
    }


def commit(connection: sqlite3.Connection, service: Service, job: Job, result: dict[str, Any]) -> None:
    """Make the converted files the dataset's, in the transaction that makes the import ACTIVE."""
    files = [BulkFile.from_json(item) for item in result["files"]]
    datasets: DatasetStore = service.workspace.datasets
    datasets.publish(connection, result["dataset_arn"], files, result["import_mode"])
    if result["skipped"]:
        reasons = _listed(Counter(result["reasons"]), {})  # no data of customers in the log
        logger.warning("import %s left out %d rows%s", job.resource_arn, result["skipped"], reasons)


def make_plan(resources: ResourceStore, payload: Mapping[str, Any]) -> ImportPlan:
    """Gather what an import needs."""
    dataset = _existing(resources, payload["dataset_arn"])
    schema = _existing(resources, dataset.body["schema_arn"])
    return ImportPlan(
        dataset_arn=dataset.arn,
        dataset_type=split_dataset_arn(dataset.arn)[1],
        schema=parse_schema(schema.body["schema"]),
        location=payload["location"],
        mode=payload["import_mode"],
    )


def summarize(plan: ImportPlan, converted: Sequence[ConvertedCsv]) -> dict[str, Any]:
    """Add up what became of the rows.

    Errors: CsvRefusedError when too little is left.
    """
    imported = sum(item.imported_count for item in converted)
    reasons: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for item in converted:
        reasons.update(item.reasons)
        examples = {**item.examples, **examples}
    if imported == 0:
        raise CsvRefusedError(_nothing_left(reasons, examples))
    if plan.dataset_type == "INTERACTIONS" and imported < IMPORT_MIN_INTERACTIONS:
        raise CsvRefusedError(
            f"Dataset has fewer than {IMPORT_MIN_INTERACTIONS} interactions: {imported} rows could be imported"
            f"{_listed(reasons, examples)}."
        )
    return {"imported": imported, "skipped": reasons.total(), "reasons": dict(reasons), "examples": examples}


def failure_reason(plan: ImportPlan, reason: str) -> str:
    """Give the failureReason: the opening AWS uses, then what is wrong."""
    return f"Failed to create a data import job for {plan.dataset_type} dataset {plan.dataset_arn}. {reason}"


def _convert(file: S3File, target: Path, plan: ImportPlan, spill_folder: Path) -> ConvertedCsv:
    """Bring one file here, and convert it."""
    lines = CsvLines()
    source = target.with_suffix(".csv")
    try:
        with source.open("wb") as copy:
            for block in lines.rewrite(file.chunks()):
                copy.write(block)
        converted = convert_csv(source, target, plan.schema, spill_folder)
    finally:
        source.unlink(missing_ok=True)
    if not lines.broken_count:
        return converted
    example = lines.broken_line.decode("utf-8", "replace")[:EXAMPLE_LENGTH]
    return replace(
        converted,
        reasons={**converted.reasons, BROKEN_LINE: lines.broken_count},
        examples={**converted.examples, BROKEN_LINE: example},
    )


def _nothing_left(reasons: Counter[str], examples: Mapping[str, str]) -> str:
    if reasons and set(reasons) == {RESERVED}:
        return "All values in the event_type column are either reserved keywords or null."
    if not reasons:
        return "The CSV has a header and no rows."
    return f"No row could be imported{_listed(reasons, examples)}."


def _listed(reasons: Counter[str], examples: Mapping[str, str]) -> str:
    """Give " (reason: count rows such as '…', …)", the most frequent first, for the end of a sentence."""
    parts = [f"{reason}: {count} rows{_such_as(examples.get(reason))}" for reason, count in _most_common(reasons)]
    return f" ({', '.join(parts)})" if parts else ""


def _such_as(example: str | None) -> str:
    return f" such as '{example}'" if example else ""


def _most_common(reasons: Counter[str]) -> Iterator[tuple[str, int]]:
    yield from reasons.most_common(5)


def _existing(resources: ResourceStore, arn: str) -> Resource:
    resource = resources.get(arn)
    if resource is None:
        raise JobFailedError(f"Resource Arn {arn} does not exist.")
    return resource
