"""Judge trained methods by a policy log: what each would have shown in place of what was shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from personalize_local.evaluation.data import Data, take_events
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.evaluate import Settings, chosen_baselines
from personalize_local.evaluation.isolated import run_isolated
from personalize_local.evaluation.off_policy import PolicyValue, estimate, logged_value, recorded_value
from personalize_local.evaluation.policy_log import LoggedItem, with_rewards
from personalize_local.evaluation.recipe import Recipe
from personalize_local.evaluation.scoring import Rules, exists_from
from personalize_local.evaluation.split import Split, ask
from personalize_local.evaluation.task import Progress, Task, run_task


def judge_policies(
    data: Data, items: Sequence[LoggedItem], settings: Settings, progress: Progress
) -> tuple[PolicyValue, ...]:
    """Judge the logging policy, the one in target_propensity when every line has it, and all chosen methods.

    Methods learn from the interactions before the first answer of the log, and show their best items, in order, without
    exploring. Errors: EvaluationError when the log does not say who was shown something, and when.
    """
    items = with_rewards(items, data.interactions)
    values = [logged_value(items)]
    if any(item.target_propensity is not None for item in items):
        values.append(recorded_value(items))
    methods = {**settings.recipes, **{name: name for name in chosen_baselines(settings, data)}}
    if not methods:
        return tuple(values)
    row_of = {str(item): row for row, item in enumerate(data.item_ids())}
    rows = np.array([row_of.get(item.item_id, -2) for item in items])
    ranks = np.array([item.rank - 1 for item in items])
    for name, method in methods.items():
        shown = shown_by(method, data, items, settings, lambda text, done, name=name: progress(f"{name}: {text}", done))
        values.append(estimate(name, items, (shown[np.arange(len(items)), ranks] == rows).astype(np.float64)))
    return tuple(values)


def shown_by(
    method: Recipe | str, data: Data, items: Sequence[LoggedItem], settings: Settings, progress: Progress
) -> np.ndarray:
    """Give what a method would have shown in the answer of each logged item: [items, depth] rows, the best first."""
    split, place = _split(data, items)
    rules = Rules(settings.filters_seen(), max(item.rank for item in items), exists_from(data, split))
    run = run_isolated if settings.isolated else run_task
    return run(Task(method, data, split, rules, 0), progress).answers.top[place]


def _split(data: Data, items: Sequence[LoggedItem]) -> tuple[Split, np.ndarray]:
    """Ask one question for each answer of the log; give also the question of each logged item: [items]."""
    if any(item.user_id is None or item.shown_at_epoch_s is None for item in items):
        raise EvaluationError(
            "To judge trained methods, every line of the policy log needs user_id and shown_at_epoch_s; without them, "
            "judge only what is in the log: --baselines none --recipe none."
        )
    table, ids = data.interactions, data.item_ids()
    _, first, place = np.unique([item.recommendation_id for item in items], return_index=True, return_inverse=True)
    now = np.array([items[each].shown_at_epoch_s for each in first])
    user_of = {str(user): row for row, user in enumerate(table.user_ids)}
    users = np.array([user_of.get(items[each].user_id, -1) for each in first])
    training = take_events(table, table.timestamp_epoch_s < now.min())
    if not len(training):
        raise EvaluationError("No interaction is older than the policy log: there is nothing to learn from before it.")
    begin = np.searchsorted(table.user_row, users, side="left")
    ends = np.searchsorted(table.user_row, users, side="right")
    end = np.array(
        [
            start + np.searchsorted(table.timestamp_epoch_s[start:stop], moment)
            for start, stop, moment in zip(begin, ends, now, strict=True)
        ]
    )
    row_of = {item: row for row, item in enumerate(ids)}
    item_row = np.array([row_of[str(item)] for item in table.item_ids], dtype=np.int64)
    asked = ask(users, begin, end, now, [np.empty(0, dtype=np.int64)] * len(now))
    records = data.user_records()
    split = Split("policy-log", "policy log", training, table, asked, item_row, len(ids), 0, user_records=records)
    return split, place
