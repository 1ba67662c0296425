"""Check a parameter file, and the data it is for, as the pipeline does before it creates anything."""

# ruff: noqa: T201 (a command line prints)

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from personalize_local.cloud.settings import CloudSettings
from personalize_spec.parameters import DATASET_TYPE_OF, ERROR, Finding, check_parameters, has_errors
from personalize_spec.preflight import BUDGET_BYTES, DataFile, check_data, parse_parameter_file

if TYPE_CHECKING:
    from rich.table import Table

EXIT_REFUSED = 1
EXIT_UNREADABLE = 2
WIDE = 160  # characters of a table that goes to a file


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local check`."""
    parser.add_argument("parameters", type=Path, metavar="PARAMS", help="the parameter file")
    parser.add_argument(
        "data",
        type=Path,
        nargs="*",
        metavar="DATA",
        help="a folder that holds Interactions/, Items/ and so on, as the bucket does, or such folders themselves",
    )
    parser.add_argument("--everything", action="store_true", help="read all of large files, not only a sample")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run_check(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Print every finding and what was read; exit code 1 when the pipeline would refuse, 2 for no readable file."""
    try:
        body = options.parameters.read_bytes()
        files = find_files(options.data)
    except OSError as error:
        print(f"personalize-local: {error.filename} cannot be read: {error.strerror}.", file=sys.stderr)
        return EXIT_UNREADABLE
    data, findings = parse_parameter_file(body)
    sampled: tuple[str, ...] = ()
    if data is not None or not findings:
        findings += check_parameters(data)
        if options.data:
            budget_bytes = sys.maxsize if options.everything else BUDGET_BYTES
            report = check_data(data, files, time.time(), budget_bytes)
            findings, sampled = [*findings, *report.findings], report.sampled
    _show(findings, sampled, as_json=options.json)
    return EXIT_REFUSED if has_errors(findings) else 0


def find_files(places: Sequence[Path]) -> dict[str, list[DataFile]]:
    """Find each dataset's files as an import would: those directly in its folder.

    Errors: OSError for a place that cannot be listed.
    """
    return {
        name: [
            _data_file(path) for folder in _folders(places, name) for path in sorted(folder.iterdir()) if path.is_file()
        ]
        for name in DATASET_TYPE_OF
    }


def _folders(places: Sequence[Path], name: str) -> Iterator[Path]:
    for place in places:
        entries = list(place.iterdir())  # a place that is no folder is said to be none
        if place.resolve().name == name:
            yield place
        elif place / name in entries:
            yield place / name


def _data_file(path: Path) -> DataFile:
    def read(start: int, end: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    return DataFile(f"{path.parent.name}/{path.name}", path.stat().st_size, read)


def _show(findings: Sequence[Finding], sampled: Sequence[str], *, as_json: bool) -> None:
    errors = sum(finding.severity == ERROR for finding in findings)
    if as_json:
        entries = [{"path": each.path, "message": each.message, "severity": each.severity} for each in findings]
        print(json.dumps({"accepted": not errors, "findings": entries, "sampled": list(sampled)}, indent=1))
        return
    if findings:
        from rich.console import Console

        console = Console() if sys.stdout.isatty() else Console(width=WIDE)
        console.print(_table(findings))
    for line in sampled:
        print(line)
    warnings = len(findings) - errors
    print(f"{'Refused' if errors else 'Good'}: {_counted(errors, 'mistake')}, {_counted(warnings, 'warning')}.")


def _table(findings: Sequence[Finding]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("", "where", "what to change", show_lines=True)
    for finding in sorted(findings, key=lambda finding: finding.severity != ERROR):
        where = finding.path or "the file"
        table.add_row(finding.severity, Text(where, overflow="fold"), Text(finding.message))
    return table


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
