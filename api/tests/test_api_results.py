"""Click-through per arm, its interval, and the comparison of arms."""

from datetime import UTC, datetime
from typing import Any

import ab_results
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommendations.results import ArmResult, counts_of_lines, counts_of_metrics, p_value, results_of

NOW = datetime(2021, 11, 3, tzinfo=UTC)


class FakeCloudWatch:
    """Sums of metrics by arm, in pages."""

    def __init__(self, sums: dict[tuple[str, str], list[float]]) -> None:
        self.sums = sums

    def get_paginator(self, operation: str) -> "FakeCloudWatch":
        self.operation = operation
        return self

    def paginate(self, **asked: Any):
        if self.operation == "list_metrics":
            service, arm = asked["Dimensions"]
            assert (service, arm) == ({"Name": "service", "Value": "api"}, {"Name": "Arm"})
            for name, arm_name in self.sums:
                if name == asked["MetricName"]:
                    dimensions = [{"Name": "service", "Value": "api"}, {"Name": "Arm", "Value": arm_name}]
                    yield {"Metrics": [{"Namespace": "n", "MetricName": name, "Dimensions": dimensions}]}
        else:
            for query in asked["MetricDataQueries"]:
                metric = query["MetricStat"]["Metric"]
                values = self.sums[metric["MetricName"], metric["Dimensions"][1]["Value"]]
                yield {"MetricDataResults": [{"Id": query["Id"], "Values": values}]}


def test_counts_of_the_metrics():
    sums = {("Exposures", "blue"): [60.0, 40.0], ("Conversions", "blue"): [9.0], ("Exposures", "green"): [10.0]}
    results = results_of(counts_of_metrics(FakeCloudWatch(sums), "n", "api", NOW, NOW))
    assert results == [ArmResult("blue", 100, 9), ArmResult("green", 10, 0)]


def test_counts_of_log_lines():
    lines = [{"Arm": "blue", "Exposures": [1.0]}, {"Arm": "blue", "Conversions": [1.0, 1.0]}, {"Exposures": [5.0]}]
    assert counts_of_lines(lines) == {"blue": {"Exposures": 1.0, "Conversions": 2.0}}


def test_the_interval_is_wilsons():
    low, high = ArmResult("a", 100, 9).interval
    assert (low, high) == (pytest.approx(0.0481, abs=1e-4), pytest.approx(0.1623, abs=1e-4))
    assert ArmResult("a", 0, 0).interval == (0.0, 1.0)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_rate_is_inside_its_interval(exposures, share):
    result = ArmResult("a", exposures, round(exposures * share))
    low, high = result.interval
    assert 0 <= low <= result.click_through + 1e-12 and result.click_through - 1e-12 <= high <= 1


def test_arms_are_compared():
    a, b = ArmResult("a", 1000, 100), ArmResult("b", 1000, 130)
    assert p_value(a, b) == p_value(b, a) == pytest.approx(0.0355, abs=2e-3)
    assert p_value(a, a) == 1 and p_value(a, ArmResult("c", 0, 0)) == 1


def test_the_report():
    lines = ab_results.report([ArmResult("blue", 1000, 100), ArmResult("green", 1000, 130)])
    assert "10.00%" in lines[1] and "13.00%" in lines[2] and lines[2].rstrip().endswith("0.0355")
    assert ab_results.report([]) == ["No lists have been counted in this time."]
