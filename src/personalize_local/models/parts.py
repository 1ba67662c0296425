"""The parts of a blend: what each is called, and how it is fitted; some in variants that validation chooses from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from personalize_local.models.age_lift import fit_age_lift
from personalize_local.models.content import ContentAffinity, ItemContent
from personalize_local.models.context_lift import fit_context_lift
from personalize_local.models.counting import Counting, at_once
from personalize_local.models.query import Recommender
from personalize_local.models.reader_lift import fit_reader_lift
from personalize_local.models.readers import Readers
from personalize_local.models.returns import fit_returns, return_share
from personalize_local.models.sequences import Sequences
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import WINDOW as RULES_WINDOW
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.session_neighbours import fit_session_neighbours
from personalize_local.models.slices import TURNOVER, turnover
from personalize_local.models.taste import fit_taste

RIDGE_DECAYS = (0.6, 0.85)
RULES_DECAYS = (0.6, 0.82)
SESSION_GAPS_S = (1800, 86_400)
CONTENT_DECAYS = (0.8, 0.95)
RETURNS = 0.02

FitPart = Callable[[Sequences], Recommender]


@dataclass(frozen=True)
class EnsembleSettings:
    """What may be varied.

    window: how many events of a history the sequential models look back on.
    regularisation: of the ridge; more is smoother.
    recent: whether recent popularity has a say beside that of all time.
    has_echoes: whether several events on one item within minutes are steps of their own, see `without_echoes`.
    """

    window: int = 32
    regularisation: float = 100.0
    recent: bool = True
    has_echoes: bool = False


@dataclass(frozen=True)
class Part:
    """A part by name, with the ways to fit it."""

    name: str
    variants: tuple[FitPart, ...]


def parts_for(
    sequences: Sequences,
    content: ItemContent | None,
    settings: EnsembleSettings,
    counting: Counting = at_once,
    readers: Readers | None = None,
) -> list[Part]:
    """Name the parts that these data allow: content, context, readers where known; age, returns where they can matter.

    Args: counting: how what adds up over users is counted.
    """
    taste = Part("taste", (partial(fit_taste, counting=counting),))
    parts = [_ridge(settings, counting), _rules(settings, counting), _neighbours(), taste]
    if content is not None and content.known().any():
        parts.append(_content(content))
    created = np.full(sequences.item_count, np.nan) if content is None else content.created_epoch_s
    if np.isfinite(created).any() or turnover(sequences) > TURNOVER:
        parts.append(Part("age", (lambda steps: fit_age_lift(steps, created),)))
    if return_share(sequences) > RETURNS:
        parts.append(Part("returns", (fit_returns,)))
    if sequences.context_code is not None:
        parts.append(Part("context", (fit_context_lift,)))
    if readers is not None and readers.words.words:
        parts.append(Part("readers", (partial(fit_reader_lift, readers=readers),)))
    return parts


def _ridge(settings: EnsembleSettings, counting: Counting) -> Part:
    usual = partial(
        fit_sequential_ridge, window=settings.window, regularisation=settings.regularisation, counting=counting
    )
    return Part("ridge", tuple(partial(usual, decay=decay) for decay in RIDGE_DECAYS))


def _rules(settings: EnsembleSettings, counting: Counting) -> Part:
    usual = partial(fit_sequential_rules, window=min(settings.window, RULES_WINDOW), counting=counting)
    return Part("rules", tuple(partial(usual, decay=decay) for decay in RULES_DECAYS))


def _neighbours() -> Part:
    def fit(gap_s: int) -> FitPart:
        return lambda steps: fit_session_neighbours(steps, gap_s=gap_s)

    return Part("neighbours", tuple(fit(gap_s) for gap_s in SESSION_GAPS_S))


def _content(content: ItemContent) -> Part:
    def fit(decay: float) -> FitPart:
        return lambda steps: ContentAffinity(content.features, decay)

    return Part("content", tuple(fit(decay) for decay in CONTENT_DECAYS))
