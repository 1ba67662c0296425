"""The results as people read them in a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from personalize_local.evaluation.errors_of_means import Estimate
from personalize_local.evaluation.measures import COLD, COVERAGE, GINI, POPULARITY, PRECISION, RECALL
from personalize_local.evaluation.off_policy import PolicyValue
from personalize_local.evaluation.report import Report, Row

MIB = 2**20
SHORT_NAMES = (
    ("normalized_discounted_cumulative_gain", "NDCG"),
    ("mean_reciprocal_rank", "MRR"),
    ("cold_item_hit_rate", "cold HR"),
    ("hit_rate", "HR"),
    ("precision", "P"),
    ("recall", "R"),
)


def short_name(metric: str) -> str:
    """Abbreviate a metric's name as the field does: NDCG@10."""
    for long, short in SHORT_NAMES:
        metric = metric.replace(long, short)
    return metric.replace("_at_", "@")


def render_report(report: Report) -> RenderableType:
    """Draw the report for a terminal."""
    columns = report_columns(report)
    table = Table(title=report.data, title_justify="left", caption="\n".join(report.facts()), caption_justify="left")
    for name in columns:
        table.add_column(name, justify="left" if name == "method" else "right", no_wrap=name == "method")
    for row in report.rows:
        cells = [Text(cell(row)) for cell in columns.values()]
        table.add_row(*cells, style="" if row.is_baseline else "bold")
    return Group(table)


def markdown_report(report: Report) -> str:
    """Write the report as Markdown."""
    columns = report_columns(report)
    lines = [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
    for row in report.rows:
        name = row.name if row.is_baseline else f"**{row.name}**"
        lines.append(f"| {' | '.join([name, *(cell(row) for cell in list(columns.values())[1:])])} |")
    return "\n".join([*lines, "", *(f"* {fact}" for fact in report.facts())])


def report_columns(report: Report) -> Mapping[str, Callable[[Row], str]]:
    """Give the columns by their headings."""
    k = report.cuts[0]
    columns: dict[str, Callable[[Row], str]] = {"method": lambda row: row.name}
    for metric in report.shown_metrics:
        columns[short_name(metric)] = lambda row, metric=metric: _with_error(row.metrics[metric])
    if report.rival is not None:
        columns[f"Δ to {report.rival}"] = lambda row: _difference(row.difference)
    for metric in (PRECISION.format(k), RECALL.format(k)):
        columns[short_name(metric)] = lambda row, metric=metric: f"{row.metrics[metric].value:.4f}"
    if report.cold_relevant_count:
        cold = COLD.format(k)
        columns[short_name(cold)] = lambda row: f"{row.metrics[cold].value:.4f}"
    columns["coverage"] = lambda row: f"{row.lists[COVERAGE]:.3f}"
    columns["popularity"] = lambda row: f"{row.lists[POPULARITY]:.2f}"
    columns["Gini"] = lambda row: f"{row.lists[GINI]:.2f}"
    columns["training s (CPU)"] = lambda row: f"{row.training_wall_s:.1f} ({row.training_cpu_s:.1f})"
    columns["MiB"] = lambda row: f"{row.peak_bytes / MIB:,.0f}"
    columns["p50 / p99 ms"] = lambda row: f"{row.scoring_p50_ms:.1f} / {row.scoring_p99_ms:.1f}"
    return columns


def render_policies(values: Sequence[PolicyValue]) -> Table:
    """Draw what policies earn."""
    caption = "reward per answer; intervals of 95 %; effective: answers of the policy itself that would say as much"
    table = Table(title="Off-policy estimate", title_justify="left", caption=caption, caption_justify="left")
    for name in ("policy", "SNIPS", "from", "to", "IPS", "from", "to", "answers", "effective"):
        table.add_column(name, justify="left" if name == "policy" else "right")
    for value in values:
        numbers = (value.snips, *value.snips_interval, value.ips, *value.ips_interval)
        counts = (f"{value.answer_count:,}", f"{value.effective_answers:,.0f}")
        table.add_row(value.name, *(f"{number:.4f}" for number in numbers), *counts)
    return table


def _with_error(estimate: Estimate) -> str:
    return f"{estimate.value:.4f} ± {estimate.standard_error:.4f}"


def _difference(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{estimate.value:+.4f} ± {estimate.standard_error:.4f}"
