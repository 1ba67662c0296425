"""What the service tells others by itself: metrics of its own, and reports of metric attributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from personalize_local.jobs.attribution_reports import AttributionReporter
from personalize_local.jobs.cloudwatch import CloudWatch, MetricSender, client_maker, cloudwatch_endpoint
from personalize_local.jobs.repeater import Repeater
from personalize_local.jobs.s3_source import make_client

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service


class Reporting:
    """The reporting tasks of a service: none without an endpoint to report to."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._repeaters: list[Repeater] = []

    def start(self, environment: Mapping[str, str]) -> None:
        """Begin to report to the endpoint that the environment names, if it names one."""
        cloudwatch = self.start_metrics(environment)
        if cloudwatch is None:
            return
        service = self._service
        reporter = AttributionReporter(
            service, cloudwatch, lambda scope: make_client(scope.account_id, scope.region, environment, attempts=2)
        )
        self._repeat("attribution", reporter.report, service.settings.attribution_interval_s)

    def start_metrics(self, environment: Mapping[str, str]) -> CloudWatch | None:
        """Begin to report metrics alone, as a service does that writes nothing; give where they go, if anywhere."""
        endpoint = cloudwatch_endpoint(environment)
        if endpoint is None:
            return None
        service = self._service
        cloudwatch = CloudWatch(client_maker(endpoint, environment))
        sender = MetricSender(service.metrics, service.workspace.resources, cloudwatch)
        service.metrics.open()
        self._repeat("metrics", sender.send, service.settings.metrics_interval_s)
        return cloudwatch

    def _repeat(self, name: str, task: Callable[[], None], interval_s: float) -> None:
        repeater = Repeater(name, task, interval_s)
        self._repeaters.append(repeater)
        repeater.start()

    def stop(self) -> None:
        """End the threads. What they report to goes down with the service, so that nothing is sent any more."""
        for repeater in self._repeaters:
            repeater.stop()
        self._repeaters = []
