"""The report: every finding, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from personalize_local.probe.check import FAIL, PASS, SKIP, Check, Finding, put
from personalize_local.probe.endpoint import Endpoint
from personalize_local.probe.errors import error_checks
from personalize_local.probe.lifecycles import lifecycle_checks
from personalize_local.probe.operations import operation_checks
from personalize_local.probe.paging import paging_checks
from personalize_local.probe.recipes import recipe_checks
from personalize_local.probe.validation import validation_checks


@dataclass(frozen=True)
class Report:
    """What was found at an address."""

    url: str
    region: str
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many checks passed, failed and were skipped."""
        counted = Counter(finding.outcome for finding in self.findings)
        return {outcome: counted[outcome] for outcome in (PASS, FAIL, SKIP)}

    @property
    def is_conformant(self) -> bool:
        """Whether nothing failed."""
        return self.counts[FAIL] == 0

    def to_json(self) -> str:
        """Give the report as a JSON document."""
        findings = [asdict(finding) for finding in self.findings]
        content = {"url": self.url, "region": self.region, "counts": self.counts, "findings": findings}
        return json.dumps(content, indent=2)

    def to_table(self, *, failures_only: bool = False) -> str:
        """Give the report as a table, one line a finding, and a line of sums; only what did not pass, if asked."""
        shown = [finding for finding in self.findings if not failures_only or finding.outcome != PASS]
        area_width = max((len(finding.area) for finding in shown), default=0)
        name_width = max((len(finding.name) for finding in shown), default=0)
        lines = [
            f"{finding.outcome:4}  {finding.area:{area_width}}  {finding.name:{name_width}}  "
            f"{finding.source:10}  {finding.detail}".rstrip()
            for finding in shown
        ]
        counts = self.counts
        sums = f"{len(self.findings)} checks: {counts[PASS]} passed, {counts[FAIL]} failed, {counts[SKIP]} skipped"
        return "\n".join([f"{self.url} ({self.region})", "", *lines, "", sums])


def reading_checks() -> list[Check]:
    """Give the checks that create nothing and cost nothing."""
    return [*operation_checks(), *error_checks(), *validation_checks(), *paging_checks(), *recipe_checks()]


def probe(endpoint: Endpoint, *, write: bool = False) -> Report:
    """Put all questions; with `write` also those that create throw-away resources.

    Errors: EndpointError when nothing answers.
    """
    checks: Sequence[Check] = [*reading_checks(), *(lifecycle_checks() if write else [])]
    return Report(endpoint.url, endpoint.region, tuple(put(check, endpoint) for check in checks))
