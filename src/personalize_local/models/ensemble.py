"""Fit the parts of a blend, and the blend's weights on the newest events of each user.

The order: parts from all but the newest events, weights from how well these parts foretell the newest events, then
parts from everything, blended with those weights. Nothing is fitted on events that a later test looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.blend_weights import BlendWeights, TrainingQuery, fit_blend_weights
from personalize_local.models.cold_items import ColdItems, find_cold_items
from personalize_local.models.content import ContentAffinity, ItemContent
from personalize_local.models.popularity import DAY_S, popularity_priors, recent_counts
from personalize_local.models.query import Query, Recommender
from personalize_local.models.sequence_fit import Progress, SequenceFit
from personalize_local.models.sequences import Sequences, without_echoes
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import WINDOW as RULES_WINDOW
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.taste import fit_taste

RECENT_HALF_LIVES_S = (1.0 * DAY_S, 7.0 * DAY_S, 30.0 * DAY_S)
NEWEST_SHARE = 0.1
MAX_TARGETS = 10
MAX_QUERIES = 256


@dataclass(frozen=True)
class EnsembleSettings:
    """What may be varied.

    window: how many events of a history the sequential models look back on.
    regularisation: of the ridge; more is smoother.
    recent: whether recent popularity has a say beside that of all time.
    """

    window: int = 32
    regularisation: float = 100.0
    recent: bool = True


@dataclass(frozen=True)
class Parts:
    """Fitted recommenders, and popularity.

    Shapes: priors [1 + half-lives, items].
    """

    models: tuple[Recommender, ...]
    priors: np.ndarray
    cold: ColdItems | None


class Ensemble:
    """Learns the weights once, then fits as often as asked; the sequence layer goes on from where it last was."""

    def __init__(
        self, settings: EnsembleSettings, seed: int, progress: Progress, sequence_fit: SequenceFit | None = None
    ) -> None:
        self._settings = settings
        self._seed = seed
        self._progress = progress
        self._sequence_fit = sequence_fit
        self._sequence_model: Recommender | None = None
        self._weights: BlendWeights | None = None

    def learn(self, sequences: Sequences, content: ItemContent | None) -> BlendWeights:
        """Fit the blend's weights on the newest tenth of up to 256 users' events, at most 10 of each, of at least 2."""
        steps = without_echoes(sequences)
        older, queries = newest_slice(steps, self._seed)
        parts = fit_parts(older, content, self._settings, self._progress)
        if self._sequence_fit is not None:
            self._sequence_model = self._sequence_fit.fit(older, content, None, queries, self._progress)
            parts = replace(parts, models=(*parts.models, self._sequence_model))
        self._weights = fit_blend_weights(parts.models, parts.priors, parts.cold, queries, self._seed)
        return self._weights

    def fit(self, sequences: Sequences, content: ItemContent | None) -> Blend:
        """Fit the parts that have weight on all of the sequences, and blend them with the weights learnt before."""
        weights = self._weights or self.learn(sequences, content)
        steps = without_echoes(sequences)
        used = weights.parts > 0
        parts = fit_parts(steps, content, self._settings, self._progress, used)
        if self._sequence_fit is not None and used[-1]:
            self._sequence_model = self._sequence_fit.fit(steps, content, self._sequence_model, None, self._progress)
            parts = replace(parts, models=(*parts.models, self._sequence_model))
        return assemble(parts, replace(weights, parts=weights.parts[used]))


def newest_slice(steps: Sequences, seed: int) -> tuple[Sequences, list[TrainingQuery]]:
    """Cut off the newest tenth of every user's events; ask for those of up to 256 users, at most 10 of each."""
    lengths = steps.lengths()
    cut = np.clip(np.floor(lengths * (1.0 - NEWEST_SHARE)), 1, None).astype(np.int64)
    cut = np.where(lengths >= 2, np.clip(cut, lengths - MAX_TARGETS, lengths - 1), lengths)
    users = np.flatnonzero(lengths >= 2)
    users = np.random.default_rng(seed).permutation(users)[:MAX_QUERIES]
    return steps.heads(cut), [_training_query(steps, int(user), int(cut[user])) for user in users]


def fit_parts(
    steps: Sequences,
    content: ItemContent | None,
    settings: EnsembleSettings,
    progress: Progress,
    used: np.ndarray | None = None,
) -> Parts:
    """Fit the parts on sequences without echoes: those of `used` [parts] bool, all unless given."""
    if content is not None and not content.known().any():
        content = None
    fits = _fits(steps, content, settings)
    chosen = [fit for place, fit in enumerate(fits) if used is None or used[place]]
    models = []
    for place, (name, fit) in enumerate(chosen):
        progress(f"Fitting {name}", place / len(chosen))
        models.append(fit())
    counts, recent = steps.item_counts(), recent_counts(steps, 7.0 * DAY_S)
    cold = None if content is None else find_cold_items(content, counts, recent)
    half_lives = RECENT_HALF_LIVES_S if settings.recent else ()
    return Parts(tuple(models), popularity_priors(steps, half_lives), cold)


def _fits(
    steps: Sequences, content: ItemContent | None, settings: EnsembleSettings
) -> list[tuple[str, Callable[[], Recommender]]]:
    """Name the parts and how to fit each; the last one only with content."""
    window = settings.window
    fits: list[tuple[str, Callable[[], Recommender]]] = [
        ("ridge", lambda: fit_sequential_ridge(steps, window=window, regularisation=settings.regularisation)),
        ("rules", lambda: fit_sequential_rules(steps, window=min(window, RULES_WINDOW))),
        ("taste", lambda: fit_taste(steps)),
    ]
    if content is not None:
        fits.append(("content", lambda: ContentAffinity(content.features, 0.95)))
    return fits


def assemble(parts: Parts, weights: BlendWeights) -> Blend:
    """Put fitted parts and weights together; popularity becomes one weighted prior."""
    newcomer = weights.newcomer_priors @ parts.priors
    if parts.cold is not None:
        parts.cold.borrow(newcomer)
        newcomer[parts.cold.rows] += weights.newcomer_cold * (1.0 - parts.cold.own_share)
    return Blend(
        parts=parts.models,
        weights=weights.parts,
        prior=(weights.priors @ parts.priors).astype(np.float32),
        newcomer_prior=newcomer.astype(np.float32),
        seen_weight=weights.seen,
        cold=parts.cold,
        cold_weight=weights.cold,
    )


def _training_query(steps: Sequences, user: int, cut: int) -> TrainingQuery:
    here = steps.of(user)
    rows, epoch_s = steps.item_row[here], steps.epoch_s[here]
    event = None if steps.event_code is None else steps.event_code[here][:cut]
    query = Query(rows[:cut], epoch_s[:cut], now_epoch_s=int(epoch_s[cut]), history_event=event)
    return TrainingQuery(query, rows[cut : cut + MAX_TARGETS])
