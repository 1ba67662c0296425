"""The reporter of metric attributions: new events are added up, the totals go to CloudWatch and S3.

AWS reports every 15 minutes; here it is every few seconds, as in the local cloud a minute's wait takes a second. The
windows that values belong to are 15 minutes of the events' own time, as on AWS.

Source: contract §3.12; the names' capital letters in CloudWatch observed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.jobs.attribution import Metric, Sources, attribute
from personalize_local.jobs.attribution_files import STREAMED, report_csv, report_place
from personalize_local.jobs.cloudwatch import CloudWatch, Datum
from personalize_local.jobs.metrics import COUNT, Statistics
from personalize_local.jobs.recommendation_ids import mark_of
from personalize_local.jobs.s3_source import SourceError
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.store.attributions import Batch, Cursor, Total
from personalize_local.store.resources import Resource, ResourceStore
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import Scope
from personalize_spec.metric_expressions import SAMPLE_COUNT
from personalize_spec.schemas import parse_schema

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

OLDEST_S = 14 * 86_400
NO_UNIT = "None"

logger = logging.getLogger(__name__)


class AttributionReporter:
    """Attributes the events of every dataset group that has a metric attribution."""

    def __init__(self, service: Service, cloudwatch: CloudWatch, make_s3: Callable[[Scope], Any]) -> None:
        self._workspace = service.workspace
        self._clock = service.clock
        self._cloudwatch = cloudwatch
        self._make_s3 = make_s3

    def report(self) -> None:
        """Count the new events, and report what is not reported yet; what fails is tried again the next time."""
        for attribution in self._workspace.resources.list("metric-attribution"):
            if attribution.status == ACTIVE:
                self.count(attribution)
                self._report_of(attribution)

    def count(self, attribution: Resource) -> None:
        """Add up the events that came since the last time; those older than two weeks do not count."""
        dataset = find_dataset(self._workspace, str(attribution.parent_arn), "INTERACTIONS")
        cursor = self._workspace.attributions.cursor(attribution.arn)
        events = self._workspace.events.scan(dataset.arn, cursor.event_seq) if dataset else []
        if not events:
            return
        oldest_epoch_s = self._clock.now().timestamp() - OLDEST_S
        sources = Sources(source_names(self._workspace.resources, attribution.scope), set(cursor.sources))
        totals = attribute(
            [Metric.of(member) for member in attribution.body["metrics"]],
            [event for event in events if event.sent_at_epoch_s >= oldest_epoch_s],
            sources,
            ItemNumbers(self._workspace, str(attribution.parent_arn)),
        )
        advanced = Cursor(events[-1].seq, frozenset(sources.known))
        self._workspace.attributions.advance(attribution.arn, advanced, totals)

    def _report_of(self, attribution: Resource) -> None:
        store = self._workspace.attributions
        batches = store.batches(attribution.arn)
        if not batches:
            return
        try:
            self._to_cloudwatch(attribution, [batch for batch in batches if not batch.is_in_cloudwatch])
            store.mark_in_cloudwatch(batches)
            self._to_s3(attribution, batches)
            store.forget(batches)
        except (ClientError, BotoCoreError, SourceError) as error:
            logger.warning("the report of %s could not be written; trying again: %s", attribution.arn, error)

    def _to_cloudwatch(self, attribution: Resource, batches: Sequence[Batch]) -> None:
        group_arn = str(attribution.parent_arn)
        data = [to_datum(total, group_arn) for batch in batches for total in batch.totals]
        self._cloudwatch.put(attribution.scope, data)

    def _to_s3(self, attribution: Resource, batches: Sequence[Batch]) -> None:
        path = s3_path(attribution)
        if path is None:
            return
        bucket, key = report_place(path, STREAMED, self._clock.now())
        body = report_csv(total for batch in batches for total in batch.totals)
        self._make_s3(attribution.scope).put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/csv")


class ItemNumbers:
    """Numbers of the group's items by column and id, read when they are asked for."""

    def __init__(self, workspace: Workspace, group_arn: str) -> None:
        self._workspace = workspace
        self._group_arn = group_arn
        self._columns: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def __call__(self, column: str, item_id: str) -> float | None:
        """Give an item's number; None where there is none."""
        if column not in self._columns:
            self._columns[column] = item_column(self._workspace, self._group_arn, column)
        ids, numbers = self._columns[column]  # both [items], ids sorted
        row = int(np.searchsorted(ids, item_id)) if len(ids) else 0
        if row == len(ids) or ids[row] != item_id or np.isnan(numbers[row]):
            return None
        return float(numbers[row])


def item_column(workspace: Workspace, group_arn: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Read one column of numbers: item ids, sorted, and their numbers, both [items]; only that column is read."""
    dataset = find_dataset(workspace, group_arn, "ITEMS")
    schema_resource = workspace.resources.get(dataset.body["schema_arn"]) if dataset else None
    if dataset is None or schema_resource is None:
        return np.empty(0, dtype=object), np.empty(0)
    schema = parse_schema(schema_resource.body["schema"])
    own = schema.field(column)
    narrow = replace(schema, fields=tuple(field for field in (schema.field("ITEM_ID"), own) if field is not None))
    table = workspace.datasets.read_items(dataset.arn, narrow)
    if own is None:
        return table.ids, np.full(len(table), np.nan)
    return table.ids, np.asarray(table.columns[own.name], dtype=np.float64)


def find_dataset(workspace: Workspace, group_arn: str, dataset_type: str) -> Resource | None:
    """Give the dataset of a type in a group."""
    datasets = workspace.resources.list("dataset", parent_arn=group_arn)
    return next((dataset for dataset in datasets if dataset.body["dataset_type"] == dataset_type), None)


def source_names(resources: ResourceStore, scope: Scope) -> dict[str, str]:
    """Give the names of campaigns and recommenders by the mark that their recommendation ids carry."""
    found = [*resources.list("campaign", scope), *resources.list("recommender", scope)]
    return {mark_of(resource.arn): resource.name for resource in found}


def s3_path(attribution: Resource) -> str | None:
    """Give where the reports go in S3; None when they do not."""
    destination = attribution.body["metrics_output_config"].get("s3_data_destination")
    return None if destination is None else str(destination["path"])


def to_datum(total: Total, group_arn: str) -> Datum:
    """Give a total as CloudWatch gets it."""
    return Datum(
        name=total.metric_name.upper(),
        unit=COUNT if total.function == SAMPLE_COUNT else NO_UNIT,
        dimensions=(("EventAttributionSource", total.source.upper()), ("DatasetGroupArn", group_arn)),
        epoch_s=total.window_epoch_s,
        values=Statistics(total.count, total.total, total.minimum, total.maximum),
    )
