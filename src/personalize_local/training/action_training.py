"""Train aws-next-best-action: how often each action is taken, by the situation of the user.

Approximated: AWS's model is not public; here it is a table of smoothed rates (see models/conversion.py). What is
foretold is whether the user takes the action within action_optimization_period days of being shown it, now or later;
AWS documents the parameter, what it does exactly is inferred.

Source: contract §4.1: an action has a score with at least 50 taken and 50 not taken or viewed in the six weeks before
the newest; §5.2 for the metrics, whose keys are unverified. What counts as recommended in precision and recall, a rate
above the action's own, is inferred.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from personalize_local.models.conversion import (
    NO_RESPONSE,
    REFUSED,
    TOOK,
    ConversionRates,
    fit_conversion,
    situations,
)
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.action_metrics import measure
from personalize_local.training.artifact import save_artifact
from personalize_local.training.train import SECONDS_PER_HOUR, SHORTEST_HOURS
from personalize_local.training.training_data import catalogue, check_minimum, to_sequences
from personalize_local.training.training_request import TrainingFailedError, TrainingRequest, TrainingResult
from personalize_spec.limits import TRAINING_MAX_ACTIONS
from personalize_spec.outcomes import TAKEN, outcome_of
from personalize_spec.recipes import RECIPES, resolve_feature_parameters

DAY_S = 86_400
WINDOW_S = 42 * DAY_S
PERIOD = "action_optimization_period"
MIN_OBSERVATIONS = 50
TEST_RATIO = 0.1
NEWEST_EPOCH_S = 1 << 34  # later times count as this one, so that user and time fit one number


@dataclass(frozen=True)
class Observations:
    """What became of actions that users were shown.

    Shapes: all [observations]; user_row is a row of the outcomes' users, action_row of the actions. is_taken: at once;
    is_taken_soon: then or within the period.
    """

    user_row: np.ndarray
    action_row: np.ndarray
    situation: np.ndarray
    is_taken: np.ndarray
    is_taken_soon: np.ndarray

    def where(self, keep: np.ndarray) -> Observations:
        """Give those that are marked."""
        arrays = (self.user_row, self.action_row, self.situation, self.is_taken, self.is_taken_soon)
        return Observations(*(array[keep] for array in arrays))


def train_actions(
    request: TrainingRequest,
    interactions: InteractionTable,
    actions: MetadataTable,
    outcomes: InteractionTable,
    folder: Path,
    progress: Callable[[str, float], None],
) -> TrainingResult:
    """Train, measure, and write the artifact into `folder`; `outcomes` has actions in the place of items.

    Errors: TrainingFailedError for too little data.
    """
    begun = time.perf_counter()
    check_minimum(to_sequences(interactions, catalogue(interactions, None), request.rules()), request.rules())
    if not len(actions):
        raise TrainingFailedError("Create failed. The Actions dataset has no actions.")
    action_ids = actions.ids[:TRAINING_MAX_ACTIONS]
    progress("Counting what users did", 0.2)
    parameters = resolve_feature_parameters(RECIPES[request.recipe_name], request.feature_parameters)
    observed = observe(interactions, outcomes, action_ids, int(parameters[PERIOD]) * DAY_S)
    tested = np.isin(observed.user_row, _test_users(len(outcomes.user_ids), request.seed))
    progress("Measuring", 0.5)
    metrics = measure(fit(observed.where(~tested), len(action_ids)), _as_foretold(observed.where(tested)))
    model = fit(observed, len(action_ids))
    progress("Saving", 0.9)
    save_artifact(folder, model, action_ids)
    coverage = {"coverage": round(float(model.is_known.mean()), 4)}
    hours = (time.perf_counter() - begun) / SECONDS_PER_HOUR
    return TrainingResult(coverage | metrics, max(round(hours, 3), SHORTEST_HOURS))


def fit(observed: Observations, action_count: int) -> ConversionRates:
    """Learn the rates from observations; which actions have one depends on what was taken at once."""
    known = _rates(observed, action_count, MIN_OBSERVATIONS).is_known
    return replace(_rates(_as_foretold(observed), action_count, 0), is_known=known)


def _rates(observed: Observations, action_count: int, min_observations: int) -> ConversionRates:
    return fit_conversion(observed.action_row, observed.situation, observed.is_taken, action_count, min_observations)


def _as_foretold(observed: Observations) -> Observations:
    """Count what was taken within the period as taken."""
    return replace(observed, is_taken=observed.is_taken_soon)


def observe(
    interactions: InteractionTable, outcomes: InteractionTable, action_ids: np.ndarray, period_s: int
) -> Observations:
    """Give the outcomes of the last six weeks, each with the situation the user was in just before."""
    row_of = {action: row for row, action in enumerate(action_ids)}
    rows = np.array([row_of.get(action, -1) for action in outcomes.item_ids], dtype=np.int64)
    action_row = rows[outcomes.item_row] if len(outcomes) else np.empty(0, dtype=np.int64)
    response = _responses(outcomes)  # [outcomes]
    age_s = _ages(interactions, outcomes)
    situation = situations(age_s, _previous(response, outcomes.user_row)).astype(np.int64)
    newest_epoch_s = outcomes.timestamp_epoch_s.max() if len(outcomes) else 0
    keep = (action_row >= 0) & (response != NO_RESPONSE) & (outcomes.timestamp_epoch_s >= newest_epoch_s - WINDOW_S)
    is_taken = response == TOOK
    soon = _taken_soon(outcomes, is_taken, period_s)
    return Observations(outcomes.user_row, action_row, situation, is_taken, soon).where(keep)


def _taken_soon(outcomes: InteractionTable, is_taken: np.ndarray, period_s: int) -> np.ndarray:
    """Tell whether the same user takes the same action then or at most period_s later: [outcomes] bool."""
    _, both = np.unique(
        outcomes.user_row.astype(np.int64) * max(len(outcomes.item_ids), 1) + outcomes.item_row, return_inverse=True
    )
    at = _places(both, outcomes.timestamp_epoch_s)
    taken = np.sort(at[is_taken])
    if not len(taken):
        return is_taken
    following = np.minimum(np.searchsorted(taken, at), len(taken) - 1)
    wait_s = taken[following] - at  # another user's or action's are far beyond any period, or before
    return is_taken | ((wait_s >= 0) & (wait_s <= period_s) & (taken[following] // NEWEST_EPOCH_S == both))


def _responses(outcomes: InteractionTable) -> np.ndarray:
    """Give what each outcome is: TOOK, REFUSED (not taken, or only viewed), NO_RESPONSE for another event type."""
    kinds = [outcome_of(name) for name in outcomes.event_types]
    codes = [NO_RESPONSE if kind is None else TOOK if kind == TAKEN else REFUSED for kind in kinds]
    return np.array([*codes, NO_RESPONSE], dtype=np.int64)[outcomes.event_type]  # the last one is what -1 finds


def _previous(response: np.ndarray, user_row: np.ndarray) -> np.ndarray:
    """Give the same user's response before each outcome: [outcomes], sorted by user and time."""
    before = np.concatenate(([NO_RESPONSE], response[:-1])) if len(response) else response
    is_first = np.concatenate(([True], user_row[1:] != user_row[:-1])) if len(response) else response.astype(bool)
    return np.where(is_first, NO_RESPONSE, before)


