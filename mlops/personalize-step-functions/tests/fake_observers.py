"""EventBridge and CloudWatch in memory: they keep what is sent, and check it against botocore's shapes."""

from __future__ import annotations

import json
from typing import Any

from botocore.validate import ParamValidator
from botocore_models import service_model


def _check(service: str, operation: str, arguments: dict[str, Any]) -> None:
    report = ParamValidator().validate(arguments, service_model(service).operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


class FakeEvents:
    """The default bus: `sent` has the details by detail type."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.fault: Exception | None = None

    def put_events(self, **arguments: Any) -> dict[str, Any]:
        """Keep the entries."""
        _check("events", "PutEvents", arguments)
        if self.fault:
            raise self.fault
        for entry in arguments["Entries"]:
            assert entry["Source"] == "personalize.pipeline"
            self.sent.append((entry["DetailType"], json.loads(entry["Detail"])))
        return {"FailedEntryCount": 0}

    def of(self, detail_type: str) -> list[dict[str, Any]]:
        """The details of one type."""
        return [detail for sent, detail in self.sent if sent == detail_type]


class FakeMetrics:
    """CloudWatch's metrics: `written` has what was put."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []
        self.fault: Exception | None = None

    def put_metric_data(self, **arguments: Any) -> dict[str, Any]:
        """Keep the data."""
        _check("cloudwatch", "PutMetricData", arguments)
        if self.fault:
            raise self.fault
        assert arguments["Namespace"] == "PersonalizePipeline"
        self.written += arguments["MetricData"]
        return {}
