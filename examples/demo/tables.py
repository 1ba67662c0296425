"""Tables a person can judge: what was read, what is recommended, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from examples.demo.catalogue import Reading, Work
from examples.demo.parts import Parts
from examples.demo.screen import seconds

HOUR_S, DAY_S = 3600, 86_400
MORE_OF_IT = "  ‹ more of it"


def age(epoch_s: int, now_epoch_s: int) -> str:
    """Write how long ago something was, roughly: 40 min, 7 h, 3 days, 12 years."""
    passed = max(0, now_epoch_s - epoch_s)
    if passed < HOUR_S:
        return f"{passed // 60} min"
    if passed < 2 * DAY_S:
        return f"{passed // HOUR_S} h"
    if passed < 800 * DAY_S:
        return f"{passed // DAY_S} days"
    return f"{passed // (365 * DAY_S)} years"


def rank_change(item_id: str, rank: int, before: Sequence[str]) -> str:
    """Say how a rank, counted from 1, differs from the earlier list: "new", "↑ 3", "↓ 1" or "=" """
    if item_id not in before:
        return "new"
    climbed = before.index(item_id) + 1 - rank
    return f"↑ {climbed}" if climbed > 0 else f"↓ {-climbed}" if climbed < 0 else "="


def readings_table(readings: Sequence[Reading], works: Mapping[str, Work], now_epoch_s: int) -> Table:
    """Show what was read lately, newest first."""
    table = _table("read", "title", "section", "published")
    for reading in readings:
        work = works.get(reading.item_id)
        when = f"{age(reading.epoch_s, now_epoch_s)} ago"
        title, section = (work.title, work.section) if work else (reading.item_id, "not in the catalogue")
        table.add_row(when, title, section, _published(work, now_epoch_s))
    return table


def recommendations_table(
    items: Sequence[Mapping[str, str]],
    works: Mapping[str, Work],
    now_epoch_s: int,
    before: Sequence[str] | None = None,
    thread: str = "",
) -> Table:
    """Show the API's recommendations by rank; with `before`, the earlier list, also what changed.

    Works of `thread`, which the reader has just taken up, are marked.
    """
    table = _table(*(["rank"] if before is None else ["rank", "change"]), "title", "section", "published")
    for rank, item in enumerate(items, start=1):
        work = works.get(item["content_id"])
        changed = [] if before is None else [_change(rank_change(item["content_id"], rank, before))]
        more = (MORE_OF_IT, "bold green") if thread and work and work.thread == thread else ""
        title = Text.assemble(item["title"], more)
        table.add_row(str(rank), *changed, title, item["section_meta_title"], _published(work, now_epoch_s))
    return table


def durations_table(parts: Parts) -> Table:
    """Show how long each part of the walk took."""
    table = Table(box=SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for title, duration_s in parts.durations_s:
        table.add_row(title, seconds(duration_s))
    table.add_section()
    table.add_row(Text("Together", style="bold"), Text(seconds(parts.total_s), style="bold"))
    return table


def metrics_table(names: Sequence[str], columns: Mapping[str, Mapping[str, float]]) -> Table:
    """Show held-out metrics side by side: the first column, the second, and how they compare."""
    (first_title, first), (second_title, second) = columns.items()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("held-out metric")
    for title in (first_title, second_title, "ratio"):
        table.add_column(title, justify="right")
    for name in names:
        ratio = f"{first[name] / second[name]:.2f}" if second[name] else "–"
        table.add_row(name.replace("_", " "), f"{first[name]:.4f}", f"{second[name]:.4f}", ratio)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        right = column in ("rank", "published", "read")
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "title")
    return table


def _published(work: Work | None, now_epoch_s: int) -> str:
    if work is None:
        return ""
    return work.year or (f"{age(work.published_epoch_s, now_epoch_s)} ago" if work.published_epoch_s else "")


def _change(text: str) -> Text:
    style = "green" if text.startswith(("↑", "new")) else "red" if text.startswith("↓") else "dim"
    return Text(text, style=style)
