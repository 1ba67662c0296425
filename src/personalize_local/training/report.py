"""What a training learnt about its model, beside the metrics that AWS has: for people who compare versions.

`report.json` in the model's folder. Its numbers follow from the request and the data, as the model's do.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.part_names import weights_of
from personalize_local.models.popularity import fit_popularity
from personalize_local.models.query import Recommender
from personalize_local.models.sequences import Sequences
from personalize_local.training.evaluate import Measured, evaluate
from personalize_local.training.sequence_layer import SequenceLayer
from personalize_local.training.split import hold_out

REPORT = "report.json"
SHELVES = 10  # of items in the order of how often they were read, each with as many items
MOST_USERS = 2_000  # that popularity is measured on


def report_of(
    measured: Measured, sequences: Sequences, tested: np.ndarray, model: Recommender, layer: SequenceLayer | None
) -> dict[str, Any]:
    """Give the metrics' errors, those of popularity, the blend's weights, the learning curve, and who is recommended.

    Shapes: tested [users] bool; `shelves` [10] shares of the places among the first 25, and of the events read, that
    go to the tenth of the items that are read most, to the next tenth, and so on.
    """
    training = sequences.take_users(~tested)
    held_out = hold_out(sequences, tested)[:MOST_USERS]
    popular = evaluate(fit_popularity(training), held_out, sequences.item_count)
    counts = training.item_counts()
    shelf = _shelves(counts)
    return {
        "test_users": len(measured.rows),
        "errors": measured.errors(),
        "popularity": {"users": len(popular.rows), "metrics": popular.metrics(), "errors": popular.errors()},
        "weights": weights_of(model) if isinstance(model, Blend) else {},
        "curve": [] if layer is None else [[seen, round(likelihood, 4)] for seen, likelihood in layer.curve],
        "shelves": {
            "recommended": _shares(measured.recommended, shelf),
            "popularity": _shares(popular.recommended, shelf),
            "read": _shares(counts, shelf),
        },
    }


def save_report(folder: Path, report: dict[str, Any]) -> None:
    """Write a report into a model's folder."""
    (folder / REPORT).write_text(json.dumps(report), encoding="utf-8")


def load_report(folder: Path) -> dict[str, Any] | None:
    """Read a model's report; None for a model that has none."""
    path = folder / REPORT
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _shelves(counts: np.ndarray) -> np.ndarray:
    """Give each item's tenth, 0 for the most read: [items]; equal counts keep the catalogue's order."""
    order = np.argsort(-counts, kind="stable")
    shelf = np.empty(len(counts), dtype=np.int64)
    shelf[order] = np.arange(len(counts)) * SHELVES // max(len(counts), 1)
    return shelf


def _shares(counts: np.ndarray, shelf: np.ndarray) -> list[float]:
    found = np.bincount(shelf, weights=counts, minlength=SHELVES)
    return [round(float(share), 4) for share in found / max(float(found.sum()), 1.0)]
