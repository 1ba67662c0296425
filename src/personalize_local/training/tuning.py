"""Tune hyperparameters: trials on some of the training users, measured on others of them.

Rule 1: the users that GetSolutionMetrics is measured on are in no trial.
Rule 2: the budget is a number of trials, on at most 100,000 events each, without the sequence layer: seconds each.
The metric is NDCG at 25; AWS does not say which it is, and takes no other (documented: hpoObjective is not supported).
The first trial is the request's own parameters; the others are drawn by chance within the ranges (inferred).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from personalize_local.models.sequences import Sequences
from personalize_local.training.training_request import TrainingRequest, Tuning, TuningRange
from personalize_spec.recipes import RECIPES
from personalize_spec.recipes.recipe import CATEGORICAL, INTEGER, HyperParameter

METRIC = "normalized_discounted_cumulative_gain_at_25"
MAX_TRIALS = 8
TRIAL_EVENTS = 100_000

Measure = Callable[[TrainingRequest, Sequences], Mapping[str, float]]


def tune(request: TrainingRequest, tuning: Tuning, training: Sequences, measure: Measure) -> dict[str, str]:
    """Give the best hyperparameters found, as on the wire, those that are not tuned included; ties go to the first."""
    parameters = [each for each in RECIPES[request.recipe_name].hyperparameters if each.tunable]
    if tuning.ranges:
        parameters = [each for each in parameters if each.name in tuning.ranges]
    sample = training.some_users(TRIAL_EVENTS, request.seed)
    rng = np.random.default_rng(request.seed)
    own = dict(request.hyperparameters)
    trials = [own]
    for _ in range(min(tuning.job_count, MAX_TRIALS) - 1):
        drawn = {each.name: _draw(each, tuning.ranges.get(each.name, TuningRange()), rng) for each in parameters}
        trials.append(own | drawn)
    found = [measure(replace(request, hyperparameters=trial), sample)[METRIC] for trial in trials]
    best = trials[int(np.argmax(found))]
    return {each.name: best.get(each.name, each.default) for each in RECIPES[request.recipe_name].hyperparameters}


def _draw(parameter: HyperParameter, limits: TuningRange, rng: np.random.Generator) -> str:
    """Draw one value within a range, as on the wire."""
    if parameter.kind == CATEGORICAL:
        values = limits.values or parameter.values
        return str(values[int(rng.integers(len(values)))])
    low = parameter.minimum if limits.minimum is None else limits.minimum
    high = parameter.maximum if limits.maximum is None else limits.maximum
    if low is None or high is None:
        return parameter.default
    if parameter.kind == INTEGER:
        return str(int(rng.integers(int(low), int(high) + 1)))
    return f"{rng.uniform(low, high):.6g}"
