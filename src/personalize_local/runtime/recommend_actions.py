"""The main path of GetActionRecommendations.

user → situation → scores → expired and repeated ones out → filter → best, then those without a score

Approximated: see models/conversion.py for the scores; new actions get no chance of their own.
Source: contract §6.3, §3.2. Which of two scores counts as the same, and the order of actions without a score: inferred.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.conversion import NO_RESPONSE, REFUSED, TOOK, ConversionRates, situations
from personalize_local.runtime.action_data import ActionData
from personalize_local.runtime.columns import NumericColumn
from personalize_local.runtime.deployment import BoundFilter
from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.histories import History
from personalize_local.runtime.masks import NO_ROW, FilterQuestion
from personalize_spec.outcomes import TAKEN

DAY_S = 86_400
SCORE_DECIMALS = 7
SAME_DECIMALS = 2
EXPIRATION_COLUMNS = ("ACTION_EXPIRATION_TIMESTAMP", "EXPIRATION_TIMESTAMP")


@dataclass(frozen=True)
class ActionQuestion:
    """A request, with all that it names found and checked."""

    user_id: str
    count: int
    now_epoch_s: int
    filter: BoundFilter | None = None


def recommend_actions(
    rates: ConversionRates, model_rows: np.ndarray, data: GroupData, question: ActionQuestion
) -> list[tuple[str, float]]:
    """Give the best actions with their scores; fewer than asked for only when nothing else is allowed.

    Shapes: model_rows [actions of the model], the catalogue's row of each.
    """
    actions = data.actions
    history = actions.histories.of(question.user_id)
    scores = np.zeros(len(actions.actions))  # [actions]
    scores[model_rows] = rates.scores(situation_of(data, question.user_id, history))
    allowed = _allowed(actions, history, question.now_epoch_s)  # [actions] bool
    if question.filter is not None:
        allowed &= question.filter.compiled.mask(_filter_question(data, history, question))
    rows = np.flatnonzero(allowed)
    best = rows[_order(actions, scores, rows)][: question.count]
    return [(actions.actions.ids[row], round(float(scores[row]), SCORE_DECIMALS)) for row in best]


def situation_of(data: GroupData, user_id: str, history: History) -> int:
    """Give the user's situation; time is that of the newest event, so that data of long ago is not stale."""
    touched = data.histories.of(user_id).epoch_s
    now_epoch_s = max(data.histories.newest_epoch_s, data.actions.histories.newest_epoch_s)
    age_s = np.array([now_epoch_s - touched[-1] if len(touched) else np.inf], dtype=np.float64)
    return int(situations(age_s, np.array([_last_response(history)]))[0])


def _last_response(history: History) -> int:
    if not len(history):
        return NO_RESPONSE
    return TOOK if history.type_code[-1] == history.type_codes.get(TAKEN.lower()) else REFUSED


def _allowed(data: ActionData, history: History, now_epoch_s: int) -> np.ndarray:
    """Mark the actions that are in the dataset, have not expired, and are not too early to repeat: [actions] bool."""
    ids = data.actions.ids
    allowed = np.fromiter((each in data.listed for each in ids), dtype=bool, count=len(ids))
    for name in EXPIRATION_COLUMNS:
        expires = _numbers(data, name)
        allowed &= ~(expires <= now_epoch_s)
    last_epoch_s = np.full(len(ids), -np.inf)
    last_epoch_s[history.item_row] = history.epoch_s  # oldest first, so that the newest stays
    wait_s = np.nan_to_num(_numbers(data, "REPEAT_FREQUENCY"), nan=0.0) * DAY_S
    return allowed & ~(now_epoch_s - last_epoch_s < wait_s)


def _order(data: ActionData, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Order rows: by score, near ties by VALUE; those without a score last, newest first. Gives places in `rows`."""
    value = np.nan_to_num(_numbers(data, "VALUE")[rows], nan=0.0)
    created = data.actions.created_epoch_s(rows)
    own = scores[rows]
    unscored = own == 0
    keys = (np.where(unscored, created, 0.0), own, value, np.round(own, SAME_DECIMALS), ~unscored)
    return np.lexsort([-key.astype(np.float64) for key in keys])  # the last key counts most


def _numbers(data: ActionData, name: str) -> np.ndarray:
    """Give a column of numbers, NaN where there is none: [actions]."""
    column = data.actions.column(name)
    return column.numbers(None) if isinstance(column, NumericColumn) else np.full(len(data.actions), np.nan)


def _filter_question(data: GroupData, history: History, question: ActionQuestion) -> FilterQuestion:
    assert question.filter is not None
    user_row = data.users.row_of.get(question.user_id, NO_ROW)
    asked = FilterQuestion(data.actions.actions, data.users, history, user_row)
    return asked.with_values(question.filter.values)
