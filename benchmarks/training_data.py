"""MovieLens-1M for the benchmark of training: each user's last event apart, and what came before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality_data import TRUNCATED
from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.query import Query, Recommender, block_scores_of
from personalize_local.models.sequences import Sequences, sequences_of

COUNT = 10
BLOCK = 128


@dataclass(frozen=True)
class LeaveOneOut:
    """Training data, the validation's queries, and for each user a history and the event that follows it."""

    training: Sequences
    validation: list[TrainingQuery]
    test: list[tuple[np.ndarray, int]]


def read_leave_one_out(folder: Path) -> LeaveOneOut:
    """Read the pre-split files, of which only the first two are needed. Errors: OSError when they are not there."""
    histories, longer = (_read(folder / name) for name in TRUNCATED[:2])
    known = {history[:-1].tobytes(): history for history in longer}
    training, validation, test = [], [], []
    for history in histories:
        whole = known.get(history.tobytes())
        if whole is None:
            training.append(history[:-1])
            test.append((history[:-1], int(history[-1])))
        else:
            training.append(whole[:-2])
            validation.append(TrainingQuery(_query(whole[:-2]), whole[-2:-1]))
            test.append((whole[:-1], int(whole[-1])))
    users = np.repeat(np.arange(len(training)), [len(history) for history in training])
    rows = np.concatenate(training)
    item_count = 1 + max(int(history.max()) for history in histories + longer)
    return LeaveOneOut(sequences_of(users, rows, np.zeros(len(rows), np.int64), item_count), validation, test)


def measure(model: Recommender, test: list[tuple[np.ndarray, int]]) -> tuple[float, float]:
    """Give NDCG@10 and hit rate among all items but the seen ones; ties count against the model."""
    ranks = np.concatenate([_ranks(model, test[begin : begin + BLOCK]) for begin in range(0, len(test), BLOCK)])
    hit = ranks <= COUNT
    return float(np.mean(np.where(hit, 1.0 / np.log2(ranks + 1.0), 0.0))), float(hit.mean())


def _ranks(model: Recommender, asked: list[tuple[np.ndarray, int]]) -> np.ndarray:
    scores = block_scores_of(model, [_query(history) for history, _ in asked])
    wanted = scores[np.arange(len(asked)), [target for _, target in asked]]
    for row, (history, _) in zip(scores, asked, strict=True):
        row[history] = -np.inf
    return (scores >= wanted[:, None]).sum(axis=1)


def _query(history: np.ndarray) -> Query:
    return Query(history, np.zeros(len(history), dtype=np.int64))


def _read(path: Path) -> list[np.ndarray]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [np.array(line.split(), dtype=np.int32) - 1 for line in lines]
