"""The main path of GetRecommendations.

user → history → scores → softmax → mask → best → exploration → promotions → metadata

A use case that hides what the user watched or bought does so before the filter, and from promotions too (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from personalize_local.runtime.allowed import Allowed
from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.deployment import BoundFilter
from personalize_local.runtime.exploration import Exploration
from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.histories import History
from personalize_local.runtime.masks import NO_ROW, FilterQuestion
from personalize_local.runtime.promotions import mix, promoted_count
from personalize_local.runtime.ranking import Ranked, Shares, rank, shares_of_coarse
from personalize_local.runtime.served_model import Asked, ServedModel
from personalize_local.runtime.young_items import bonus_of, young_rows

PROMOTED = "Promoted item"


@dataclass(frozen=True)
class Promotion:
    """Places for items of a filter of their own."""

    name: str | None
    percent: int
    filter: BoundFilter


@dataclass(frozen=True)
class Question:
    """A request, with all that it names found and checked."""

    user_id: str | None
    item_id: str | None
    count: int
    now_epoch_s: int
    filter: BoundFilter | None = None
    exploration: Exploration | None = None
    promotion: Promotion | None = None
    gives_reasons: bool = False
    excluded_event_type: str | None = None  # items with such an event of the user are left out
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a question is answered from: the reader's history, the request's item, and what the model is asked."""

    history: History
    item_row: int
    of_model: Asked


def recommend(model: ServedModel, data: GroupData, question: Question, rng: np.random.Generator) -> list[Ranked]:
    """Give the recommended items in order; fewer than asked for only when nothing else is allowed.

    The data is locked before and after the scoring only: it is most of the work, and others can go on meanwhile.
    """
    with data.lock:
        reading = read(model, data, question)
    shares = shares_of_coarse(model.coarse_scores(reading.of_model))
    with data.lock:
        return choose(model, data, question, reading, shares, rng)


def read(model: ServedModel, data: GroupData, question: Question) -> Reading:
    """Look up what the data say of a question's reader and item; whoever asks holds the data's lock."""
    item_row = data.items.row_of.get(question.item_id, NO_ROW) if question.item_id else NO_ROW
    history = data.histories.of(question.user_id)
    user = data.user_record(question.user_id)
    return Reading(history, item_row, model.asked(history, item_row, question.now_epoch_s, question.context, user))


def choose(
    model: ServedModel,
    data: GroupData,
    question: Question,
    reading: Reading,
    shares: Shares,
    rng: np.random.Generator,
) -> list[Ranked]:
    """Choose the items to recommend by their shares; whoever asks holds the data's lock."""
    items = data.items
    asked = filter_question(data, question.user_id, reading.item_row, reading.history)
    allowed = _allowed(_judged(question.filter, data), asked, question)
    ranked = rank(model, items, shares, allowed, question.count)
    if question.exploration is not None:
        ranked = _explored(question.exploration, ranked, model, data, allowed, question.count, rng)
    if question.promotion is not None:
        promoted = _promoted(question, model, data, shares, asked)
        ranked = mix(promoted, ranked, question.count, rng)
    return ranked


def filter_question(data: GroupData, user_id: str | None, item_row: int, history: History) -> FilterQuestion:
    """Give what filters ask about: this user, this item, all of the catalogue."""
    user_row = data.users.row_of.get(user_id, NO_ROW) if user_id else NO_ROW
    return FilterQuestion(data.items, data.users, history, user_row, item_row)


def describe(
    ranked: Sequence[Ranked], items: Catalogue, columns: Sequence[str], *, with_scores: bool
) -> list[dict[str, Any]]:
    """Write ranked items as members of an answer; absent ones are left out.

    Metadata keys are in lower case: observed in a client of AWS's.
    """
    return [_described(each, items, columns, with_scores=with_scores) for each in ranked]


def _described(each: Ranked, items: Catalogue, columns: Sequence[str], *, with_scores: bool) -> dict[str, Any]:
    members: dict[str, Any] = {"item_id": items.ids[each.row]}
    if with_scores and each.score is not None:
        members["score"] = each.score
    if each.promotion_name is not None:
        members["promotion_name"] = each.promotion_name
    if columns:
        members["metadata"] = metadata_of(items, each.row, columns)
    if each.reason:
        members["reason"] = [each.reason]
    return members


def metadata_of(items: Catalogue, row: int, columns: Sequence[str]) -> dict[str, str]:
    """Give the item's columns as texts; nulls are left out."""
    found = {name.lower(): items.column(name) for name in columns}
    texts = {name: column.text(row) for name, column in found.items() if column is not None}
    return {name: text for name, text in texts.items() if text is not None}


def _judged(bound: BoundFilter | None, data: GroupData) -> BoundFilter | None:
    """Give the filter with what it lets pass, where that is known."""
    if bound is None or bound.mask is not None:
        return bound
    return BoundFilter(bound.compiled, bound.values, data.mask_of(bound.compiled, bound.values))


def _allowed(bound: BoundFilter | None, asked: FilterQuestion, question: Question) -> Allowed:
    """Tell what may be recommended: what the filter lets pass, without the request's own item.

    A use case may hide items besides, such as those the user bought.
    """
    hidden = np.array([asked.item_row] if asked.item_row != NO_ROW else [], dtype=np.int64)
    if question.excluded_event_type is not None:
        hidden = np.append(hidden, asked.history.touched([question.excluded_event_type]))
    return Allowed(bound, asked, hidden)


def _explored(
    exploration: Exploration,
    ranked: list[Ranked],
    model: ServedModel,
    data: GroupData,
    allowed: Allowed,
    count: int,
    rng: np.random.Generator,
) -> list[Ranked]:
    young = young_rows(model, data, exploration.age_cut_off_days)
    young = allowed.among(young)
    return exploration.place(ranked, young, lambda rows: bonus_of(rows, data), count, rng) if len(young) else ranked


def _promoted(
    question: Question, model: ServedModel, data: GroupData, shares: Shares, asked: FilterQuestion
) -> list[Ranked]:
    promotion = question.promotion
    assert promotion is not None
    count = promoted_count(question.count, promotion.percent)
    best = rank(model, data.items, shares, _allowed(_judged(promotion.filter, data), asked, question), count)
    reason = PROMOTED if question.gives_reasons else None
    return [each.as_promoted(promotion.name, reason) for each in best]
