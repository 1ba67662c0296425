"""The report of a bulk import's interactions, written to S3 when the import is asked to.

Source: contract §3.12, publishAttributionMetricsToS3. An import whose report cannot be written is imported all
the same, and the log says why (inferred): the data is what it is about.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.jobs.attribution import UNDEFINED, WINDOW_S, Metric
from personalize_local.jobs.attribution_files import BULK, report_csv, report_place
from personalize_local.jobs.attribution_reports import item_column, s3_path, source_names
from personalize_local.jobs.context import JobContext
from personalize_local.jobs.recommendation_ids import MARK_LENGTH
from personalize_local.jobs.s3_source import SourceError
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.store.attribution_reader import BulkMetric, SourceRule, read_totals
from personalize_local.store.attributions import Total
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.limits import SOURCES_PER_ATTRIBUTION

logger = logging.getLogger(__name__)


def report_import(context: JobContext, files: Sequence[BulkFile], client: Any) -> None:
    """Write the report of the imported files, if the import and the metric attribution want one."""
    attribution = find_attribution(context)
    path = s3_path(attribution) if attribution is not None else None
    if attribution is None or path is None:
        return
    context.report("Writing the attribution report", 1.0)
    totals = bulk_totals(context.workspace, attribution, files)
    try:
        bucket, key = report_place(path, BULK, datetime.now(UTC))
        client.put_object(Bucket=bucket, Key=key, Body=report_csv(totals), ContentType="text/csv")
    except (ClientError, BotoCoreError, SourceError) as error:
        logger.warning("the attribution report of %s could not be written: %s", context.job.resource_arn, error)


def find_attribution(context: JobContext) -> Resource | None:
    """Give the metric attribution that an import of interactions is to be reported to."""
    resources = context.workspace.resources
    job = resources.get(context.job.resource_arn)
    dataset = resources.get(str(job.parent_arn)) if job is not None else None
    if job is None or dataset is None or not job.body.get("publish_attribution_metrics_to_s3"):
        return None
    if dataset.body["dataset_type"] != "INTERACTIONS":
        return None
    attributions = resources.list("metric-attribution", parent_arn=dataset.parent_arn)
    return next((each for each in attributions if each.status == ACTIVE), None)


def bulk_totals(workspace: Workspace, attribution: Resource, files: Sequence[BulkFile]) -> list[Total]:
    """Add up the files' rows; of the sources, the first hundred by time count."""
    metrics = [_bulk_metric(workspace, attribution, Metric.of(each)) for each in attribution.body["metrics"]]
    rule = SourceRule(source_names(workspace.resources, attribution.scope), MARK_LENGTH, UNDEFINED)
    totals = read_totals(files, metrics, rule, WINDOW_S, workspace.datasets.spill_folder)
    by_time = sorted(totals, key=lambda total: total.window_epoch_s)
    counted = set(list(dict.fromkeys(total.source for total in by_time))[:SOURCES_PER_ATTRIBUTION])
    return [total for total in totals if total.source in counted]


def _bulk_metric(workspace: Workspace, attribution: Resource, metric: Metric) -> BulkMetric:
    expression = metric.expression
    common = {"name": metric.name, "event_type": metric.event_type, "function": expression.function}
    if expression.column is None or expression.dataset_type == "INTERACTIONS":
        return BulkMetric(**common, column=expression.column)
    ids, numbers = item_column(workspace, str(attribution.parent_arn), expression.column)
    return BulkMetric(**common, item_ids=ids, item_numbers=numbers)
