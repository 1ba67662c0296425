"""Put a split's questions to a model, and write down at which places the relevant items come.

Rule 1: every item of the catalogue competes, but those the user has seen (when the filter is on) and those that did
not exist yet: created, by CREATION_TIMESTAMP, and first touched only after the moment of the question.
Rule 2: ties count against the model: of equal scores, the relevant item comes last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from personalize_local.evaluation.data import Data
from personalize_local.evaluation.split import Split
from personalize_local.models.query import Recommender
from personalize_local.training.metrics import ranking

DEPTH = 25
NEVER = np.inf
REPORT_EVERY = 200


@dataclass(frozen=True)
class Rules:
    """Which items compete.

    Shapes: exists_from_epoch_s [items] float64, -inf for items that have always been there.
    """

    filter_seen: bool
    depth: int
    exists_from_epoch_s: np.ndarray


@dataclass(frozen=True)
class Answers:
    """What a model said.

    rank counts from 1 and is infinite beyond the depth; rank_among_cold is the place among the items without an event
    in training, infinite for relevant items that have one.
    Shapes: rank and rank_among_cold [relevant]; top [questions, depth] rows, -1 where fewer compete; latency_s
    [questions].
    """

    rank: np.ndarray
    rank_among_cold: np.ndarray
    top: np.ndarray
    latency_s: np.ndarray


def exists_from(data: Data, split: Split) -> np.ndarray:
    """Give when each item of the catalogue appeared: its creation or its first event, whichever is earlier."""
    appeared = np.full(split.item_count, -np.inf)
    created = None if data.items is None else data.items.columns.get("CREATION_TIMESTAMP")
    if created is None:
        return appeared
    row_of = {item: row for row, item in enumerate(data.item_ids())}
    rows = np.array([row_of[str(item)] for item in data.items.ids], dtype=np.int64)
    appeared[rows] = np.nan_to_num(created.astype(np.float64), nan=-np.inf)
    first_event = np.full(split.item_count, np.inf)
    table = data.interactions
    np.minimum.at(first_event, split.item_row[table.item_row], table.timestamp_epoch_s)
    return np.minimum(appeared, first_event)


def answer(model: Recommender, split: Split, rules: Rules, progress: Callable[[float], None]) -> Answers:
    """Ask everything; progress gets the share that is done."""
    count, asked = len(split.questions), split.questions
    rank, among_cold = (np.full(len(asked.relevant_row), NEVER) for _ in range(2))
    top = np.full((count, rules.depth), -1, dtype=np.int32)
    latency_s = np.empty(count)
    is_cold = split.training_counts() == 0
    for place in range(count):
        query, relevant = split.query(place), asked.relevant(place)
        begun = time.perf_counter()
        scores = np.array(model.scores(query), dtype=np.float32)
        _exclude(scores, query.history_rows if rules.filter_seen else None, rules, query.now_epoch_s)
        best = ranking(scores, rules.depth)
        latency_s[place] = time.perf_counter() - begun
        best = best[np.isfinite(scores[best])]
        top[place, : len(best)] = best
        here = slice(asked.relevant_start[place], asked.relevant_start[place + 1])
        rank[here] = ranks(scores, relevant, rules.depth)
        if is_cold[relevant].any():
            only_cold = np.where(is_cold, scores, -np.inf)
            among_cold[here] = np.where(is_cold[relevant], ranks(only_cold, relevant, rules.depth), NEVER)
        if place % REPORT_EVERY == 0:
            progress(place / count)
    return Answers(rank, among_cold, top, latency_s)


def ranks(scores: np.ndarray, relevant: np.ndarray, depth: int) -> np.ndarray:
    """Give the place of each relevant item in the order of scores, ties against it: [relevant], infinite beyond depth.

    Items that score -inf have no place. Shapes: scores [items]; relevant [relevant] rows.
    """
    own = scores[relevant]
    place = np.full(len(relevant), NEVER)
    limit = np.partition(scores, len(scores) - depth)[len(scores) - depth] if len(scores) > depth else -np.inf
    others = np.delete(scores, relevant)
    for number, each in enumerate(np.argsort(-own, kind="stable"), start=1):
        if not np.isfinite(own[each]) or own[each] < limit:
            break
        found = np.count_nonzero(others >= own[each]) + number
        place[each] = found if found <= depth else NEVER
    return place


def _exclude(scores: np.ndarray, seen: np.ndarray | None, rules: Rules, now_epoch_s: int) -> None:
    """Put what does not compete at -inf, in place; a score that is no number is none."""
    scores[np.isnan(scores)] = -np.inf
    scores[rules.exists_from_epoch_s > now_epoch_s] = -np.inf
    if seen is not None:
        scores[seen] = -np.inf
