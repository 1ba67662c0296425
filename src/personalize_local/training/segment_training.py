"""Train the two recipes of user segments, and measure who of the predicted users really came.

The oldest four fifths of each user's events are for training, the newest fifth is to be foretold. For each item, or
each value of an attribute, the first hundredth of the users is compared with those who turned to it in that fifth.

Source: contract §5.1, §5.2: documented; which items and values are asked for is inferred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from personalize_local.models.sequences import Sequences
from personalize_local.store.tables import MetadataTable
from personalize_local.training.evaluate import DECIMALS
from personalize_local.training.item_content import CREATION_TIMESTAMP
from personalize_local.training.metrics import ranking
from personalize_local.training.recipes import Parameters
from personalize_local.training.training_data import trim_by_parameters
from personalize_local.training.training_request import TrainingFailedError, TrainingRequest
from personalize_local.training.user_affinity import UserAffinity, fit_user_affinity, save_user_affinity

ITEM_AFFINITY = "aws-item-affinity"
ITEM_ATTRIBUTE_AFFINITY = "aws-item-attribute-affinity"
SEGMENT_RECIPES = (ITEM_AFFINITY, ITEM_ATTRIBUTE_AFFINITY)
TRAINING_SHARE = 0.8
USER_SHARE = 0.01
MAX_QUERIES = 300
NO_ATTRIBUTE = (
    "Did not find any attribute to train on. Each attribute of the Items dataset has the same value for all items, or "
    "a different one for each."
)


def train_segments(
    request: TrainingRequest,
    parameters: Parameters,
    sequences: Sequences,
    user_ids: np.ndarray,
    item_ids: np.ndarray,
    items: MetadataTable | None,
    folder: Path,
) -> dict[str, float]:
    """Train on everybody and write the artifact; give the metrics.

    Errors: TrainingFailedError when no attribute tells items apart.
    """
    queries: list[np.ndarray] = []
    if request.recipe_name == ITEM_ATTRIBUTE_AFFINITY:
        queries = list(attribute_masks(items, item_ids, request.categorical_columns))
        if not queries:
            raise TrainingFailedError(NO_ATTRIBUTE)
    metrics = measure(sequences, parameters, queries, request.seed)
    model = _fit(sequences, parameters)
    save_user_affinity(folder, model, user_ids, item_ids)
    return metrics


def attribute_masks(
    items: MetadataTable | None, item_ids: np.ndarray, categorical: tuple[str, ...]
) -> Iterator[np.ndarray]:
    """Give the items [items] bool of each value that tells items apart, those of the most frequent values first."""
    if items is None:
        return
    row_of = {str(item): row for row, item in enumerate(item_ids)}
    rows = np.array([row_of[str(item)] for item in items.ids], dtype=np.int64)
    for column, values in items.columns.items():
        is_number = values.dtype != object
        if column.upper() == CREATION_TIMESTAMP or not (is_number or column in categorical):
            continue
        tokens = [_tokens(value) for value in values]
        counts = Counter(token for each in tokens for token in each)
        for token, count in counts.most_common(MAX_QUERIES):
            if 1 < count < len(rows):
                mask = np.zeros(len(item_ids), dtype=bool)
                mask[rows[[place for place, each in enumerate(tokens) if token in each]]] = True
                yield mask


def measure(sequences: Sequences, parameters: Parameters, masks: list[np.ndarray], seed: int) -> dict[str, float]:
    """Foretell the newest fifth of each user's events; without masks, for items one by one."""
    lengths = sequences.lengths()
    older = sequences.heads(np.ceil(lengths * TRAINING_SHARE).astype(np.int64))
    newer = sequences.take_events(sequences.place_of_event() >= np.repeat(older.lengths(), lengths))
    model = _fit(older, parameters)
    users = np.count_nonzero(lengths)
    depth = max(round(USER_SHARE * users), 1)
    hits, recalls, reached = [], [], np.zeros(len(lengths), dtype=bool)
    for scores, actual in _cases(model, newer, masks, seed):
        predicted = ranking(scores, depth)
        reached[predicted] = True
        hits.append(np.count_nonzero(np.isin(predicted, actual)))
        recalls.append(hits[-1] / len(actual))
    metrics = {
        "coverage": np.count_nonzero(reached) / max(users, 1),
        "hits_at_1_percent": np.mean(hits) if hits else 0.0,
        "recall_at_1_percent": np.mean(recalls) if recalls else 0.0,
    }
    return {name: round(float(value), DECIMALS) for name, value in metrics.items()}


def _cases(
    model: UserAffinity, newer: Sequences, masks: list[np.ndarray], seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give users' scores [users] for some items or sets of items, with the rows of those who turned to them."""
    users = newer.user_of_event()
    for mask in masks[:MAX_QUERIES]:
        actual = np.unique(users[mask[newer.item_row]])
        if len(actual):
            yield model.for_items(mask), actual
    if not masks:
        rows = np.unique(newer.item_row)
        for row in np.random.default_rng(seed).permutation(rows)[:MAX_QUERIES]:
            yield model.for_item(int(row)), np.unique(users[newer.item_row == row])


def _fit(sequences: Sequences, parameters: Parameters) -> UserAffinity:
    return fit_user_affinity(sequences, trim_by_parameters(sequences, parameters), int(parameters["hidden_dimension"]))


def _tokens(value: object) -> tuple[object, ...]:
    if isinstance(value, str):
        return tuple(dict.fromkeys(part.strip() for part in value.split("|") if part.strip()))
    return () if value is None or value != value else (value,)
