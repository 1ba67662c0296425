"""The results as a picture: one bar per method, with the interval of two standard errors, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.report import Report
from personalize_local.evaluation.table import short_name

OURS, BASELINE = "#b5651d", "#9aa5ad"
ROW_INCHES = 0.32


def plot_reports(reports: Sequence[Report], path: Path) -> None:
    """Draw each report side by side, the main metric of all its methods. The same reports give the same bytes.

    Errors: EvaluationError as from check_plot, or when the file cannot be written.
    """
    check_plot(path)
    pyplot = _pyplot()
    rows = max(len(report.rows) for report in reports)
    size = (6.4 * len(reports), 1.4 + ROW_INCHES * rows)
    figure, axes = pyplot.subplots(1, len(reports), figsize=size, squeeze=False, layout="constrained")
    try:
        for report, place in zip(reports, axes[0], strict=True):
            _draw(report, place)
        figure.savefig(path, metadata={"Date": None})
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        pyplot.close(figure)


def check_plot(path: Path) -> None:
    """Look, before anything long is done, whether a plot can be drawn into the file.

    Errors: EvaluationError for another format, a folder that is missing, or a missing Matplotlib.
    """
    if path.suffix != ".svg":
        raise EvaluationError(f"The plot is written as SVG: name a file that ends with .svg, not {path.name}.")
    if not path.parent.is_dir():
        raise EvaluationError(f"There is no folder {path.parent} to write the plot into.")
    if find_spec("matplotlib") is None:
        raise EvaluationError("A plot needs Matplotlib: pip install matplotlib.")


def _pyplot() -> Any:
    """Import Matplotlib only here: it takes a moment, and nothing else needs it."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "personalize-local", "font.size": 9})
    from matplotlib import pyplot

    return pyplot


def _draw(report: Report, axes: Any) -> None:
    rows = report.rows[::-1]
    values = [row.metrics[report.main_metric].value for row in rows]
    errors = [2 * row.metrics[report.main_metric].standard_error for row in rows]
    colours = [BASELINE if row.is_baseline else OURS for row in rows]
    axes.barh([row.name for row in rows], values, xerr=errors, color=colours, error_kw={"lw": 0.8, "capsize": 2})
    axes.set_title(f"{report.data}\n{report.protocol[0].partition(':')[0]}", loc="left", fontsize=9)
    axes.set_xlabel(f"{short_name(report.main_metric)}, two standard errors")
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
