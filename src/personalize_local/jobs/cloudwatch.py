"""Metrics into CloudWatch, in batches, from a thread of their own.

Rule 1: no request and no job waits for CloudWatch, or fails because of it.
Rule 2: without an endpoint to send to, nothing is sent, and nothing is gathered.

Source: contract §8.2.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.jobs.metric_dimensions import Dimensions, dimensions_of
from personalize_local.jobs.metrics import MetricBuffer, Series, Statistics
from personalize_local.store.resources import ResourceStore
from personalize_spec.arns import Scope

NAMESPACE = "AWS/Personalize"
BATCH_SIZE = 150
CLIENT_LIMIT = 16
TIMEOUT_S = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Datum:
    """A metric's values at one time, with its dimensions."""

    name: str
    unit: str
    dimensions: Dimensions
    epoch_s: int
    values: Statistics

    def to_request(self) -> dict[str, Any]:
        """Give the datum as PutMetricData takes it."""
        values = self.values
        return {
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
            "Timestamp": datetime.fromtimestamp(self.epoch_s, UTC),
            "StatisticValues": {
                "SampleCount": values.count,
                "Sum": values.total,
                "Minimum": values.minimum,
                "Maximum": values.maximum,
            },
            "Unit": self.unit,
        }


class CloudWatch:
    """CloudWatch as every account and region sees it."""

    def __init__(self, make_client: Callable[[Scope], Any]) -> None:
        self._make_client = make_client
        self._clients: dict[Scope, Any] = {}

    def put(self, scope: Scope, data: Sequence[Datum]) -> None:
        """Send metrics as the account they are of.

        Errors: ClientError, BotoCoreError.
        """
        client = self._client(scope)
        for start in range(0, len(data), BATCH_SIZE):
            batch = [datum.to_request() for datum in data[start : start + BATCH_SIZE]]
            client.put_metric_data(Namespace=NAMESPACE, MetricData=batch)

    def _client(self, scope: Scope) -> Any:
        client = self._clients.get(scope)
        if client is None:
            if len(self._clients) == CLIENT_LIMIT:
                self._clients.pop(next(iter(self._clients)))
            client = self._clients[scope] = self._make_client(scope)
        return client


class MetricSender:
    """Sends what the buffer gathered, when `send` is called; what cannot be sent now waits in the buffer."""

    def __init__(self, buffer: MetricBuffer, resources: ResourceStore, cloudwatch: CloudWatch) -> None:
        self._buffer = buffer
        self._resources = resources
        self._cloudwatch = cloudwatch
        self._is_failing = False

    def send(self) -> None:
        """Send everything gathered so far."""
        by_scope: dict[Scope, dict[Series, Statistics]] = {}
        for series, statistics in self._buffer.take().items():
            by_scope.setdefault(series.scope, {})[series] = statistics
        for scope, gathered in by_scope.items():
            self._send_of(scope, gathered)

    def _send_of(self, scope: Scope, gathered: Mapping[Series, Statistics]) -> None:
        try:
            self._cloudwatch.put(scope, self._data(scope, gathered))
            self._is_failing = False
        except (ClientError, BotoCoreError) as error:
            self._buffer.put_back(gathered)
            if not self._is_failing:
                logger.warning("metrics could not be sent to CloudWatch; trying again: %s", error)
            self._is_failing = True

    def _data(self, scope: Scope, gathered: Mapping[Series, Statistics]) -> list[Datum]:
        subjects = {series.subject for series in gathered}
        dimensions = {subject: dimensions_of(self._resources, scope, subject) for subject in subjects}
        return [
            Datum(series.name, series.unit, known, series.minute_epoch_s, statistics)
            for series, statistics in gathered.items()
            if (known := dimensions[series.subject]) is not None
        ]


def cloudwatch_endpoint(environment: Mapping[str, str]) -> str | None:
    """Give the endpoint that the environment names for CloudWatch; none for the service without a cloud around it."""
    return environment.get("AWS_ENDPOINT_URL_CLOUDWATCH") or environment.get("AWS_ENDPOINT_URL") or None


def client_maker(endpoint: str, environment: Mapping[str, str]) -> Callable[[Scope], Any]:
    """Give how to make an account's client; the local cloud takes the access key for the account's id."""

    def make(scope: Scope) -> Any:
        import boto3  # only here: half a second, which the server does not have when it starts
        from botocore.config import Config

        return boto3.client(
            "cloudwatch",
            region_name=scope.region,
            endpoint_url=endpoint,
            aws_access_key_id=scope.account_id,
            aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY") or "test",
            config=Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"max_attempts": 1}),
        )

    return make
