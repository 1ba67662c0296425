"""Whether a new version is good enough to be tried on readers: its offline metrics beside the live version's; pure.

Rule 1: the new version's metric may be worse than the live one's by the tolerance, a share of the live one's value.
Rule 2: it covers at least the share of the catalogue that the parameter file asks for.
Rule 3: without a live version that has been measured there is nothing to be worse than: then only rule 2 counts.
Rule 4: what cannot be compared does not pass: a new version without metrics, or without any that the live one has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_spec.offline_metrics import COVERAGE, gate_metric
from personalize_spec.parameters.reading import Gate
from personalize_spec.recipes import get_recipe

Metrics = Mapping[str, float]
METRIC_DIGITS = 4  # as GetSolutionMetrics rounds; observed


@dataclass(frozen=True)
class Check:
    """One comparison: the value, the least it may be, and the live version's value where there is one."""

    metric: str
    value: float | None
    bound: float
    live: float | None = None

    @property
    def passed(self) -> bool:
        return self.value is not None and self.value >= self.bound

    @property
    def text(self) -> str:
        """Say what was compared, and how it went."""
        value = "was not measured" if self.value is None else f"is {self.value:.4f}"
        verdict = "as good as it must be" if self.passed else "too low"
        live = "" if self.live is None else f", the live version has {self.live:.4f}"
        return f"{self.metric} {value}, {verdict}: at least {self.bound:.4f} is asked for{live}"


def check_gate(recipe_arn: str, gate: Gate, candidate: Metrics, live: Metrics | None) -> list[Check]:
    """Compare two versions' metrics; the new one passes when all checks do."""
    checks = []
    recipe = get_recipe(recipe_arn)
    if live:
        shared = gate_metric(recipe, {}, set(live) & set(candidate), gate.metric)
        metric = shared or gate_metric(recipe, {}, set(live), gate.metric) or COVERAGE
        value = live.get(metric, 0.0)
        checks.append(Check(metric, candidate.get(metric), round(value * (1 - gate.tolerance), METRIC_DIGITS), value))
    if gate.minimum_coverage:
        checks.append(Check(COVERAGE, candidate.get(COVERAGE), gate.minimum_coverage, (live or {}).get(COVERAGE)))
    return checks


def verdict(checks: list[Check]) -> dict[str, Any]:
    """Give the verdict with its reasons."""
    return {
        "passed": all(check.passed for check in checks),
        "reasons": [check.text for check in checks] or ["There is no live version to compare with."],
    }
