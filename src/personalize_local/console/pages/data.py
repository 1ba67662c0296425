"""Data: what was imported, how it is made up, what is odd about it, and how it moves."""

from __future__ import annotations

from typing import Any

from personalize_local.console.bulk import TABLES, GroupData
from personalize_local.console.drawing.charts import columns_over_time
from personalize_local.console.http import Request
from personalize_local.console.inventory import read_groups
from personalize_local.console.page import Page
from personalize_local.console.pages.readers import choose_group
from personalize_local.console.sources import Sources
from personalize_spec.preflight import DataReport


def data_page(sources: Sources, request: Request) -> Page:
    """Give the datasets of one group; without any, what is missing."""
    groups = [group for group in read_groups(sources.account) if group.parts["datasets"]]
    if not groups:
        return Page("readers_empty.html", "Data", {}, section="data")
    group = choose_group(groups, request.query)
    data = sources.bulk.read(group.arn)
    profile = sources.examination.profile(data)
    schemas = sources.examination.schemas(data)
    page = {
        "groups": [{"arn": one.arn, "name": one.name} for one in groups],
        "group": group.arn,
        "datasets": [_dataset(data, profile, schemas, kind) for kind in TABLES if kind in data.imported],
        "interactions": profile["interactions"],
        "cold": profile["cold"],
        "drift": profile["drift"],
        "check": _check(sources.examination.report(data, schemas)),
        "imported_at": data.imported_at,
        "budget_bytes": sources.bulk.budget_bytes,
    }
    if profile["interactions"] and not request.path.endswith(".json"):
        days = [(row["day"], row["events"]) for row in profile["interactions"]["days"] if row["day"]]
        page["days_figure"] = columns_over_time(days, "Events per day")
    return Page("data.html", "Data", page, section="data")


def _dataset(data: GroupData, profile: dict[str, Any], schemas: dict[str, Any], kind: str) -> dict[str, Any]:
    table, imported, extent = TABLES[kind], data.imported[kind], data.extents[TABLES[kind]]
    share = extent.read_bytes / extent.total_bytes if extent.total_bytes else 1.0
    known = {column["name"].upper(): column for column in profile["columns"].get(table, [])}
    fields = [
        {
            "name": one["name"],
            "type": _type(one["type"]),
            "marks": _marks(one),
            "column": known.get(one["name"].upper()),
        }
        for one in schemas[kind]["schema"]["fields"]
    ]  # fmt: skip
    return {
        "kind": kind,
        "name": schemas[kind]["name"],
        "schema_name": schemas[kind]["schema_name"],
        "schema": schemas[kind]["schema"],
        "fields": fields,
        "files": extent.file_count,
        "bytes": extent.total_bytes,
        "read_share": share,
        "rows": round(profile["rows"][table] / share) if share else 0,
        "duplicates": profile["duplicates"].get(table, 0),
        "sample": profile["samples"].get(table, []),
        "imports": [{"name": job["jobName"], "at": job["creationDateTime"], "mode": job.get("importMode", "FULL")}
                    for job in reversed(imported.jobs)],
        "changed_since": bool(extent.changed_at and imported.newest_at and extent.changed_at > imported.newest_at),
    }  # fmt: skip


def _check(report: DataReport | None) -> dict[str, Any]:
    if report is None:
        return {"is_done": False, "findings": [], "sampled": []}
    findings = [{"path": one.path, "message": one.message, "severity": one.severity} for one in report.findings]
    return {"is_done": True, "findings": findings, "sampled": list(report.sampled)}


def _type(value: Any) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _marks(field: dict[str, Any]) -> str:
    return ", ".join(name for name in ("categorical", "textual") if field.get(name))
