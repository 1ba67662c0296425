"""Train a solution version: data → hold out → fit → measure → fit on everything → artifact.

Rule 1: what is measured never saw the test users; what is kept has seen everybody.
Rule 2: the same request on the same tables gives the same bytes.
Rule 3: UPDATE solves the statistics and the weights again on everything, and goes on with the sequence layer of the
    version before, on the users with newer events and as much of the others; its test users stay those of that version.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.content import ItemContent
from personalize_local.models.fitting import FITTING_HERE, Fitting, fitting_on
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequences import Sequences
from personalize_local.models.slices import Records
from personalize_local.spread.spread import Spread
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.artifact import save_artifact
from personalize_local.training.evaluate import Measured, evaluate, trend_prediction_accuracy
from personalize_local.training.former import read_former, save_former
from personalize_local.training.item_content import item_content
from personalize_local.training.objective import read_objective, with_objective
from personalize_local.training.recipes import (
    PERSONALIZATION,
    PREPARE,
    Fit,
    Material,
    Parameters,
    trend_interval_s,
)
from personalize_local.training.refused import refused_parameters
from personalize_local.training.report import report_of, save_report
from personalize_local.training.segment_training import SEGMENT_RECIPES, train_segments
from personalize_local.training.sequence_layer import SequenceLayer, sequence_layer
from personalize_local.training.split import held_out_users, hold_out
from personalize_local.training.text_embedder import text_embedder
from personalize_local.training.training_data import (
    catalogue,
    check_minimum,
    records_of,
    to_sequences,
    trim_by_parameters,
)
from personalize_local.training.training_request import UPDATE, TrainingFailedError, TrainingRequest, TrainingResult
from personalize_local.training.tuning import tune
from personalize_spec.recipes import RECIPES, resolve_feature_parameters, resolve_hyperparameters

__all__ = ["TrainingFailedError", "TrainingRequest", "TrainingResult", "train_solution_version"]

TRENDING = ("aws-trending-now", "aws-vod-trending-now")
SECONDS_PER_HOUR = 3600.0
SHORTEST_HOURS = 0.001


def train_solution_version(
    request: TrainingRequest,
    interactions: InteractionTable,
    items: MetadataTable | None,
    folder: Path,
    progress: Callable[[str, float], None],
    users: MetadataTable | None = None,
    former_folder: Path | None = None,
    spread: Spread | None = None,
) -> TrainingResult:
    """Train, measure, and write the artifact into `folder`; progress gets a text and a fraction.

    Args: former_folder: the artifact of the version that trainingMode UPDATE goes on from. spread: where the statistics
        of a blend are fitted, here unless given.
    Errors: TrainingFailedError for a recipe that cannot be trained here, wrong parameters, or too little data.
    """
    begun = time.perf_counter()
    parameters = _parameters(request)
    item_ids = catalogue(interactions, items)
    sequences = to_sequences(interactions, item_ids, request.rules(), request.context_columns)
    check_minimum(sequences, request.rules())
    if request.recipe_name in SEGMENT_RECIPES:
        user_ids = interactions.user_ids
        metrics = train_segments(request, parameters, sequences, user_ids, item_ids, items, folder)
        return TrainingResult(metrics, _hours(begun))
    content = None
    if items is not None:
        columns = (request.categorical_columns, request.textual_columns, request.numeric_columns)
        content = item_content(items, item_ids, *columns, embedder=text_embedder(request.text_embedder))
    objective = None if request.objective is None else read_objective(request.objective, items, item_ids)
    former = None
    if request.training_mode == UPDATE:
        former = read_former(former_folder, item_ids, items, interactions.user_ids[sequences.lengths() >= 2])
    tested = held_out_users(sequences, request.seed)
    if former is not None:
        tested = former.held_out_users(interactions.user_ids, sequences.lengths())
    readers = None if users is None else records_of(users, interactions.user_ids)
    tuned = _tuned(request, sequences.take_users(~tested), content, progress, readers)
    request = replace(request, hyperparameters=tuned or request.hyperparameters)
    parameters = _parameters(request)
    layer = None
    if request.recipe_name in PERSONALIZATION:
        layer = sequence_layer(request, parameters, sequences, readers, former)
    fitting = _fitting(spread, layer, len(sequences.item_row))
    measured, metrics, fit = _measure(request, sequences, tested, content, progress, layer, fitting, readers)
    progress("Training on all users", 0.7)
    model = fit(trim_by_parameters(sequences, parameters), content)
    if objective is not None and isinstance(model, Blend):
        model = with_objective(model, objective)
    progress("Saving", 0.95)
    save_artifact(folder, model, item_ids, sequences.vocabulary, content)
    save_report(folder, report_of(measured, sequences, tested, model, layer))
    if UPDATE in RECIPES[request.recipe_name].training_modes and layer and isinstance(layer.first, SequenceModel):
        save_former(folder, layer.first, layer.until_epoch_s, interactions.user_ids[tested])
    return TrainingResult(metrics, _hours(begun), tuned)


def _fitting(spread: Spread | None, layer: SequenceLayer | None, event_count: int) -> Fitting:
    """Give how statistics are fitted; JAX's threads, which the sequence layer brings, do not survive a fork."""
    if spread is None or (layer is not None and spread.shares_memory):
        return FITTING_HERE
    return fitting_on(spread, event_count)


