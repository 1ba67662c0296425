"""From the tables of a dataset group to sequences: which events count, for which users, and whether that is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from personalize_local.models.sequences import Sequences
from personalize_local.models.vocabulary import UNKNOWN, Vocabulary
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.training_request import EventRule, TrainingFailedError
from personalize_spec.limits import (
    TRAINING_MIN_INTERACTIONS,
    TRAINING_MIN_INTERACTIONS_PER_USER,
    TRAINING_MIN_USER_RATIO,
    TRAINING_MIN_USERS,
)
from personalize_spec.recipes import ParameterValue

MAX_CONTEXT_VALUES = 200
OLD_NAMES = {f"{end}_hist_length_percentile": f"{end}_user_history_length_percentile" for end in ("min", "max")}


def catalogue(interactions: InteractionTable, items: MetadataTable | None) -> np.ndarray:
    """List every item that has an event or a record: [items] object str, sorted."""
    known = [interactions.item_ids] if items is None else [interactions.item_ids, items.ids]
    return np.array(sorted({str(item) for ids in known for item in ids}), dtype=object)


def to_sequences(
    interactions: InteractionTable,
    item_ids: np.ndarray,
    rules: tuple[EventRule, ...],
    context_columns: tuple[str, ...] = (),
) -> Sequences:
    """Arrange the events that count over the rows of the catalogue; item_ids holds all of the table's items."""
    row_of = {item: row for row, item in enumerate(item_ids)}
    rows = np.array([row_of[str(item)] for item in interactions.item_ids], dtype=np.int32)
    weight = event_weights(interactions, rules)
    contexts = {name: _coded(interactions.columns[name]) for name in context_columns if name in interactions.columns}
    everything = Sequences(
        user_start=np.searchsorted(interactions.user_row, np.arange(len(interactions.user_ids) + 1)).astype(np.int64),
        item_row=rows[interactions.item_row],
        epoch_s=interactions.timestamp_epoch_s,
        weight=weight,
        item_count=len(item_ids),
        event_code=interactions.event_type if interactions.event_types else None,
        context_code=np.column_stack([code for _, code in contexts.values()]) if contexts else None,
        vocabulary=Vocabulary(interactions.event_types, {name: values for name, (values, _) in contexts.items()}),
    )
    return everything.take_events(weight > 0)


def _coded(values: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Number the most frequent values of a column of context: the values, and their codes [events], -1 for others."""
    counts = Counter(value for value in values if value is not None)
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], str(entry[0])))[:MAX_CONTEXT_VALUES]
    code_of = {value: code for code, (value, _) in enumerate(ranked)}
    codes = np.fromiter((code_of.get(value, UNKNOWN) for value in values), dtype=np.int32, count=len(values))
    return tuple(str(value) for value in code_of), codes


def records_of(table: MetadataTable, ids: np.ndarray) -> list[dict[str, object]]:
    """Give the record of each id, empty for those without one: [ids]."""
    row_of = {str(name): row for row, name in enumerate(table.ids)}
    rows = (row_of.get(str(name)) for name in ids)
    return [{} if row is None else {name: values[row] for name, values in table.columns.items()} for row in rows]


def event_weights(interactions: InteractionTable, rules: tuple[EventRule, ...]) -> np.ndarray:
    """Give what each event counts: [events] float32, 0 for those that the rules leave out; 1 for all without rules."""
    if not rules:
        return np.ones(len(interactions), dtype=np.float32)
    mean = float(np.mean([rule.weight for rule in rules])) or 1.0
    weight = np.zeros(len(interactions), dtype=np.float32)
    for rule in rules:
        weight[_matches(interactions, rule)] = rule.weight / mean
    return weight


def check_minimum(sequences: Sequences, rules: tuple[EventRule, ...]) -> None:
    """Refuse data below the documented minimum.

    Errors: TrainingFailedError. Source: contract §3.6, texts §2.6; the text for the share of users is inferred.
    """
    if len(sequences.item_row) < TRAINING_MIN_INTERACTIONS:
        types = ", ".join(rule.event_type for rule in rules)
        after = f" after filtering by event type: {types}" if types else ""
        raise TrainingFailedError(f"Dataset has fewer than {TRAINING_MIN_INTERACTIONS} interactions{after}")
    lengths = sequences.lengths()
    enough = int(np.count_nonzero(lengths >= TRAINING_MIN_INTERACTIONS_PER_USER))
    if enough < TRAINING_MIN_USERS:
        raise TrainingFailedError(
            f"Create failed. Dataset has fewer than {TRAINING_MIN_USERS} users with at least "
            f"{TRAINING_MIN_INTERACTIONS_PER_USER} interactions each."
        )
    if enough < TRAINING_MIN_USER_RATIO * np.count_nonzero(lengths):
        raise TrainingFailedError(
            f"Create failed. Less than {TRAINING_MIN_USER_RATIO:.0%} of the dataset's users have at least "
            f"{TRAINING_MIN_INTERACTIONS_PER_USER} interactions."
        )


def trim_by_parameters(sequences: Sequences, parameters: Mapping[str, ParameterValue]) -> Sequences:
    """Do as `trim_percentiles` with a recipe's parameters; of a legacy recipe's old and new names, the stricter."""
    percentiles: dict[str, float] = {}
    for given, value in parameters.items():
        if given.endswith("_percentile"):
            name, stricter = OLD_NAMES.get(given, given), max if given.startswith("min") else min
            percentiles[name] = stricter(float(value), percentiles.get(name, float(value)))
    return trim_percentiles(sequences, percentiles)


def trim_percentiles(sequences: Sequences, feature_parameters: Mapping[str, float]) -> Sequences:
    """Leave out users with histories, and items with counts, outside the percentiles of the feature parameters.

    Users are counted once each, items once for each of their events: 0.9 leaves out the few items with the top tenth of
    all events, not a tenth of the catalogue. Source: contract §4.1; bounds inclusive and the way of counting inferred.
    """
    lengths = sequences.lengths()
    low, high = _bounds(lengths[lengths > 0], feature_parameters, "user_history_length_percentile")
    trimmed = sequences.take_users((lengths >= low) & (lengths <= high))
    counts = np.bincount(trimmed.item_row, minlength=trimmed.item_count)[trimmed.item_row]  # [events]
    low, high = _bounds(counts, feature_parameters, "item_interaction_count_percentile")
    return trimmed.take_events((counts >= low) & (counts <= high))


def _bounds(values: np.ndarray, parameters: Mapping[str, float], name: str) -> tuple[float, float]:
    if not len(values):
        return 0.0, np.inf
    low, high = float(parameters.get(f"min_{name}", 0.0)), float(parameters.get(f"max_{name}", 1.0))
    return float(np.quantile(values, low)), float(np.quantile(values, high))


def _matches(interactions: InteractionTable, rule: EventRule) -> np.ndarray:
    """Find the events of a rule, in any letter case of the type: [events] bool."""
    wanted = rule.event_type.casefold()
    codes = [code for code, name in enumerate(interactions.event_types) if name.casefold() == wanted]
    matches = np.isin(interactions.event_type, codes)
    if rule.threshold is None:
        return matches
    if interactions.event_value is None:
        return np.zeros(len(interactions), dtype=bool)
    return matches & (interactions.event_value >= rule.threshold)
