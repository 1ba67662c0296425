"""Training: tokens per second, and time to a given quality, beside RecTools' SASRec on the same data in the same run.

    .venv/bin/python -m benchmarks.training --ml1m FOLDER [--only ROW …] [--peer-minutes M] [--peer FOLDER] [--keep]

Takes about 25 minutes of two cores that nothing else uses: ours 10 to 12, RecTools up to 11 (--peer-minutes), which
ends earlier when it has reached an NDCG@10 of 0.15.

FOLDER holds the pre-split files of MovieLens-1M (see benchmarks/quality.py): each user's last event is to be foretold,
from the full catalogue less what the user has seen; 512 users' event before it is the validation, on which training
stops and the blend's weights are fitted. RecTools is installed into an environment of its own, in the folder --peer.
Times are of the processor, in seconds, unless they say wall: other work on the machine lengthens those. What measuring
takes does not count. Each row replaces its own results in benchmarks/results/training with --keep.
"""

# ruff: noqa: T201 (a benchmark prints)

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.held_out import machine
from benchmarks.training_data import LeaveOneOut, measure, read_leave_one_out
from personalize_local.models.blend import Blend
from personalize_local.models.blend_weights import Rehearsal, fit_blend_weights
from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.ensemble import EnsembleSettings, assemble
from personalize_local.models.parts import parts_for
from personalize_local.models.query import Recommender
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.training.sequence.fit import TransformerFit
from personalize_local.training.sequence.settings import SequenceSettings

RESULTS = Path(__file__).parent / "results"
PEER = Path(__file__).parent / "training_peer.py"
REQUIREMENTS = ("torch==2.13.0", "rectools[torch]==0.19.0")
WANTED_NDCG = 0.15
SEED = 20_240_229
STATISTICS, SEQUENCE, BLEND = "statistics layer", "sequence layer", "blend of both"
OURS = "ours"
PEERS = {"RecTools SASRec, our sizes": "small", "RecTools SASRec, its defaults": "default"}


@dataclass(frozen=True)
class Point:
    """What had been reached when: tokens and seconds in training, quality on the test."""

    tokens: int
    cpu_s: float
    wall_s: float
    ndcg: float
    hit_rate: float


class Stopwatch:
    """Adds up the time of training, not that of measuring."""

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = 0.0
        self._since = (time.process_time(), time.perf_counter())

    def stop(self) -> None:
        """Count the time since the last start."""
        self.cpu_s += time.process_time() - self._since[0]
        self.wall_s += time.perf_counter() - self._since[1]

    def start(self) -> None:
        """Go on."""
        self._since = (time.process_time(), time.perf_counter())


class Ours:
    """Trains the layers and measures them."""

    def __init__(self, data: LeaveOneOut, settings: SequenceSettings) -> None:
        self._data = data
        self._settings = settings
        self._parts: list[Recommender] = []

    def rows(self) -> dict[str, list[Point]]:
        """Give each row's curve: one point for the statistics and for the blend, one per check for the transformer."""
        statistics = self._fit_statistics()
        curve, model = self._fit_sequence()
        blend = self._blend(model, curve[-1], statistics)
        return {STATISTICS: [statistics], SEQUENCE: curve, BLEND: [statistics, blend]}

    def _fit_statistics(self) -> Point:
        watch = Stopwatch()
        training = self._data.training
        self._parts = [part.variants[0](training) for part in parts_for(training, None, EnsembleSettings())]
        blend = self._weigh(self._parts)
        watch.stop()
        return self._point(blend, len(self._data.training.item_row), watch)

    def _fit_sequence(self) -> tuple[list[Point], SequenceModel]:
        curve: list[Point] = []
        watch = Stopwatch()

        def look(model: SequenceModel, tokens: int) -> None:
            watch.stop()
            curve.append(self._point(model, tokens, watch))
            print(curve[-1], flush=True)
            watch.start()

        fit = TransformerFit(self._settings, watch=look)
        return curve, fit.fit(self._data.training, None, None, self._data.validation, _quiet)

    def _blend(self, model: SequenceModel, last: Point, statistics: Point) -> Point:
        watch = Stopwatch()
        blend = self._weigh([*self._parts, model])
        watch.stop()
        watch.cpu_s += last.cpu_s + statistics.cpu_s
        watch.wall_s += last.wall_s + statistics.wall_s
        return self._point(blend, last.tokens, watch)

    def _weigh(self, parts: Sequence[Recommender]) -> Blend:
        popularity = fit_decayed_counts(self._data.training, ())
        shares = popularity.log_shares()
        rehearsal = Rehearsal(parts, lambda query: shares, None, self._data.validation)
        weights = fit_blend_weights([rehearsal], self._data.training.item_count, SEED)
        print("weights", weights.parts, "seen", weights.seen, flush=True)
        return assemble(parts, weights, popularity, None)

    def _point(self, model: Blend | SequenceModel, tokens: int, watch: Stopwatch) -> Point:
        return Point(tokens, watch.cpu_s, watch.wall_s, *measure(model, self._data.test))


