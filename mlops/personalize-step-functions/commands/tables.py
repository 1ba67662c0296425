"""A plan as tables for people, or as data for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.estimate import Estimate, Line
from commands.outlook import Step
from personalize_spec.parameters import ERROR, Finding
from personalize_spec.prices import PriceTable

WIDE = 160
_STYLES = {"leave": "dim", "refused": "bold red", "replace": "yellow", "release": "yellow"}


def as_data(
    findings: Sequence[Finding], steps: Sequence[Step], costs: Estimate | None, prices: PriceTable
) -> dict[str, Any]:
    """Give everything as JSON-ready data."""
    return {
        "findings": [asdict(finding) for finding in findings],
        "steps": [
            {"key": step.key, "kind": step.kind, "name": step.name, "do": step.word, "detail": step.detail}
            for step in steps
        ],
        "changes": sum(step.is_change for step in steps),
        "cost": None if costs is None else {**asdict(costs), "prices_as_of": prices.as_of},
    }


def show(findings: Sequence[Finding], steps: Sequence[Step], costs: Estimate | None, prices: PriceTable) -> None:
    """Print tables."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDE)
    if findings:
        console.print(_findings(findings))
    if steps:
        console.print(_steps(steps))
    if costs is not None:
        console.print(summary(steps))
        for title, lines in (("this run", costs.run), ("each month, with the file as it is", costs.month)):
            if lines:
                console.print(_costs(title, lines))
        console.print(f"Time: about {_duration(costs.minutes)}. Prices in dollars as of {prices.as_of}, see --prices.")


def summary(steps: Sequence[Step]) -> str:
    """Count what would be done, in a sentence."""
    words: dict[str, int] = {}
    for step in steps:
        words[step.word] = words.get(step.word, 0) + 1
    if not any(step.is_change for step in steps) and "refused" not in words:
        return f"Nothing would change: {words.get('leave', 0)} left as they are."
    return ", ".join(f"{count} to {word}" for word, count in words.items()) + "."


def _findings(findings: Sequence[Finding]) -> Table:
    table = Table("", "where", "what to change", show_lines=True)
    for finding in sorted(findings, key=lambda finding: finding.severity != ERROR):
        table.add_row(finding.severity, Text(finding.path or "the file", overflow="fold"), Text(finding.message))
    return table


def _steps(steps: Sequence[Step]) -> Table:
    table = Table("do", "what", "name", "detail")
    for step in steps:
        word = step.word
        what = step.kind.replace("-", " ")
        table.add_row(Text(word, style=_STYLES.get(word, "bold")), what, Text(step.name or "–"), Text(step.detail))
    return table


def _costs(title: str, lines: Sequence[Line]) -> Table:
    table = Table("what", "how much", "dollars", "", title=title, title_justify="left")
    for line in lines:
        table.add_row(line.what, line.amount, f"{line.dollars:,.2f}", line.note)
    table.add_row("together", "", f"{sum(line.dollars for line in lines):,.2f}", "")
    return table


def _duration(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
