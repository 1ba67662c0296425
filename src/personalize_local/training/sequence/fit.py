"""Fit the sequence layer: begin from closed-form vectors or a model, train until the budget or validation says stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jax.sharding import Mesh

from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.content import ItemContent
from personalize_local.models.likelihood import nearness
from personalize_local.models.query import Recommender
from personalize_local.models.readers import Readers, describe_readers
from personalize_local.models.sequence_fit import Progress
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequences import Sequences
from personalize_local.training.sequence.batches import Batches
from personalize_local.training.sequence.conversion import (
    Described,
    can_continue,
    continued,
    row_tokens_of,
    to_model,
    to_params,
)
from personalize_local.training.sequence.devices import make_mesh, own_rows
from personalize_local.training.sequence.negatives import Play
from personalize_local.training.sequence.network import DEVIATION
from personalize_local.training.sequence.settings import ROW_TOKENS, SequenceSettings
from personalize_local.training.sequence.spectral import co_occurrence_vectors, text_features
from personalize_local.training.sequence.training_step import Tables, TrainingStep, learning_rates, make_optimiser

MOST_EPOCHS = 60
CHECKS_AT_LEAST = 10
LONG_HISTORIES = 0.95  # this share of the events lies in histories that a row is to hold

Watch = Callable[[SequenceModel, int], None]


@dataclass(frozen=True)
class Length:
    """How long to train: steps in all, steps between checks, and the learning rate at its highest."""

    steps: int
    steps_per_check: int
    rate: float


class TransformerFit:
    """A SequenceFit: the transformer of models/sequence_model.py, trained with JAX.

    Args: readers: the records of the users, as the sequences number them. mesh: the devices, all that
    JAX finds unless given. watch: told of the model and the tokens seen, at each check.
    curve: of fits with validation, at each check the events seen and the mean log likelihood of what came next.
    """

    def __init__(
        self,
        settings: SequenceSettings,
        readers: Sequence[Mapping[str, object]] | None = None,
        mesh: Mesh | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._settings = settings
        self._readers = readers
        self._mesh = mesh
        self._watch = watch
        self.curve: list[tuple[int, float]] = []

    def fit(
        self,
        sequences: Sequences,
        content: ItemContent | None,
        start: Recommender | None,
        validation: Sequence[TrainingQuery] | None,
        progress: Progress,
    ) -> SequenceModel:
        """Fit anew, or go on from `start` if it has the shapes that the settings and the catalogue ask for.

        With validation, keeps the model of the check that foretold best. The same data and settings give the same
        bytes on the same kind of machine.
        """
        settings = self._settings
        before = start if isinstance(start, SequenceModel) else None
        if before is not None and not can_continue(before, settings, sequences.item_count):
            before = None
        row_tokens = _row_tokens(sequences, settings.window) if before is None else row_tokens_of(before)
        readers = describe_readers(self._readers, sequences.user_count)
        described = _describe(sequences, content, readers, before, settings.seed)
        params = _begin(sequences, described, before, settings, row_tokens)
        window = min(settings.window, row_tokens - 1)
        if not len(sequences.item_row):
            return to_model(params, described, window)
        run = _Run(settings, sequences, described, readers, row_tokens, self._mesh or make_mesh())
        best = _Best(validation, settings.patience)
        operations = settings.operations_per_token(row_tokens, sequences.item_count)
        length = _length(settings, run.batches, operations, goes_on=before is not None)
        for done, trained in run.train(params, length):
            progress(f"Training the sequence layer: {done} of {length.steps} steps", done / length.steps)
            model = to_model(trained, described, window)
            if self._watch:
                self._watch(model, done * run.tokens_per_step)
            is_over = best.is_over(model)
            if validation:
                self.curve.append((done * run.tokens_per_step, best.latest))
            if is_over:
                break
        return best.model


class _Run:
    """The training loop, from batches to parameters."""

    def __init__(
        self,
        settings: SequenceSettings,
        sequences: Sequences,
        described: Described,
        readers: Readers,
        row_tokens: int,
        mesh: Mesh,
    ) -> None:
        shards = mesh.devices.size
        row_count = max(1, round(settings.tokens_per_step / row_tokens / shards)) * shards
        self.tokens_per_step = row_count * (row_tokens - 1)
        self.batches = Batches(sequences, row_tokens, row_count, settings.seed, settings.unknown_share)
        self._settings = settings
        self._play = Play(settings, np.where(described.trained, np.maximum(sequences.item_counts(), 1.0), 0.0))
        self._tables = Tables(described.features, readers.codes)
        self._mesh = mesh

    def train(self, params: Any, length: Length) -> Any:
        """Train; yield the steps done and the parameters at each check, which are valid until the next."""
        settings = self._settings
        step = TrainingStep(settings, make_optimiser(settings), self._tables, self._mesh)
        rates = learning_rates(length.rate, length.steps)
        params, state = step.begin(params)
        rng = np.random.default_rng([settings.seed, 1])
        seeds = rng.integers(0, 2**32, length.steps)
        for done, batch in zip(range(1, length.steps + 1), self.batches.forever(), strict=False):
            rows, placed = self._play.of(batch, rng)
            seed, rate = int(seeds[done - 1]), rates[done - 1]
            params, state, _ = step(params, state, rows, own_rows(placed), seed, rate, whole=self._play.whole)
            if done % length.steps_per_check == 0 or done == length.steps:
                yield done, params


class _Best:
    """Keeps the model that foretells the validation best, the last one without validation."""

    def __init__(self, validation: Sequence[TrainingQuery] | None, patience: int) -> None:
        self._validation = validation
        self._patience = patience
        self._likelihood = -np.inf
        self._without_gain = 0
        self.latest = -np.inf
        self.model: SequenceModel

    def is_over(self, model: SequenceModel) -> bool:
        """Judge a model; tell whether it has become no better for too long."""
        likelihood = self.latest = mean_likelihood(model, self._validation) if self._validation else np.inf
        if likelihood > self._likelihood or not self._validation:
            self.model, self._likelihood, self._without_gain = model, likelihood, 0
        else:
            self._without_gain += 1
        return self._without_gain >= self._patience


def mean_likelihood(model: SequenceModel, queries: Sequence[TrainingQuery]) -> float:
    """Average the log likelihood of what came next; the first event after a history counts 1, then 1/2, 1/3 …"""
    found = []
    for item in queries:
        weights = nearness(len(item.targets))
        found.append(np.average(model.log_scores(item.query)[item.targets], weights=weights))
    return float(np.mean(found))


def _row_tokens(sequences: Sequences, window: int) -> int:
    """Choose the length of rows: the shortest that holds the window, or what most events' histories need of it."""
    lengths = np.sort(sequences.lengths())
    events = np.cumsum(lengths)
    typical = lengths[np.searchsorted(events, LONG_HISTORIES * events[-1])] if len(events) and events[-1] else 0
    needed = min(window, int(typical)) + 1
    return next((size for size in ROW_TOKENS if size >= needed), ROW_TOKENS[-1])


