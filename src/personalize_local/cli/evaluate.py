"""Measure a recipe beside baselines on any file of interactions."""

# ruff: noqa: T201 (a command line prints)

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from personalize_local.cloud.settings import CloudSettings

if TYPE_CHECKING:
    from rich.progress import Progress

    from personalize_local.evaluation.data import Data
    from personalize_local.evaluation.evaluate import Settings

EXIT_ERROR = 1
WIDE = 200  # characters of a table that goes to a file


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local evaluate`."""
    parser.add_argument("interactions", type=Path, metavar="INTERACTIONS", help="the file of events")
    parser.add_argument("--items", type=Path, metavar="FILE", help="the items, as CSV with ITEM_ID")
    parser.add_argument("--users", type=Path, metavar="FILE", help="the users, as CSV with USER_ID")
    parser.add_argument("--schema", type=Path, metavar="FILE", nargs="+", default=[], help="their Avro schemas")
    parser.add_argument("--format", default="auto", help="auto, csv, movielens or sasrec")
    parser.add_argument("--deduplicate", action="store_true", help="keep one event per user, item and second")
    parser.add_argument("--recipe", default="aws-user-personalization", help="the recipe to train, or none")
    parser.add_argument("--sequence-layer", default="auto", help="train a transformer: auto, always or never")
    parser.add_argument("--text-embedder", default="none", help="what texts mean: none, or wordllama (extra 'text')")
    parser.add_argument("--echoes", action="store_true", help="a click and a watch of one moment are two steps")
    parser.add_argument("--context", nargs="+", default=[], metavar="COLUMN", help="what requests know, as the device")
    parser.add_argument("--protocol", default="leave-one-out", help="leave-one-out, temporal, personalize or new-items")
    parser.add_argument("--test-share", type=float, default=0.1, metavar="SHARE", help="of events, or new items")
    parser.add_argument("--test-days", type=float, metavar="DAYS", help="temporal: test on the newest days")
    parser.add_argument("--targets", default="period", help="temporal: ask for the whole period, or each next event")
    parser.add_argument(
        "--windows", type=int, default=1, metavar="COUNT", help="temporal: trainings, one after another"
    )
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--filter-seen", action="store_true", default=None, help="rank only what a user has not seen")
    seen.add_argument("--keep-seen", dest="filter_seen", action="store_false", help="rank everything")
    parser.add_argument("--at", type=int, nargs="+", default=[10, 20, 25], metavar="K", help="cut-offs, the main first")
    parser.add_argument("--baselines", nargs="+", default=["all"], metavar="NAME", help="all, none or names")
    parser.add_argument("--seeds", type=int, default=3, metavar="COUNT", help="trainings with different seeds")
    parser.add_argument("--policy-log", type=Path, metavar="FILE", help="judge policies by this log instead")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw the result, as SVG")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")


def run_evaluate(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Evaluate and print a table; exit code 1 when something has to be changed first."""
    # Only here: SciPy takes a moment to import, and the other commands do not need it.
    from rich.console import Console
    from rich.progress import Progress

    from personalize_local.evaluation.errors import EvaluationError

    screen = Console(stderr=True)
    try:
        with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
            table, content = _evaluate(options, progress)
        console = Console() if sys.stdout.isatty() else Console(width=WIDE)
        console.print(table)
        if options.json:
            _write(options.json, content)
    except EvaluationError as error:
        print(f"personalize-local: {error}", file=sys.stderr)
        return EXIT_ERROR
    return 0


def _evaluate(options: argparse.Namespace, progress: "Progress") -> tuple[object, str]:
    """Do what the options say: the table to print, and all of it as JSON."""
    from personalize_local.evaluation.evaluate import evaluate
    from personalize_local.evaluation.plot import check_plot, plot_reports
    from personalize_local.evaluation.policies import judge_policies
    from personalize_local.evaluation.policy_log import read_policy_log
    from personalize_local.evaluation.table import render_policies, render_report

    wanted = _settings(options)
    if options.plot:
        check_plot(options.plot)
    bar = progress.add_task("Reading", total=1.0)

    def tell(text: str, done: float) -> None:
        progress.update(bar, description=text, completed=done)

    data = _data(options)
    if options.policy_log:
        values = judge_policies(data, read_policy_log(options.policy_log), wanted, tell)
        return render_policies(values), json.dumps([asdict(value) for value in values], indent=1)
    report = evaluate(data, wanted, tell)
    if options.plot:
        plot_reports([report], options.plot)
    return render_report(report), report.to_json()


def _settings(options: argparse.Namespace) -> "Settings":
    from personalize_local.evaluation.evaluate import Settings
    from personalize_local.evaluation.protocols import Protocol
    from personalize_local.evaluation.recipe import Recipe

    protocol = Protocol(options.protocol, options.test_share, options.test_days, options.targets, options.windows)
    recipes = {}
    if options.recipe != "none":
        recipe = Recipe(
            options.recipe,
            sequence_layer=options.sequence_layer,
            text_embedder=options.text_embedder,
            has_echoes=options.echoes,
        )
        recipes = {options.recipe: recipe}
    names = tuple(options.baselines)
    return Settings(protocol, recipes, names, options.filter_seen, tuple(options.at), options.seeds)


def _data(options: argparse.Namespace) -> "Data":
    from personalize_local.evaluation.data import with_context, without_duplicates
    from personalize_local.evaluation.files import read_data

    schemas: Sequence[Path] = options.schema
    data = read_data(options.interactions, options.items, options.users, tuple(schemas), options.format)
    data = with_context(data, options.context)
    return without_duplicates(data) if options.deduplicate else data


def _write(path: Path, content: str) -> None:
    """Errors: EvaluationError when the path cannot be written."""
    from personalize_local.evaluation.errors import EvaluationError

    try:
        path.write_text(f"{content}\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}.") from error