def _tuned(
    request: TrainingRequest,
    training: Sequences,
    content: ItemContent | None,
    progress: Callable[[str, float], None],
    readers: Records | None,
) -> dict[str, str]:
    """Give what tuning finds on the training users, nothing when it is not asked for."""
    if request.tuning is None:
        return {}
    progress("Tuning the hyperparameters", 0.02)

    def measure(trial: TrainingRequest, sample: Sequences) -> Mapping[str, float]:
        asked = held_out_users(sample, trial.seed + 1)
        return _measure(trial, sample, asked, content, _quiet, readers=readers)[1]

    return tune(request, request.tuning, training, measure)


def _hours(begun: float) -> float:
    return max(round((time.perf_counter() - begun) / SECONDS_PER_HOUR, 3), SHORTEST_HOURS)


def _measure(
    request: TrainingRequest,
    sequences: Sequences,
    tested: np.ndarray,
    content: ItemContent | None,
    progress: Callable[[str, float], None],
    layer: SequenceLayer | None = None,
    fitting: Fitting = FITTING_HERE,
    readers: Records | None = None,
) -> tuple[Measured, dict[str, float], Fit]:
    """Fit on the training users and measure on the test users [users] bool; give metrics, and the prepared fit."""
    parameters = _parameters(request)
    training = trim_by_parameters(sequences.take_users(~tested), parameters)
    progress("Fitting weights", 0.05)
    material = Material(training, content, request.seed, _quiet, layer, fitting, request.has_echoes, readers or ())
    fit = PREPARE[request.recipe_name](parameters, material)
    progress("Training for the metrics", 0.35)
    model = fit(training, content)
    progress("Measuring", 0.6)
    weighted = bool(request.event_rules)
    held_out = hold_out(sequences, tested, readers or ())
    measured = evaluate(model, held_out, sequences.item_count, event_weights=weighted)
    metrics = measured.metrics()
    if request.recipe_name in TRENDING:
        metrics["trend_prediction_accuracy"] = trend_prediction_accuracy(sequences, trend_interval_s(parameters))
    return measured, metrics, fit


def _parameters(request: TrainingRequest) -> Parameters:
    """Resolve the recipe's parameters, defaults filled in.

    Errors: TrainingFailedError for a recipe without a model, or a value out of range.
    """
    recipe = RECIPES.get(request.recipe_name)
    if recipe is None or request.recipe_name not in (*PREPARE, *SEGMENT_RECIPES):
        raise TrainingFailedError(f"Recipe {request.recipe_name} cannot be trained by the local service.")
    try:
        problems = list(refused_parameters(recipe, request.feature_parameters))
        if problems:
            raise ValueError(" ".join(problems))
        return {
            **resolve_hyperparameters(recipe, request.hyperparameters),
            **resolve_feature_parameters(recipe, request.feature_parameters),
        }
    except ValueError as error:
        raise TrainingFailedError(f"Create failed. {error}") from error


def _quiet(text: str, fraction: float) -> None:
    """Take progress of parts, which the outer steps already tell."""
