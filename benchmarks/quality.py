"""Quality: every figure of the recommenders beside its bar, from one command.

    .venv/bin/python -m benchmarks.quality --ml1m PATH --idea-news PATH [--tags PATH] [--only PART …]

PATH is MovieLens-1M as its zip, its ratings.dat, SASRec's text file, or a folder of pre-split files whose users lack
their last two events (then the truncated protocol runs, and says so); IDEA's ratings.csv; MovieLens latest small's
tags.csv. A part whose data is not there is left out, and says where to get it. Each part replaces its own results
in benchmarks/results/quality, with a plot; benchmarks/results/quality.md is put together from all that are there.
"""

# ruff: noqa: T201 (a benchmark prints)

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.held_out import machine
from benchmarks.quality_data import MissingDataError, Places
from benchmarks.quality_parts import PARTS, Bar, Choices, Part
from personalize_local.evaluation.plot import plot_reports
from personalize_local.evaluation.table import markdown_report

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("personalize-local", "numpy", "scipy", "jax", "optax")
HEADING = """# Quality of the recommenders

`python -m benchmarks.quality`. ± is one standard error over users. "must" and "aim" are the project's own bars; BELOW
says that a figure is under its bar. How things are measured: [docs/evaluation.md](../../docs/evaluation.md).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, write the results; exit code 1 when a part had no data."""
    options = _options(arguments)
    places = Places(options.ml1m, options.idea_news, options.tags)
    choices = Choices(places, options.seeds, not options.statistics_only, _tell)
    folder = options.out / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    missing = 0
    for name in options.only or PARTS:
        started = time.perf_counter()
        try:
            part = PARTS[name](choices)
        except MissingDataError as error:
            print(f"{name}: left out. {error}", file=sys.stderr)
            missing += 1
            continue
        _keep(folder, name, part, time.perf_counter() - started)
        for bar in part.bars:
            print(" | ".join(_cells(bar)))
    text = summary(folder)
    (options.out / "quality.md").write_text(text, encoding="utf-8")
    print(f"\n{options.out / 'quality.md'}")
    return 1 if missing else 0


def summary(folder: Path) -> str:
    """Put the results of all parts together, in their order."""
    found = [
        json.loads(path.read_text(encoding="utf-8")) for name in PARTS if (path := folder / f"{name}.json").exists()
    ]
    lines = [HEADING, "| what | measured | must | aim | |", "|---|---:|---:|---:|---|"]
    lines += [f"| {' | '.join(_cells(Bar(**bar)))} |" for part in found for bar in part["bars"]]
    for part in found:
        lines += ["", f"## {part['title']}", "", part["where"], ""]
        lines += [f"![{part['title']}](quality/{part['plot']})", ""] if part["plot"] else []
        lines += [text + "\n" for text in part["texts"]]
    return "\n".join(lines).rstrip() + "\n"


def _keep(folder: Path, name: str, part: Part, seconds: float) -> None:
    """Write one part's results and its plot."""
    if part.reports:
        plot_reports(part.reports, folder / f"{name}.svg")
    tables = [f"### {report.data}\n\n{markdown_report(report)}" for report in part.reports]
    content = {
        "title": part.title,
        "bars": [asdict(bar) for bar in part.bars],
        "plot": f"{name}.svg" if part.reports else None,
        "where": _where(seconds),
        "texts": [text for text in (part.text, *tables) if text],
    }
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _cells(bar: Bar) -> tuple[str, ...]:
    def number(value: float | None, sign: str = "+") -> str:
        if value is None:
            return ""
        return f"{value:{sign}.1%}" if bar.is_relative else f"{value:.4g}" if bar.lower_is_better else f"{value:.4f}"

    error = "" if bar.standard_error is None else f" ± {number(bar.standard_error, '')}"
    return (bar.what, f"{number(bar.value)}{error}", number(bar.must), number(bar.aim), bar.verdict)


def _where(seconds: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {threads} threads; Python {platform.python_version()}, "
        f"{packages}; {seconds:.0f} s in all."
    )


def _tell(text: str, done: float) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{done:4.0%} {text}", end="", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ml1m", type=Path, metavar="PATH", help="MovieLens-1M")
    parser.add_argument("--idea-news", type=Path, metavar="PATH", help="IDEA's ratings.csv")
    parser.add_argument("--tags", type=Path, metavar="PATH", help="tags.csv of MovieLens latest small")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=1, help="trainings of a row; at least 3 where they divide")
    parser.add_argument("--statistics-only", action="store_true", help="without the sequence layer")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
