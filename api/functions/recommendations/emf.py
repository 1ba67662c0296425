"""Write measurements as CloudWatch's embedded metrics, with Powertools: one line per arm, one for everything else."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from aws_lambda_powertools.metrics import EphemeralMetrics

from recommendations.meters import ARM, Measurement


def write_metrics(measurements: Iterable[Measurement]) -> None:
    """Write the lines; namespace and service come from POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_SERVICE_NAME."""
    ordered = sorted(measurements, key=lambda measurement: measurement.arm)
    for arm, group in groupby(ordered, key=lambda measurement: measurement.arm):
        write_line(arm, list(group))


def write_line(arm: str, measurements: Sequence[Measurement]) -> None:
    """Write one line with one set of dimensions: the service, and the arm where there is one."""
    metrics = EphemeralMetrics()
    if arm:
        metrics.add_dimension(ARM, arm)
    for metric, value, _ in measurements:
        metrics.add_metric(metric.name, metric.unit, value)
    metrics.flush_metrics()
