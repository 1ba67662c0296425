"""CloudWatch in batches: questions, metrics, alarms and dashboards; what fails is said and the rest goes on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from personalize_monitor.alarms import NATIVE, Alarm, alarm_changes
from personalize_monitor.clients import FAILURES, Clients, each, error_code, pages
from personalize_monitor.metrics import Datum
from personalize_monitor.reading import Question

# Documented: 500 queries and 100,800 datapoints in a GetMetricData, 1,000 metrics in a PutMetricData (and 1 MB: a
# datum with an ARN is below 1 kB), 100 names in DeleteAlarms.
QUERIES, DATAPOINTS, PUT_SIZE, DELETE_SIZE = 500, 100_800, 500, 100
# CloudWatch lets an account put three alarms a second (its quota, documented): a run puts what 20 seconds allow,
# the next runs the rest, so that the first hours of a large account cost no metric and no decision.
ALARMS_PER_RUN = 60
OWNER_TAG = {"Key": "CreatedBy", "Value": "PersonalizeMonitor"}


class CloudWatch:
    """CloudWatch of all watched regions."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def ask(self, questions: Iterable[Question]) -> tuple[dict[tuple[str, str], dict[datetime, float]], list[str]]:
        """Answer questions: by key, the value of each period that has one. Questions without an answer have no key."""
        found, lacks = each(
            self._ask_batch, _batches(questions), lambda batch: f"{len(batch)} metrics of {batch[0].region}"
        )
        return {key: series for batch in found for key, series in batch.items()}, lacks

    def _ask_batch(self, batch: list[Question]) -> dict[tuple[str, str], dict[datetime, float]]:
        client = self._clients.get("cloudwatch", batch[0].region)
        request: dict[str, Any] = {
            "MetricDataQueries": [_query(number, question) for number, question in enumerate(batch)],
            "StartTime": batch[0].start,
            "EndTime": batch[0].end,
            "ScanBy": "TimestampAscending",
        }
        series: dict[int, dict[datetime, float]] = {}
        complete: set[int] = set()
        for result in pages(client, "get_metric_data", "MetricDataResults", "NextToken", **request):
            number = int(result["Id"][1:])
            series.setdefault(number, {}).update(zip(result["Timestamps"], result["Values"], strict=True))
            if result["StatusCode"] == "Complete":
                complete.add(number)
        return {batch[number].key: series[number] for number in complete}

    def put(self, data: Iterable[Datum], namespace: str) -> list[str]:
        """Publish metrics in the regions of their resources; give what could not be."""
        by_region: dict[str, list[Datum]] = defaultdict(list)
        for datum in data:
            by_region[datum.region].append(datum)
        batches = [(region, batch) for region, ones in by_region.items() for batch in _slices(ones, PUT_SIZE)]

        def send(batch: tuple[str, Sequence[Datum]]) -> None:
            requests = [datum.request() for datum in batch[1]]
            self._clients.get("cloudwatch", batch[0]).put_metric_data(Namespace=namespace, MetricData=requests)

        return each(send, batches, lambda batch: f"{len(batch[1])} values for {batch[0]}")[1]

    def set_alarms(
        self, wanted: Iterable[Alarm], region: str, prefix: str, topic_arn: str, *, may_remove: bool
    ) -> tuple[list[str], list[str]]:
        """Put the alarms of one region that are missing or different, remove those that nothing wants any more.

        `may_remove` is false while a part of the region could not be read: what it wants is not known then.

        Returns the names of what was put and removed, and what could not be.
        """
        client = self._clients.get("cloudwatch", region)
        try:
            existing = {alarm["AlarmName"]: _flat(alarm) for alarm in self._alarms(client, prefix)}
        except FAILURES as error:
            return [], [f"alarms of {region}: {error_code(error)}"]
        changes = alarm_changes(wanted, existing, prefix, topic_arn)
        tags = [OWNER_TAG, {"Key": "Installation", "Value": prefix.removesuffix("_")}]

        def put(alarm: Alarm) -> list[str]:
            client.put_metric_alarm(**alarm.request(topic_arn), Tags=tags)
            return [alarm.name]

        def remove(names: Sequence[str]) -> Sequence[str]:
            client.delete_alarms(AlarmNames=list(names))
            return names

        done, lacks = each(put, changes.put[:ALARMS_PER_RUN], lambda alarm: alarm.name)
        waiting = len(changes.put) - ALARMS_PER_RUN
        lacks += [f"{waiting} alarms of {region} wait for the next run"] if waiting > 0 else []
        gone = _slices(changes.remove if may_remove else (), DELETE_SIZE)
        removed, more = each(remove, gone, lambda names: f"{len(names)} alarms of {region}")
        return [name for names in (*done, *removed) for name in names], lacks + more

    def remove_alarms(self, region: str, prefix: str) -> None:
        """Remove every alarm of an installation, in hundreds. Errors: those of boto3."""
        client = self._clients.get("cloudwatch", region)
        names = [alarm["AlarmName"] for alarm in self._alarms(client, prefix)]
        for some in _slices(names, DELETE_SIZE):
            client.delete_alarms(AlarmNames=list(some))

    def set_dashboards(
        self, wanted: Mapping[str, Mapping[str, Any]], region: str, prefix: str, *, may_remove: bool
    ) -> tuple[list[str], list[str]]:
        """Put the dashboards that are missing or different, remove those that nothing wants any more."""
        client = self._clients.get("cloudwatch", region)
        try:
            names = self._dashboards(client, prefix)
        except FAILURES as error:
            return [], [f"dashboards: {error_code(error)}"]

        def put(name: str) -> str:
            body = json.dumps(wanted[name], sort_keys=True)
            old = client.get_dashboard(DashboardName=name)["DashboardBody"] if name in names else ""
            if old != body:
                client.put_dashboard(DashboardName=name, DashboardBody=body)
            return name if old != body else ""

        changed, lacks = each(put, wanted, lambda name: f"dashboard {name}")
        gone = [name for name in names if name not in wanted] if may_remove else []
        if gone:
            client.delete_dashboards(DashboardNames=gone)
        return [*(name for name in changed if name), *gone], lacks

    def remove_dashboards(self, region: str, prefix: str) -> None:
        """Remove every dashboard of an installation. Errors: those of boto3."""
        client = self._clients.get("cloudwatch", region)
        names = self._dashboards(client, prefix)
        if names:
            client.delete_dashboards(DashboardNames=names)

    def _alarms(self, client: Any, prefix: str) -> Iterator[dict[str, Any]]:
        return pages(client, "describe_alarms", "MetricAlarms", "NextToken", AlarmNamePrefix=prefix, MaxRecords=100)

    def _dashboards(self, client: Any, prefix: str) -> list[str]:
        entries = pages(client, "list_dashboards", "DashboardEntries", "NextToken", DashboardNamePrefix=prefix)
        return [entry["DashboardName"] for entry in entries if entry["DashboardName"].startswith(prefix)]


def _batches(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Group what one call can answer: the same region, time and period, within the limits."""
    groups: dict[Any, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.region, question.start, question.end, question.period_s].append(question)
    for (_, start, end, period_s), ones in groups.items():
        points = max(1, int((end - start).total_seconds()) // period_s)
        yield from (list(batch) for batch in _slices(ones, max(1, min(QUERIES, DATAPOINTS // points))))


def _query(number: int, question: Question) -> dict[str, Any]:
    metric = {
        "Namespace": NATIVE,
        "MetricName": question.key[1],
        "Dimensions": [{"Name": name, "Value": value} for name, value in question.dimensions],
    }
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": question.period_s, "Stat": "Sum"}}


def _flat(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """CloudWatch may give dimensions in any order, and leaves out the number of breaches that is all periods."""
    return {"DatapointsToAlarm": alarm.get("EvaluationPeriods"), **alarm}


def _slices(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