def _ages(interactions: InteractionTable, outcomes: InteractionTable) -> np.ndarray:
    """Give how long before each outcome the user's last interaction with an item was, infinity for never."""
    row_of = {user: row for row, user in enumerate(interactions.user_ids)}
    rows = np.array([row_of.get(user, -1) for user in outcomes.user_ids], dtype=np.int64)
    user_row = rows[outcomes.user_row] if len(outcomes) else np.empty(0, dtype=np.int64)  # [outcomes]
    at = _places(user_row, outcomes.timestamp_epoch_s)
    last = np.searchsorted(_places(interactions.user_row, interactions.timestamp_epoch_s), at) - 1  # [outcomes]
    same_user = (last >= 0) & (user_row >= 0)
    same_user[same_user] = interactions.user_row[last[same_user]] == user_row[same_user]
    age_s = np.full(len(outcomes), np.inf)
    age_s[same_user] = outcomes.timestamp_epoch_s[same_user] - interactions.timestamp_epoch_s[last[same_user]]
    return age_s


def _places(user_row: np.ndarray, epoch_s: np.ndarray) -> np.ndarray:
    """Give user and time as one number that sorts as both."""
    return user_row.astype(np.int64) * NEWEST_EPOCH_S + np.clip(epoch_s, 0, NEWEST_EPOCH_S - 1)


def _test_users(user_count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.permutation(user_count)[: int(user_count * TEST_RATIO)]
