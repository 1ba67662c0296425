"""The pipeline's own CloudWatch metrics: how good each version is, and how long a run takes.

They are a service to others: what cannot be written is logged, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import PipelineError
from pipeline.gateway import PersonalizeGateway
from pipeline.logs import logger

NAMESPACE = "PersonalizePipeline"
EXECUTION_HOURS = "ExecutionHours"


def write_offline_metrics(gateway: PersonalizeGateway, client: Any, version: Mapping[str, Any]) -> None:
    """Write the offline metrics of a solution version, given by its condition, with its solution and its name."""
    try:
        found = gateway.solution_metrics(version["arn"]) or {}
    except PipelineError as error:
        logger.warning("metrics not read", extra={"arn": version["arn"], "cause": str(error)})
        return
    solution = version["arn"].split("/")[1]
    dimensions = [{"Name": "solution", "Value": solution}, {"Name": "version", "Value": version["name"]}]
    data = [{"MetricName": name, "Dimensions": dimensions, "Value": value} for name, value in found.items()]
    if data:
        _put(client, data)


def write_execution_hours(client: Any, execution: Mapping[str, str], workflow: str, now: datetime) -> None:
    """Write how long a run has been at work, in hours, which the alarm on overdue runs watches."""
    hours = (now - datetime.fromisoformat(execution["StartTime"])).total_seconds() / 3600
    dimensions = [{"Name": "workflow", "Value": workflow}]
    _put(client, [{"MetricName": EXECUTION_HOURS, "Dimensions": dimensions, "Value": hours}])


def _put(client: Any, data: list[dict[str, Any]]) -> None:
    try:
        client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    except (BotoCoreError, ClientError) as error:
        logger.warning("metrics not written", extra={"cause": str(error)})