def run_peer(data: LeaveOneOut, folder: Path, seconds: float, configuration: str) -> list[Point]:
    """Train RecTools' model in its own environment, which is made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "data.npz"
        asked = [(user, item) for user, (history, _) in enumerate(data.test) for item in history]
        asked_user, asked_item = np.array(asked).T
        training = data.training
        np.savez(
            path,
            user=training.user_of_event(),
            item=training.item_row,
            asked_user=asked_user,
            asked_item=asked_item,
            target=np.array([target for _, target in data.test]),
        )
        points = []
        command = [str(python), str(PEER), str(path), str(seconds), str(WANTED_NDCG), configuration]
        with subprocess.Popen(
            command, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as run:
            assert run.stdout is not None
            for line in run.stdout:
                if line.startswith('{"tokens"'):
                    points.append(Point(**json.loads(line)))
                    print(points[-1], flush=True)
        return points


def time_to(curve: Sequence[Point], ndcg: float) -> float | None:
    """Give the seconds until a quality was reached, between checks in proportion; None when it was not."""
    before: Point | None = None
    for point in curve:
        if point.ndcg >= ndcg:
            if before is None:
                return point.cpu_s
            share = (ndcg - before.ndcg) / (point.ndcg - before.ndcg)
            return before.cpu_s + share * (point.cpu_s - before.cpu_s)
        before = point
    return None


def table(curves: dict[str, list[Point]]) -> str:
    """Write the results as Markdown: a line for each row, then the curves."""
    lines = [
        "| | tokens/s | s to NDCG@10 0.15 | s in all | wall s | million tokens | NDCG@10 | HR@10 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, curve in curves.items():
        last, reached = curve[-1], time_to(curve, WANTED_NDCG)
        speed = f"{last.tokens / last.cpu_s:,.0f}"
        when = f"{reached:,.0f}" if reached is not None else "not reached"
        numbers = (
            f"{last.cpu_s:,.0f} | {last.wall_s:,.0f} | {last.tokens / 1e6:.1f} | {last.ndcg:.4f} | {last.hit_rate:.4f}"
        )
        lines.append(f"| {name} | {speed} | {when} | {numbers} |")
    for name, curve in curves.items():
        if len(curve) > 2:
            points = ", ".join(f"{point.cpu_s:,.0f} s {point.ndcg:.3f}" for point in curve)
            lines += ["", f"{name}, NDCG@10 after seconds of training: {points}."]
    return "\n".join(lines) + "\n"


def summary(folder: Path) -> str:
    """Put the kept results together."""
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    found = {part["row"]: part for part in parts}
    order = (STATISTICS, SEQUENCE, BLEND, *PEERS)
    kept = [found[name] for name in order if name in found]
    curves = {part["row"]: [Point(**point) for point in part["curve"]] for part in kept}
    where = "".join(f"* {part['row']}: {part['where']}\n" for part in kept)
    return f"# Training\n\n{_about()}\n\n{table(curves)}\n{where}"


def _about() -> str:
    return (
        "`python -m benchmarks.training`: MovieLens-1M without each user's last two events, which are not to be had"
        "\nhere; the last remaining one is foretold, full ranking, seen items left out. Times are seconds of the"
        "\nprocessor, tokens/s tokens per such second; a blend's time is that of both layers. Measuring is left out."
    )


def _where() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "jax", "optax"))
    used, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    where = f"{used} core(s) of {machine()}, load {load:.0f}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {where}; {packages}; {', '.join(REQUIREMENTS)}"


def _quiet(text: str, done: float) -> None:
    """Take progress, of which the curve tells enough."""


def main() -> None:
    """Run the rows, print the table, keep it."""
    options = _options()
    data = read_leave_one_out(options.ml1m)
    curves: dict[str, list[Point]] = {}
    for name in options.only or (OURS, PEERS["RecTools SASRec, our sizes"]):
        if name == OURS:
            found = Ours(data, SequenceSettings(**json.loads(options.settings))).rows()
        else:
            row = next(row for row, configuration in PEERS.items() if configuration == name)
            found = {row: run_peer(data, options.peer, options.peer_minutes * 60.0, name)}
        curves |= found
        if options.keep:
            _keep(found)
    print(table(curves))


def _keep(curves: dict[str, list[Point]]) -> None:
    """Replace what is kept of these rows, and write the table of all."""
    folder = RESULTS / "training"
    folder.mkdir(parents=True, exist_ok=True)
    for name, curve in curves.items():
        kept = {"row": name, "where": _where(), "curve": [asdict(point) for point in curve]}
        (folder / f"{name.lower().replace(',', '').replace(' ', '-')}.json").write_text(
            json.dumps(kept, indent=1) + "\n", encoding="utf-8"
        )
    (RESULTS / "training.md").write_text(summary(folder), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ml1m", type=Path, required=True)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=(OURS, *PEERS.values()),
        help="rows to run; ours, and RecTools of our sizes, without it",
    )
    parser.add_argument("--settings", default="{}", help="fields of SequenceSettings, as JSON")
    parser.add_argument("--peer", type=Path, default=Path(tempfile.gettempdir()) / "rectools-environment")
    parser.add_argument("--peer-minutes", type=float, default=11.0, help="on the clock, for each configuration")
    parser.add_argument("--keep", action="store_true", help="write the table to benchmarks/results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
