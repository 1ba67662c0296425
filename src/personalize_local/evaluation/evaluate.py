"""Evaluate: divide the data, run each method on each division, put the answers side by side.

Rule 1: every method answers the same questions, and is asked in the same way.
Rule 2: the test is looked at once, after all choices; baselines choose their settings within the training.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from personalize_local.evaluation.baselines.registry import choose_baselines
from personalize_local.evaluation.comparison import Run, compare
from personalize_local.evaluation.data import Data
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.isolated import run_isolated
from personalize_local.evaluation.protocols import Protocol
from personalize_local.evaluation.recipe import Recipe
from personalize_local.evaluation.report import Report
from personalize_local.evaluation.scoring import DEPTH, Rules, exists_from
from personalize_local.evaluation.split import Split, limited, without_seen
from personalize_local.evaluation.task import Outcome, Progress, Task, run_task

BESIDE_TEMPORAL = "popularity-7-days"


@dataclass(frozen=True)
class Settings:
    """How to evaluate.

    recipes: rows of our own, by the name they have in the table. filter_seen None: as the protocol's users do it, off
    for Personalize's, on for the others. cuts: the K of the metrics, the main one first. isolated: each training in a
    process of its own, which gives its memory; off, everything stays in this process.
    """

    protocol: Protocol = field(default_factory=Protocol)
    recipes: Mapping[str, Recipe] = field(default_factory=lambda: {"aws-user-personalization": Recipe()})
    baselines: tuple[str, ...] = ("all",)
    filter_seen: bool | None = None
    cuts: tuple[int, ...] = (10, 20, 25)
    seeds: int = 3
    isolated: bool = True
    rivals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.cuts or min(self.cuts) < 1:
            raise EvaluationError("Metrics need a number of items of at least 1: --at 10.")
        if self.seeds < 1:
            raise EvaluationError("At least one seed is needed: --seeds 1.")

    def filters_seen(self) -> bool:
        """Tell whether what a user has seen competes no more."""
        return self.protocol.name != "personalize" if self.filter_seen is None else self.filter_seen


def evaluate(data: Data, settings: Settings | None = None, progress: Progress | None = None) -> Report:
    """Run all methods and compare them; progress gets a text and the share that is done.

    Errors: EvaluationError saying what to change.
    """
    settings, progress = settings or Settings(), progress or _quiet
    baselines = chosen_baselines(settings, data)
    splits = make_splits(data, settings)
    names = [*settings.recipes, *baselines]
    if unknown := [name for name in settings.rivals if name not in names]:
        raise EvaluationError(f"{', '.join(unknown)} is to be compared with, and is not among the methods.")
    if not names:
        raise EvaluationError("There is nothing to evaluate: name a recipe, or baselines.")
    runs = []
    for place, name in enumerate(names):
        within = _within(progress, name, place, len(names))
        runs.append(_run(name, settings.recipes.get(name, name), data, splits, settings, within))
    rivals, filter_seen = settings.rivals or baselines, settings.filters_seen()
    return compare(data, splits, runs, rivals, cuts=settings.cuts, filter_seen=filter_seen, seeds=settings.seeds)


def make_splits(data: Data, settings: Settings) -> list[Split]:
    """Divide the data by the protocol, seen items filtered as the settings say; divisions without a question are none.

    Errors: EvaluationError when no division has a question.
    """
    records = data.user_records()
    splits = [replace(split, user_records=records) for split in settings.protocol.splits(data, settings.seeds)]
    if settings.filters_seen():
        splits = [without_seen(split) for split in splits]
    asking = [split for split in splits if len(split.questions)]
    return [limited(split) for split in asking or splits[:1]]


def chosen_baselines(settings: Settings, data: Data) -> tuple[str, ...]:
    """Choose the baselines; divided by time, the popularity of 7 days is always among them."""
    names = choose_baselines(settings.baselines, data)
    if settings.protocol.name == "temporal" and BESIDE_TEMPORAL not in names:
        names = (*names, BESIDE_TEMPORAL)
    return names


def _run(
    name: str, method: Recipe | str, data: Data, splits: Sequence[Split], settings: Settings, progress: Progress
) -> Run:
    """Train once for each split, a recipe once more for each seed where the seed does not divide the data."""
    is_baseline = isinstance(method, str)
    trainings = 1 if is_baseline or settings.protocol.splits_by_seed else settings.seeds
    work = run_isolated if settings.isolated else run_task
    outcomes: list[tuple[Outcome, ...]] = []
    for number, split in enumerate(splits):
        rules = Rules(settings.filters_seen(), max(DEPTH, *settings.cuts), exists_from(data, split))
        done = []
        for seed in range(trainings):
            step = number * trainings + seed
            within = _within(progress, "", step, len(splits) * trainings)
            done.append(work(Task(method, data, split, rules, split.seed + seed), within))
        outcomes.append(tuple(done))
    return Run(name, tuple(outcomes), is_baseline)


def _within(progress: Progress, name: str, step: int, steps: int) -> Callable[[str, float], None]:
    """Give the progress of one step of several."""

    def tell(text: str, done: float) -> None:
        progress(f"{name}: {text}" if name else text, (step + done) / steps)

    return tell


def _quiet(text: str, done: float) -> None:
    """Tell nobody."""
