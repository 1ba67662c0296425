"""How a benchmark tells what it found: a table in Markdown, printed and, when asked, kept."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Give the lines of a table."""
    return [_line(head), f"|{'---|' * len(head)}", *map(_line, rows)]


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Give a parser that knows --keep."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="write the table to benchmarks/results")
    return parser


def publish(title: str, described: str, lines: Iterable[str], kept_at: Path | None, about: str = "") -> None:
    """Print what was found on the machine described, and write it to a file when there is one.

    Args: about: what the file says first.
    """
    text = "\n".join([described, "", *lines, ""])
    print(text)  # noqa: T201
    if kept_at is not None:
        kept_at.write_text("\n\n".join([f"# {title}", *filter(None, [about]), text]), encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
