"""One method on one split: fit it, ask it, and write down what that cost."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from personalize_local.evaluation.baselines.registry import BASELINES, Material
from personalize_local.evaluation.data import Data
from personalize_local.evaluation.recipe import Recipe, train_recipe
from personalize_local.evaluation.scoring import Answers, Rules, answer
from personalize_local.evaluation.split import Split
from personalize_local.models.query import Recommender

Progress = Callable[[str, float], None]
TRAINING_SHARE = 0.8


@dataclass(frozen=True)
class Cost:
    """What the training took; peak memory is that of the process until the training ended.

    Units: seconds of wall clock and of processor time, all threads and processes together; bytes.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True)
class Task:
    """What to do: `method` is a recipe to train or the name of a baseline."""

    method: Recipe | str
    data: Data
    split: Split
    rules: Rules
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    answers: Answers
    cost: Cost


def run_task(task: Task, progress: Progress) -> Outcome:
    """Fit and ask. Errors: EvaluationError when the data do not allow the method."""
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    model = fit_method(task.method, task.data, task.split, task.rules.filter_seen, task.seed, progress)
    cost = Cost(time.perf_counter() - wall_s, _cpu_s() - cpu_s, peak_bytes())
    asking = f"Asking {len(task.split.questions):,} questions"
    share = 1.0 - TRAINING_SHARE
    answers = answer(model, task.split, task.rules, lambda done: progress(asking, TRAINING_SHARE + share * done))
    return Outcome(answers, cost)


def fit_method(
    method: Recipe | str, data: Data, split: Split, filter_seen: bool, seed: int, progress: Progress
) -> Recommender:
    """Fit a recipe or a baseline on the split's training."""
    if isinstance(method, Recipe):
        return train_recipe(method, data, split, seed, lambda text, done: progress(text, TRAINING_SHARE * done))
    progress("Fitting", 0.0)
    return BASELINES[method].fit(Material(data, split, filter_seen, seed))


def peak_bytes() -> int:
    """Give the most memory that this process has had; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