def _describe(
    sequences: Sequences, content: ItemContent | None, readers: Readers, start: SequenceModel | None, seed: int
) -> Described:
    trained = np.bincount(sequences.item_row, minlength=sequences.item_count) > 0
    if start is not None:
        trained |= start.trained
    features = word_map = None
    if content is not None and content.known().any():
        features, word_map = text_features(content.features, seed)
    return Described(features, word_map, trained, sequences.vocabulary, readers.words)


def _begin(
    sequences: Sequences,
    described: Described,
    start: SequenceModel | None,
    settings: SequenceSettings,
    row_tokens: int,
) -> dict[str, Any]:
    """Give the parameters that training begins with."""
    rng = np.random.default_rng(settings.seed)
    if start is not None:
        return continued(described, start, settings, row_tokens, rng)
    length = DEVIATION * settings.width
    vectors = co_occurrence_vectors(sequences, settings.width, length, settings.seed)
    return to_params(described, vectors, settings, row_tokens, rng)


def _length(settings: SequenceSettings, batches: Batches, operations: float, *, goes_on: bool) -> Length:
    """Choose how long to train, by the data and what a token costs."""
    epochs = settings.warm_epochs if goes_on else settings.epochs
    steps = batches.steps_per_epoch * epochs
    per_step = settings.tokens_per_step
    if not goes_on:
        steps = max(steps, min(settings.min_tokens / per_step, batches.steps_per_epoch * MOST_EPOCHS))
    total = max(1, round(min(steps, settings.max_operations / operations / per_step)))
    per_check = round(min(max(batches.steps_per_epoch, total / 40), total / CHECKS_AT_LEAST))
    return Length(total, max(1, per_check), settings.warm_learning_rate if goes_on else settings.learning_rate)
