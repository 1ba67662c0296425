"""Cold items: too few events to be judged by, so they are judged by items of like content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse

from personalize_local.models.appeal import fit_appeal
from personalize_local.models.coarse import At
from personalize_local.models.content import ItemContent, nearest

WARM_COUNT = 5.0
SHRINKAGE = 2.0
NEIGHBOURS = 10
MAX_COLD = 50_000
MAX_WARM = 5_000


@dataclass(frozen=True)
class ColdWeights:
    """What counts for cold items besides what they borrow.

    For those without events: content, likeness to the history; appeal, see appeal.py; lent_share, of how far what they
    borrow differs from item to item, how much is believed, 0 to 1. scarce_extra: what is added for items that have few
    events, not none. gap: how far a reader's best new item is put below the best of the others, see cold_level.py; None
    where there were too few to tell.
    """

    content: float = 0.0
    appeal: float = 0.0
    lent_share: float = 1.0
    scarce_extra: float = 0.0
    gap: float | None = None

    def shift(self, gap: float | None) -> np.float32:
        """Give what all new items of a reader with this gap are moved by."""
        return np.float32(0.0 if gap is None or self.gap is None else gap - self.gap)


@dataclass(frozen=True)
class ColdItems:
    """Whose scores each cold item borrows, and how much of its own it keeps.

    Shapes: rows [cold], ascending; neighbours and weights [cold, neighbours], weights of a row sum to 1; own_share
    [cold]; appeal [cold] and word_appeal [words] float32, None where nothing is known of them.
    """

    rows: np.ndarray
    neighbours: np.ndarray
    weights: np.ndarray
    own_share: np.ndarray
    appeal: np.ndarray | None = None
    word_appeal: np.ndarray | None = None

    def new_places(self) -> np.ndarray:
        """Give the places, among the cold items, of those without events: [new]."""
        return np.flatnonzero(self.own_share == 0)

    def borrow(self, values: np.ndarray, lent_share: float = 1.0) -> None:
        """Replace the cold items' values in place; values [..., items].

        Args: lent_share: of what items without events borrow, how much of the difference from the mean they keep.
        """
        borrowed = (self._ties(values.shape[-1]) @ values.T).T
        if lent_share < 1.0:
            is_new = self.own_share == 0
            new = borrowed[..., is_new]
            mean = new.mean(axis=-1, keepdims=True) if is_new.any() else 0.0
            borrowed[..., is_new] = mean + np.float32(lent_share) * (new - mean)
        values[..., self.rows] = self.own_share * values[..., self.rows] + (1.0 - self.own_share) * borrowed

    def borrow_at(self, rows: np.ndarray, values_at: At, lent_share: float = 1.0) -> np.ndarray:
        """Give what `borrow` would put in some rows, of values that a function gives: [rows]."""
        found = values_at(rows)
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        is_cold = self.rows[places] == rows if len(self.rows) else np.zeros(len(rows), dtype=bool)
        places = places[is_cold]
        if not len(places):
            return found
        own_share, near = self.own_share[places], self.neighbours[places]
        borrowed = np.einsum("cn,cn->c", self.weights[places], values_at(near.ravel()).reshape(near.shape))
        is_new = own_share == 0
        if lent_share < 1.0 and is_new.any():
            lenders, shares = self._lenders_of_new
            mean = values_at(lenders) @ shares
            borrowed[is_new] = mean + np.float32(lent_share) * (borrowed[is_new] - mean)
        found[is_cold] = own_share * found[is_cold] + (1.0 - own_share) * borrowed
        return found

    @cached_property
    def _lenders_of_new(self) -> tuple[np.ndarray, np.ndarray]:
        """Give who lends to items without events, and how much of the mean of what these borrow each is: [lenders]."""
        new = self.new_places()
        lenders, places = np.unique(self.neighbours[new], return_inverse=True)
        shares = np.bincount(places.ravel(), self.weights[new].ravel().astype(np.float64)) / len(new)
        return lenders, shares.astype(np.float32)

    def borrowed(self, values: np.ndarray) -> np.ndarray:
        """Give values [..., items] with the cold items' replaced."""
        found = values.copy()
        self.borrow(found)
        return found

    def shares_without_and_with_events(self) -> tuple[np.ndarray, np.ndarray]:
        """Give what is borrowed by items without events, and by those with few; 0 for the others: two of [cold]."""
        share = (1.0 - self.own_share).astype(np.float32)
        return np.where(self.own_share > 0, np.float32(0.0), share), np.where(self.own_share > 0, share, 0.0)

    def bonus(self, cold_weight: float, scarce_extra: float) -> np.ndarray:
        """Give what is added to the scores: a weight, and more of it for items with few events: [cold] float32."""
        extra = np.where(self.own_share > 0, np.float32(scarce_extra), np.float32(0.0))
        return ((np.float32(cold_weight) + extra) * (1.0 - self.own_share)).astype(np.float32)

    def _ties(self, item_count: int) -> scipy.sparse.csr_matrix:
        """Give the weights as a matrix [cold, items]."""
        starts = np.arange(0, self.weights.size + 1, self.weights.shape[1], dtype=np.int32)
        entries = (self.weights.ravel(), self.neighbours.ravel(), starts)
        return scipy.sparse.csr_matrix(entries, shape=(len(self.rows), item_count))


def find_cold_items(content: ItemContent, counts: np.ndarray, recent: np.ndarray) -> ColdItems | None:
    """Tie each item with fewer than 5 events to 10 warm ones of like content, lately popular before others.

    An item with n events keeps n / (n + 2) of its own scores. At most 50,000 cold items, the newest, look among the
    5,000 warm items most popular lately; None when there is nothing to tie them to.
    Shapes: counts and recent [items], events ever and lately.
    """
    known = content.known()
    warm = np.flatnonzero(known & (counts >= WARM_COUNT))
    warm = np.sort(warm[np.argsort(-recent[warm], kind="stable")[:MAX_WARM]])
    order = content.newest_first()
    rows = np.sort(order[(known & (counts < WARM_COUNT))[order]][:MAX_COLD]).astype(np.int32)
    if not len(warm):
        return None
    preference = recent / max(float(recent.max()), 1e-9)
    neighbours, cosine = nearest(content.features, rows, warm, preference, NEIGHBOURS)
    alike = cosine.sum(axis=1) > 0
    rows, neighbours, cosine = rows[alike], neighbours[alike], cosine[alike]
    own_share = counts[rows] / (counts[rows] + SHRINKAGE)
    weights = cosine / cosine.sum(axis=1, keepdims=True)
    word_appeal = fit_appeal(content.features, counts)
    appeal = content.features.dot(word_appeal)[rows]
    return ColdItems(rows, neighbours, weights.astype(np.float32), own_share.astype(np.float32), appeal, word_appeal)
