"""Fit the parts of a blend, and the blend's weights on the newest events.

The order: parts from the older events, weights from how well these parts foretell the newest events, then parts from
everything, blended with those weights. Nothing is fitted on events that a later test looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.blend_weights import BlendWeights, Rehearsal, fit_blend_weights, sample_columns
from personalize_local.models.cold_items import ColdItems, find_cold_items
from personalize_local.models.content import ItemContent
from personalize_local.models.decayed_counts import DecayedCounts, fit_decayed_counts
from personalize_local.models.fitting import FITTING_HERE, Fitting
from personalize_local.models.parts import EnsembleSettings, FitPart, Part, parts_for
from personalize_local.models.popularity import DAY_S, recent_counts
from personalize_local.models.query import Query, Recommender
from personalize_local.models.readers import describe_readers
from personalize_local.models.sequence_fit import Progress, SequenceFit
from personalize_local.models.sequences import Sequences, without_echoes
from personalize_local.models.slices import Records, Slice, newest_slices
from personalize_local.models.variants import choose_variants, variant_lifts

__all__ = ["Ensemble", "EnsembleSettings"]

RECENT_HALF_LIVES_S = (3600.0, 1.0 * DAY_S, 7.0 * DAY_S, 30.0 * DAY_S)
LEARN_EVENTS = 3_000_000
CHOICE_EVENTS = 60_000
CHOICE_QUERIES = 300
CHOICE_COLUMNS = 5_000
TAKEN_FOR_NEW = 0.2


@dataclass(frozen=True)
class Learned:
    """What validation told: how to fit each part that is of use, and the weights of all."""

    fits: tuple[FitPart, ...]
    names: tuple[str, ...]
    has_sequence_layer: bool
    weights: BlendWeights


class Ensemble:
    """Learns the weights once, then fits as often as asked; the sequence layer goes on from where it last was."""

    def __init__(
        self,
        settings: EnsembleSettings,
        seed: int,
        progress: Progress,
        sequence_fit: SequenceFit | None = None,
        fitting: Fitting = FITTING_HERE,
        records: Records = (),
    ) -> None:
        """Take what trainings have in common.

        Args: records: of the users, as the sequences number them; none where nothing is known of them.
        """
        self._settings = settings
        self._seed = seed
        self._progress = progress
        self._sequence_fit = sequence_fit
        self._fitting = fitting
        self._records = records
        self._sequence_model: Recommender | None = None
        self._learned: Learned | None = None

    def learn(self, sequences: Sequences, content: ItemContent | None) -> Learned:
        """Choose the variants of the parts, and fit the weights, on the newest events."""
        steps = self._steps(sequences).some_users(LEARN_EVENTS, self._seed)
        cuts = newest_slices(steps, self._seed, self._records)
        readers = describe_readers(self._records, steps.user_count) if self._records else None
        parts = parts_for(steps, content, self._settings, self._fitting.counting, readers)
        fits = self._chosen(parts, cuts[-1])
        if self._sequence_fit is not None:
            self._sequence_model = self._sequence_fit.fit(cuts[0].older, content, None, cuts[0].queries, self._progress)
        rehearsals = [self._rehearse([part.name for part in parts], fits, cut, content) for cut in cuts]
        weights = fit_blend_weights(rehearsals, steps.item_count, self._seed)
        strangers = weights.parts if weights.strangers is None else weights.strangers
        used = (weights.parts > 0) | (strangers > 0)
        if weights.cold_items.content > 0:
            used[[part.name for part in parts].index("content")] = True
        self._learned = Learned(
            tuple(fit for fit, use in zip(fits, used, strict=False) if use),
            tuple(part.name for part, use in zip(parts, used, strict=False) if use),
            self._sequence_fit is not None and bool(used[-1]),
            replace(weights, parts=weights.parts[used], strangers=strangers[used]),
        )
        return self._learned

    def fit(self, sequences: Sequences, content: ItemContent | None) -> Blend:
        """Fit the parts that have weight on all of the sequences, and blend them with the weights learnt before."""
        learned = self._learned or self.learn(sequences, content)
        steps = self._steps(sequences)
        models = self._fit_parts(learned.names, learned.fits, steps)
        if self._sequence_fit is not None and learned.has_sequence_layer:
            self._sequence_model = self._sequence_fit.fit(steps, content, self._sequence_model, None, self._progress)
            models.append(self._sequence_model)
        blend = assemble(models, learned.weights, self._popularity(steps), find_cold(steps, content))
        return replace(blend, has_echoes=self._settings.has_echoes)

    def _steps(self, sequences: Sequences) -> Sequences:
        return sequences if self._settings.has_echoes else without_echoes(sequences)

    def _rehearse(
        self, names: Sequence[str], fits: Sequence[FitPart], cut: Slice, content: ItemContent | None
    ) -> Rehearsal:
        """Fit the parts on the older events; popularity is as of each query where the slice is by time."""
        models = self._fit_parts(names, fits, cut.older)
        if self._sequence_model is not None:
            models.append(self._sequence_model)
        counts = self._popularity(cut.older)
        popularity = Static(counts).log_shares
        if cut.is_by_time:
            popularity = Either(Static(counts), Newest(counts, cut.newer)).log_shares
        cold = find_cold(cut.older, content)
        if content is None:
            return Rehearsal(models, popularity, cold, cut.queries)
        appeared, as_if = content.created_epoch_s, None
        if not cut.is_by_time:
            appeared = np.where(cut.older.item_counts() + cut.newer.item_counts() > 0, appeared, np.inf)
            as_if = find_cold(
                cut.older, content, np.random.default_rng(self._seed).random(len(appeared)) < TAKEN_FOR_NEW
            )
        return Rehearsal(models, popularity, cold, cut.queries, appeared, as_if)

    def _fit_parts(self, names: Sequence[str], fits: Sequence[FitPart], steps: Sequences) -> list[Recommender]:
        models: list[Recommender] = []
        fitted = self._fitting.side_by_side(len(steps.item_row)).map(
            lambda place, _: fits[place](steps), range(len(fits))
        )
        for place, name in enumerate(names):
            self._progress(f"Fitting {name}", place / len(fits))
            models.append(next(fitted))
        return models

    def _chosen(self, parts: Sequence[Part], cut: Slice) -> list[FitPart]:
        """Give the variants that foretell best together, fitted on some of the events; the first ones by default."""
        asked = cut.queries[:CHOICE_QUERIES]
        if not asked:
            return [part.variants[0] for part in parts]
        steps = cut.some(CHOICE_EVENTS, self._seed)
        columns = sample_columns(steps.item_count, asked, self._seed, CHOICE_COLUMNS)
        spread = self._fitting.side_by_side(len(cut.older.item_row))
        lifts = list(spread.map(lambda place, _: variant_lifts(parts[place], steps, asked, columns), range(len(parts))))
        seen = np.array([np.isin(columns, each.query.history_rows) for each in asked], dtype=np.float32)
        targets = [np.searchsorted(columns, each.targets) for each in asked]
        places = choose_variants(lifts, seen, targets)
        return [part.variants[place] for part, place in zip(parts, places, strict=True)]

    def _popularity(self, steps: Sequences) -> DecayedCounts:
        return fit_decayed_counts(steps, RECENT_HALF_LIVES_S if self._settings.recent else ())


@dataclass(frozen=True)
class Static:
    """Popularity as it was when the older events ended."""

    counts: DecayedCounts

    def log_shares(self, query: Query) -> np.ndarray:
        """Give the log shares, whatever is asked: [half-lives, items]."""
        return self._shares

    @cached_property
    def _shares(self) -> np.ndarray:
        return self.counts.log_shares()


@dataclass(frozen=True)
class Newest:
    """Popularity as it is when a query is asked: served models add the events since their training."""

    counts: DecayedCounts
    newer: Sequences

    def log_shares(self, query: Query) -> np.ndarray:
        """Give the log shares at the query's time: [half-lives, items]."""
        before = self.newer.epoch_s < query.now_epoch_s
        events = (each[before] for each in (self.newer.item_row, self.newer.weight, self.newer.epoch_s))
        return self.counts.aged(query.now_epoch_s).plus(*events).log_shares()


