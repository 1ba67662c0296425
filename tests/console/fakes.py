"""Services of an account with a deployed API, in memory, in boto3's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

STACK = "news-api"
EXPOSURES_TABLE = "news-exposures"
SETTINGS_TABLE = "news-dev-api-settings"


def refuse(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no such right"}}, operation)


@dataclass
class FakeStacks:
    """CloudFormation with the API's stack."""

    api_address: str = "https://abc.execute-api.us-east-1.amazonaws.com/v1"

    def get_paginator(self, operation: str) -> SimpleNamespace:
        parameters = {"ContentDynamoDbTableName": "content", "ResourcesPrefix": "news", "Environment": "dev",
                      "MetricsNamespace": "News", "CampaignName": "front"}  # fmt: skip
        outputs = {"ApiId": "abc", "StageName": "v1", "ApiKeyId": "key", "SettingsTable": SETTINGS_TABLE,
                   "POSTRecommendationsApiGatewayInvokeURL": f"{self.api_address}/recommendations"}  # fmt: skip
        stack = {
            "StackName": STACK,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        }
        other = {"StackName": "other", "Parameters": [{"ParameterKey": "Email", "ParameterValue": "x"}]}
        return SimpleNamespace(paginate=lambda: [{"Stacks": [other, stack]}])

    def describe_stack_resources(self, *, StackName: str) -> dict[str, Any]:
        assert StackName == STACK
        return {"StackResources": [{"LogicalResourceId": "ExposuresTable", "PhysicalResourceId": EXPOSURES_TABLE}]}


@dataclass
class FakeKeys:
    """API Gateway's keys."""

    def get_api_key(self, *, apiKey: str, includeValue: bool) -> dict[str, str]:
        assert (apiKey, includeValue) == ("key", True)
        return {"value": "secret"}


@dataclass
class FakeTables:
    """DynamoDB: the rows of each table, scanned in pages of two."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "scan"
        return SimpleNamespace(paginate=self._scan)

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:
        raise refuse("BatchGetItem")

    def _scan(self, *, TableName: str, **asked: Any) -> Iterator[dict[str, Any]]:
        if TableName not in self.rows:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": TableName}}, "Scan")
        rows = self.rows[TableName]
        for start in range(0, max(len(rows), 1), 2):
            more = {"LastEvaluatedKey": {}} if start + 2 < len(rows) else {}
            yield {"Items": rows[start : start + 2]} | more


@dataclass
class FakeMetrics:
    """CloudWatch: sums by metric and arm, and alarms."""

    sums: dict[tuple[str, str], float] = field(default_factory=dict)
    alarms: list[dict[str, Any]] = field(default_factory=list)

    def get_paginator(self, operation: str) -> SimpleNamespace:
        pages: dict[str, Callable[..., dict[str, Any]]] = {
            "list_metrics": self._metrics,
            "get_metric_data": self._data,
            "describe_alarms": lambda StateValue: {"MetricAlarms": self.alarms, "CompositeAlarms": []},
        }
        return SimpleNamespace(paginate=lambda **asked: [pages[operation](**asked)])

    def _metrics(self, *, Namespace: str, MetricName: str, Dimensions: list[dict[str, str]]) -> dict[str, Any]:
        assert (Namespace, Dimensions[0]) == ("News", {"Name": "service", "Value": STACK})
        return {
            "Metrics": [
                {
                    "Namespace": Namespace,
                    "MetricName": name,
                    "Dimensions": [Dimensions[0], {"Name": "Arm", "Value": arm}],
                }
                for name, arm in self.sums
                if name == MetricName
            ]
        }

    def _data(self, *, MetricDataQueries: list[dict[str, Any]], **span: Any) -> dict[str, Any]:
        (query,) = MetricDataQueries
        metric = query["MetricStat"]["Metric"]
        value = self.sums[metric["MetricName"], metric["Dimensions"][1]["Value"]]
        return {"MetricDataResults": [{"Id": query["Id"], "Values": [value / 2, value / 2]}]}
