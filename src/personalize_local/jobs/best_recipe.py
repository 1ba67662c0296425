"""Train with each of some recipes, and keep the artifact of the one that measured best."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from personalize_local.training.training_request import TrainingFailedError, TrainingResult
from personalize_spec.recipes import Recipe

Progress = Callable[[str, float], None]
Train = Callable[[Recipe, Path, Progress], TrainingResult]

logger = logging.getLogger(__name__)


def train_best(
    recipes: Sequence[Recipe], metric: str, folder: Path, train: Train, progress: Progress
) -> tuple[Recipe, TrainingResult]:
    """Train with every recipe into `folder`; of equals, the first is kept. The hours are those of all.

    A recipe that these data do not allow drops out.
    Errors: TrainingFailedError when no recipe is left.
    """
    if len(recipes) == 1:
        return recipes[0], train(recipes[0], folder, progress)
    found: list[tuple[Recipe, TrainingResult]] = []
    for place, recipe in enumerate(recipes):
        own = folder / recipe.name
        own.mkdir()
        try:
            found.append((recipe, train(recipe, own, _part(progress, recipe, place, len(recipes)))))
        except TrainingFailedError as error:
            logger.info("the recipe %s drops out: %s", recipe.name, error.reason)
            if place == len(recipes) - 1 and not found:
                raise
    best, result = max(found, key=lambda pair: pair[1].metrics.get(metric, 0.0))
    _keep(folder, best.name)
    return best, replace(result, training_hours=round(sum(each.training_hours for _, each in found), 3))


def _part(progress: Progress, recipe: Recipe, place: int, count: int) -> Progress:
    return lambda text, fraction: progress(f"{recipe.name}: {text}", (place + fraction) / count)


def _keep(folder: Path, name: str) -> None:
    """Leave in a folder what one of the folders within has."""
    chosen = folder / name
    for other in folder.iterdir():
        if other != chosen:
            shutil.rmtree(other)
    for path in chosen.iterdir():
        path.rename(folder / path.name)
    chosen.rmdir()
