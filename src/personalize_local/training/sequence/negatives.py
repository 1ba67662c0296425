"""Which items are in play in a step: the whole catalogue, or what the batch names and a sample of others."""

from __future__ import annotations

import numpy as np

from personalize_local.training.sequence.batches import Batch
from personalize_local.training.sequence.settings import SequenceSettings
from personalize_local.training.sequence.training_step import Rows

NEVER = -1e9
POPULAR_SHARE = 0.5
ROUND_TO = 1024


class Play:
    """Gives each batch its items in play; of items without events, none are told from the target."""

    def __init__(self, settings: SequenceSettings, counts: np.ndarray) -> None:
        """Args: counts [items], the events of each."""
        self.whole = len(counts) <= settings.full_softmax_items
        self._item_count = len(counts)
        self._negative_count = settings.negatives
        self._had = np.flatnonzero(counts > 0).astype(np.int32)
        share = counts[self._had] / max(float(counts.sum()), 1e-9)
        self._chance = POPULAR_SHARE * share + (1.0 - POPULAR_SHARE) / max(len(self._had), 1)
        self._up_to = np.cumsum(self._chance) / self._chance.sum()
        rows = np.arange(self._item_count, dtype=np.int32)
        self._all = Rows(rows, rows, np.where(counts > 0, 0.0, NEVER).astype(np.float32))

    def of(self, batch: Batch, rng: np.random.Generator) -> tuple[Rows, Batch]:
        """Give the items in play, and the batch with places among them instead of rows."""
        if self.whole:
            return self._all, batch
        drawn = np.minimum(np.searchsorted(self._up_to, rng.random(self._negative_count)), len(self._had) - 1)
        item, target = batch["item"], batch["target"]
        rows = np.unique(np.concatenate([self._had[drawn], item[item >= 0], target.ravel()]))
        size = -(-(self._negative_count + 2 * item.size) // ROUND_TO) * ROUND_TO
        padded = np.full(size, self._item_count, dtype=np.int32)
        padded[: len(rows)] = rows
        placed = {
            "item": np.where(item >= 0, np.searchsorted(rows, item), item).astype(np.int32),
            "target": np.searchsorted(rows, target).astype(np.int32),
        }
        others = np.searchsorted(rows, self._had[drawn]).astype(np.int32)
        bias = -np.log(self._negative_count * self._chance[drawn])
        return Rows(padded, others, bias.astype(np.float32)), batch | placed