@dataclass(frozen=True)
class Either:
    """One for half of the queries, the other for the rest: some answers know the newest events, some do not."""

    stale: Static
    fresh: Newest

    def log_shares(self, query: Query) -> np.ndarray:
        """Give the log shares, fresh where the query's second is odd: [half-lives, items]."""
        return (self.fresh if query.now_epoch_s % 2 else self.stale).log_shares(query)


def find_cold(steps: Sequences, content: ItemContent | None, as_if_new: np.ndarray | None = None) -> ColdItems | None:
    """Tie items with few events to others of like content; None where nothing is known of items.

    Shapes: as_if_new [items] bool, whose events are not looked at.
    """
    if content is None or not content.known().any():
        return None
    counts, recent = steps.item_counts(), recent_counts(steps, 7.0 * DAY_S)
    if as_if_new is not None:
        counts, recent = (np.where(as_if_new, np.float32(0.0), each) for each in (counts, recent))
    return find_cold_items(content, counts, recent)


def assemble(
    models: Sequence[Recommender], weights: BlendWeights, popularity: DecayedCounts, cold: ColdItems | None
) -> Blend:
    """Put fitted parts and weights together; popularity becomes one weighted prior."""
    shares = popularity.log_shares()
    newcomer = weights.newcomer_priors @ shares
    if cold is not None:
        cold.borrow(newcomer)
        newcomer[cold.rows] += weights.newcomer_cold * (1.0 - cold.own_share)
    return Blend(
        parts=tuple(models),
        weights=weights.parts,
        prior=(weights.priors @ shares).astype(np.float32),
        newcomer_prior=newcomer.astype(np.float32),
        seen_weight=weights.seen,
        cold=cold,
        cold_weight=weights.cold,
        popularity=popularity,
        prior_weights=weights.priors,
        newcomer_weights=weights.newcomer_priors,
        newcomer_cold_weight=weights.newcomer_cold,
        cold_weights=weights.cold_items,
        stranger_weights=weights.strangers,
    )
