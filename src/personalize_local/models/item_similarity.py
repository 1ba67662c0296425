"""Similar items: touched by the same users, and for items with little behaviour, described alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.content import ItemContent, nearest
from personalize_local.models.popularity import log_share
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows

TOP = 200
POPULARITY_SHARE = np.float32(1e-6)  # behind all that is alike
CONTENT_TOP = 100
COLD_COUNT = 5.0
MAX_BEHAVIOUR_SHARE = 0.9
MAX_USER_ITEMS = 500
MAX_CONTENT_ROWS = 50_000
MAX_CONTENT_CANDIDATES = 20_000


@dataclass(frozen=True)
class LikenessRule:
    """How users in common become likeness, see `fit_item_similarity`."""

    popularity_power: float = 0.5
    min_together: int = 0
    behaviour_limit: float = MAX_BEHAVIOUR_SHARE
    content_count: float = COLD_COUNT

    def of(self, together: np.ndarray, users: np.ndarray, users_of_other: np.ndarray) -> np.ndarray:
        """Give the likeness of others to items, by behaviour: all arguments, and the result, [pairs]."""
        likeness = together / (np.sqrt(users) * users_of_other**self.popularity_power)
        return np.where(together >= self.min_together, likeness, 0.0)

    def behaviour_share(self, users: np.ndarray, is_described: np.ndarray) -> np.ndarray:
        """Give how much of the say behaviour has: [items]; all where nothing else is known."""
        share = np.minimum(users / np.maximum(users + self.content_count, 1e-9), self.behaviour_limit)
        return np.where(is_described, share, 1.0)


@dataclass(frozen=True)
class ItemSimilarity:
    """The neighbours of each item, strongest 200; what is popular follows after them.

    users, until_epoch_s and rule are what events after the training are added by, see runtime/live_similarity.py.
    Shapes: users [items] float32, how many users turned to each.
    """

    neighbours: SparseRows  # [items, items], 0 to 1
    popularity: np.ndarray  # [items] float32, 0 to 1
    users: np.ndarray
    until_epoch_s: int
    rule: LikenessRule

    def scores(self, query: Query) -> np.ndarray:
        """Give likeness to the query's item, then popularity; popularity alone for an unknown item.

        The item itself has -inf.
        """
        scores = POPULARITY_SHARE * self.popularity.astype(np.float32)
        if query.item_row is None:
            return scores
        columns, values = self.neighbours.row(query.item_row)
        scores[columns] += values
        scores[query.item_row] = -np.inf
        return scores


def fit_item_similarity(
    sequences: Sequences,
    content: ItemContent | None = None,
    *,
    popularity_power: float = 0.5,
    min_together: int = 0,
    behaviour_limit: float = MAX_BEHAVIOUR_SHARE,
    content_count: float = COLD_COUNT,
    top: int = TOP,
) -> ItemSimilarity:
    """Count users in common; with content, mix it in by how little behaviour an item has.

    Likeness of j to i is c_ij / (n_i^0.5 n_j^popularity_power), c the users in common, n the users: 0 favours what is
    popular, 0.5 is the cosine, 1 favours what is rare. Pairs with fewer than `min_together` users do not count.
    Behaviour has n / (n + content_count) of the say, at most `behaviour_limit`; content the rest. The strongest `top`
    neighbours of each item are kept.
    """
    rule = LikenessRule(popularity_power, min_together, behaviour_limit, content_count)
    together = _together(sequences)
    users = together.diagonal().astype(np.float32)
    likeness = _likeness(together, users, rule)
    if content is not None:
        share = rule.behaviour_share(users, content.known())
        likeness = scipy.sparse.diags(share) @ likeness + _content_likeness(content, 1.0 - share, users)
    popularity = popularity_between(log_share(users))
    until = sequences.newest_epoch_s
    return ItemSimilarity(sparse_rows(likeness.tocsr(), top), popularity, users, until, rule)


def popularity_between(shares: np.ndarray) -> np.ndarray:
    """Put log shares between 0 and 1: [items] float32."""
    above = shares - shares.min(initial=0)
    return (above / max(float(above.max(initial=0)), 1e-9)).astype(np.float32)


def _together(sequences: Sequences) -> scipy.sparse.csr_matrix:
    """Count the users of each pair of items, from the newest 500 events of each user: [items, items]."""
    recent = sequences.lengths().repeat(sequences.lengths()) - sequences.place_of_event() <= MAX_USER_ITEMS
    kept = sequences.take_events(recent)
    pairs = (kept.user_of_event(), kept.item_row)
    shape = (kept.user_count, kept.item_count)
    has = scipy.sparse.csr_matrix((np.ones(len(kept.item_row), dtype=np.float32), pairs), shape=shape)
    has.sum_duplicates()
    has.data[:] = 1.0
    return (has.T @ has).tocsr()


def _likeness(together: scipy.sparse.csr_matrix, users: np.ndarray, rule: LikenessRule) -> scipy.sparse.csr_matrix:
    counts = together.tocoo()
    kept = (counts.row != counts.col) & (counts.data >= rule.min_together)
    row, column = counts.row[kept], counts.col[kept]
    value = rule.of(counts.data[kept], users[row], users[column])
    return scipy.sparse.csr_matrix((value.astype(np.float32), (row, column)), shape=together.shape)


def _content_likeness(content: ItemContent, share: np.ndarray, users: np.ndarray) -> scipy.sparse.csr_matrix:
    """Give the cosine of contents times `share` of each row, of the items where it says most: [items, items]."""
    known = content.known()
    rows = np.flatnonzero(known & (share > 0))
    rows = np.sort(rows[np.argsort(-share[rows], kind="stable")[:MAX_CONTENT_ROWS]])
    order = content.newest_first()
    candidates = np.sort(order[known[order]][:MAX_CONTENT_CANDIDATES])
    preference = users / max(float(users.max(initial=0)), 1.0)
    found, cosine = nearest(content.features, rows, candidates, preference, CONTENT_TOP)
    value = (cosine * share[rows, None]).ravel().astype(np.float32)
    row = np.repeat(rows, found.shape[1])
    shape = (len(users), len(users))
    likeness = scipy.sparse.csr_matrix((value, (row, found.ravel())), shape=shape)
    likeness.eliminate_zeros()
    return likeness
