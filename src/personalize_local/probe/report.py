"""The report: every finding, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from personalize_local.probe import errors, lifecycles, operations, paging, recipes, validation
from personalize_local.probe.check import FAIL, PASS, SKIP, Check, Finding, put
from personalize_local.probe.endpoint import Endpoint

# What is asked in each area, in the order of the report.
AREAS: Mapping[str, str] = {
    operations.AREA: "each of the 79 answers: lists with lists, the others with the error that an empty request gets.",
    errors.AREA: "what cannot be understood is refused, and errors have the form of their protocol.",
    validation.AREA: "bounds, patterns and enums of the models, which clients leave to the service.",
    paging.AREA: "pages, tokens and the form of what a list gives.",
    recipes.AREA: "the recipes and their hyperparameters, beside our table of them.",
    lifecycles.AREA: "statuses, names that are taken, what is in use, and limits.",
}


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
        """Give the report as a table, area by area, and a line of sums; only what did not pass, if asked."""
        parts = [part for area in AREAS if (part := self._area(area, failures_only))]
        return "\n\n".join([f"{self.url} ({self.region})", *parts, self._sums()])

    def _area(self, area: str, failures_only: bool) -> str:
        """Give an area: what is asked in it, how it went, and the findings; an area that was not asked says how to."""
        own = [finding for finding in self.findings if finding.area == area]
        if not own:
            return f"{area}: {AREAS[area]}\n  not asked: --write asks, with throw-away resources that cost nothing"
        shown = [finding for finding in own if not failures_only or finding.outcome != PASS]
        width = max((len(finding.name) for finding in shown), default=0)
        passed = sum(finding.outcome == PASS for finding in own)
        lines = [f"{area}: {AREAS[area]} {passed} of {len(own)} passed."]
        lines += [
            f"  {finding.outcome}  {finding.name:{width}}  {finding.source:10}  {finding.detail}".rstrip()
            for finding in shown
        ]
        return "\n".join(lines)

    def _sums(self) -> str:
        counts = self.counts
        return f"{len(self.findings)} checks: {counts[PASS]} passed, {counts[FAIL]} failed, {counts[SKIP]} skipped"


def reading_checks() -> list[Check]:
    """Give the checks that create nothing and cost nothing."""
    return [
        *operations.operation_checks(),
        *errors.error_checks(),
        *validation.validation_checks(),
        *paging.paging_checks(),
        *recipes.recipe_checks(),
    ]


def probe(endpoint: Endpoint, *, write: bool = False) -> Report:
    """Put all questions; with `write` also those that create throw-away resources.

    Errors: EndpointError when nothing answers.
    """
    checks: Sequence[Check] = [*reading_checks(), *(lifecycles.lifecycle_checks() if write else [])]
    return Report(endpoint.url, endpoint.region, tuple(put(check, endpoint) for check in checks))
