"""Who is interested in an item, or in a set of items: users' recorded interest, carried over by the items' likeness.

A user's interest in an item is the logarithm of how often and how recently they turned to it. For one item, users
count by their interest in what is like it; in the item itself, by how usual repeats are in this data. For a set of
items, by their interest in the set. Of equal users, the more active first.

Approximated: AWS's recipes learn dimensions of users and items; there are none here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse

from personalize_local.models.item_similarity import TOP, fit_item_similarity
from personalize_local.models.popularity import DAY_S
from personalize_local.models.query import Query, Recommender
from personalize_local.models.sequences import Sequences
from personalize_local.models.storage import load_model, save_model

HALF_LIFE_S = 30.0 * DAY_S
OLDEST_SHARE = 0.5
ACTIVITY_SHARE = 1e-6
ARRAYS = ("data", "indices", "indptr")


@dataclass(frozen=True)
class UserAffinity:
    """Interest of users in items, with the likeness of items among each other.

    Shapes: interest [users, items] sparse float32; activity [users], 0 for users without an event that counts.
    """

    interest: scipy.sparse.csr_matrix
    likeness: Recommender
    self_likeness: float

    @property
    def activity(self) -> np.ndarray:
        """How much each user did: [users] float32."""
        return np.asarray(self.interest.sum(axis=1), dtype=np.float32).ravel()

    def for_item(self, item_row: int) -> np.ndarray:
        """Score users for one item: [users], -inf for those without events."""
        scores = self.likeness.scores(Query(item_row=item_row)).astype(np.float32)  # [items]
        weights = np.where(np.isfinite(scores), np.maximum(scores, 0.0), 0.0)
        weights[item_row] = self.self_likeness
        return self._users(weights)

    def for_items(self, mask: np.ndarray) -> np.ndarray:
        """Score users for the items of a mask [items] bool: [users], -inf for those without events."""
        return self._users(mask.astype(np.float32))

    def _users(self, weights: np.ndarray) -> np.ndarray:
        activity = self.activity
        scores = self.interest @ weights + ACTIVITY_SHARE * activity
        return np.where(activity > 0, scores, -np.inf)


def fit_user_affinity(sequences: Sequences, trained: Sequences, neighbours: int = TOP) -> UserAffinity:
    """Count the interest of all users of `sequences`; learn the items' likeness from those of `trained`.

    Args: neighbours: how many of each item carry interest over.
    """
    age_s = sequences.newest_epoch_s - sequences.epoch_s
    recency = OLDEST_SHARE + (1.0 - OLDEST_SHARE) * np.exp2(-age_s / HALF_LIFE_S)
    places = (sequences.user_of_event(), sequences.item_row)
    shape = (sequences.user_count, sequences.item_count)
    weight = (sequences.weight * recency).astype(np.float32)
    interest = scipy.sparse.coo_matrix((weight, places), shape=shape).tocsr()
    interest.sum_duplicates()
    interest.data = np.log1p(interest.data)
    repeats = 1.0 - interest.nnz / max(len(sequences.item_row), 1)
    return UserAffinity(interest, fit_item_similarity(trained, top=neighbours), float(repeats))


def save_user_affinity(folder: Path, model: UserAffinity, user_ids: np.ndarray, item_ids: np.ndarray) -> None:
    """Write a model with its users and items into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, model.likeness)
    for name in ARRAYS:
        np.save(folder / f"interest.{name}.npy", getattr(model.interest, name), allow_pickle=False)
    names = {"users": user_ids.tolist(), "items": item_ids.tolist(), "self_likeness": model.self_likeness}
    (folder / "affinity.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def load_user_affinity(folder: Path) -> tuple[UserAffinity, np.ndarray, np.ndarray]:
    """Read a model back, with its user_ids [users] and item_ids [items]."""
    names = json.loads((folder / "affinity.json").read_text(encoding="utf-8"))
    arrays = tuple(np.load(folder / f"interest.{name}.npy", mmap_mode="r") for name in ARRAYS)
    interest = scipy.sparse.csr_matrix(arrays, shape=(len(names["users"]), len(names["items"])))
    user_ids, item_ids = (np.array(names[key], dtype=object) for key in ("users", "items"))
    return UserAffinity(interest, load_model(folder), names["self_likeness"]), user_ids, item_ids
