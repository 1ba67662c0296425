"""CloudWatch as documented, in memory: exact dimensions, its limits, and alarms evaluated as it evaluates them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMPARE = {
    "GreaterThanThreshold": lambda value, bound: value > bound,
    "LessThanThreshold": lambda value, bound: value < bound,
    "LessThanOrEqualToThreshold": lambda value, bound: value <= bound,
}


def refuse(code: str, message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def key_of(namespace: str, name: str, dimensions: list[dict[str, str]]) -> tuple[Any, ...]:
    return namespace, name, tuple(sorted((one["Name"], one["Value"]) for one in dimensions))


class FakeCloudWatch:
    """One region's CloudWatch. `points[key][epoch second]` are (sum, count, minimum, maximum)."""

    def __init__(self) -> None:
        self.points: dict[tuple[Any, ...], dict[int, list[float]]] = defaultdict(dict)
        self.alarms: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, str] = {}
        self.calls: list[str] = []
        self.broken: set[str] = set()

    def add(self, namespace: str, name: str, dimensions: list[dict[str, str]], at: datetime, value: float) -> None:
        self.points[key_of(namespace, name, dimensions)].setdefault(int((at - EPOCH).total_seconds()), []).append(value)

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
        self._note("put_metric_data")
        assert len(MetricData) <= 1000
        for datum in MetricData:
            self.add(Namespace, datum["MetricName"], datum["Dimensions"], datum["Timestamp"], datum["Value"])

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        self._note("get_metric_data")
        queries = request["MetricDataQueries"]
        span_s = (request["EndTime"] - request["StartTime"]).total_seconds()
        points = sum(span_s // query["MetricStat"]["Period"] for query in queries)
        if len(queries) > 500 or points > 100_800:
            raise refuse("ValidationError", "too much in one request")
        return {"MetricDataResults": [self._result(query, request) for query in queries]}

    def _result(self, query: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        assert "Expression" not in query and stat["Stat"] == "Sum"
        found = self.points.get(key_of(metric["Namespace"], metric["MetricName"], metric["Dimensions"]), {})
        start, end = (int((request[name] - EPOCH).total_seconds()) for name in ("StartTime", "EndTime"))
        sums: dict[int, float] = {}
        for at, values in found.items():
            if start <= at < end:
                bucket = at - at % stat["Period"]
                sums[bucket] = sums.get(bucket, 0.0) + sum(values)
        return {
            "Id": query["Id"],
            "StatusCode": "Complete",
            "Timestamps": [datetime.fromtimestamp(at, UTC) for at in sorted(sums)],
            "Values": [sums[at] for at in sorted(sums)],
        }

    def describe_alarms(self, *, AlarmNamePrefix: str, MaxRecords: int, NextToken: str = "") -> dict[str, Any]:
        self._note("describe_alarms")
        names = sorted(name for name in self.alarms if name.startswith(AlarmNamePrefix) and name >= NextToken)
        page, rest = names[:MaxRecords], names[MaxRecords:]
        reply: dict[str, Any] = {"MetricAlarms": [self.alarms[name] for name in page]}
        return reply | ({"NextToken": rest[0]} if rest else {})

    def put_metric_alarm(self, **alarm: Any) -> None:
        self._note("put_metric_alarm")
        limit = 604_800 if alarm["Period"] >= 3600 else 86_400
        if alarm["Period"] * alarm["EvaluationPeriods"] > limit:
            raise refuse("ValidationError", "too long")
        self.alarms[alarm["AlarmName"]] = {name: value for name, value in alarm.items() if name != "Tags"}

    def delete_alarms(self, *, AlarmNames: list[str]) -> None:
        self._note("delete_alarms")
        assert len(AlarmNames) <= 100
        for name in AlarmNames:
            self.alarms.pop(name, None)

    def list_dashboards(self, *, DashboardNamePrefix: str) -> dict[str, Any]:
        self._note("list_dashboards")
        names = [name for name in self.dashboards if name.startswith(DashboardNamePrefix)]
        return {"DashboardEntries": [{"DashboardName": name} for name in names]}

    def get_dashboard(self, *, DashboardName: str) -> dict[str, Any]:
        return {"DashboardBody": self.dashboards[DashboardName]}

    def put_dashboard(self, *, DashboardName: str, DashboardBody: str) -> None:
        self._note("put_dashboard")
        self.dashboards[DashboardName] = DashboardBody

    def delete_dashboards(self, *, DashboardNames: list[str]) -> None:
        for name in DashboardNames:
            del self.dashboards[name]

    def firing(self, now: datetime) -> set[str]:
        """The alarms in ALARM: enough of the last periods breach; a missing one counts as the alarm says."""
        return {name for name, alarm in self.alarms.items() if self._fires(alarm, int((now - EPOCH).total_seconds()))}

    def _fires(self, alarm: dict[str, Any], now: int) -> bool:
        found = self.points.get(key_of(alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"]), {})
        last = now - now % alarm["Period"]
        verdicts = []
        for number in range(alarm["EvaluationPeriods"]):
            start = last - (number + 1) * alarm["Period"]
            values = [value for at, ones in found.items() if start <= at < start + alarm["Period"] for value in ones]
            verdicts.append(self._breaches(alarm, values))
        return sum(verdicts) >= alarm["DatapointsToAlarm"]

    def _breaches(self, alarm: dict[str, Any], values: list[float]) -> bool:
        if not values:
            return alarm["TreatMissingData"] == "breaching"
        total = {
            "Sum": sum(values),
            "Average": sum(values) / len(values),
            "Maximum": max(values),
            "Minimum": min(values),
        }
        return COMPARE[alarm["ComparisonOperator"]](total[alarm["Statistic"]], alarm["Threshold"])

    def _note(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self.broken:
            raise refuse("ThrottlingException")
