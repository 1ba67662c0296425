"""The sequence layer as it serves: what a reader did, in order, read by a small transformer; NumPy only.

Item vectors serve at both ends: they are what the encoder reads, and what its answer is compared with. An item's vector
is its own, learnt from events, plus a linear map of its content; one without events has the latter alone, so that an
item described a moment ago is scored like any other.
Trained by personalize_local.training.sequence. Source: self-attentive sequential recommendation with a full softmax,
as the project's notes on recommenders compare it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from personalize_local.models.blockwise import log_exp_sum
from personalize_local.models.coarse import CoarseScores
from personalize_local.models.compact_rows import CompactRows, is_large
from personalize_local.models.query import Query
from personalize_local.models.row_products import row_products
from personalize_local.models.sequence_encoder import SequenceEncoder
from personalize_local.models.sequence_situation import Situation
from personalize_local.models.sparse_rows import SparseRows


@dataclass(frozen=True)
class SequenceModel:
    """A fitted transformer over a catalogue.

    Shapes: vectors [items, width] float32, 0 for items of which nothing is known; known [items] bool, the others have
    the likelihood of the least likely known one; trained [items] bool, which items had events; word_vectors
    [words, width] maps content to vectors, None when the items had no content.
    """

    vectors: np.ndarray
    known: np.ndarray
    trained: np.ndarray
    word_vectors: np.ndarray | None
    encoder: SequenceEncoder
    situation: Situation

    def scores(self, query: Query) -> np.ndarray:
        """Give each item's likelihood to come next: [items] float32, they sum to 1."""
        return np.exp(self.log_scores(query))

    def log_scores(self, query: Query) -> np.ndarray:
        """Give the logarithms of these: [items] float32."""
        logits = row_products(self.vectors, self.encode(query))
        if not self.known.all():
            logits[~self.known] = logits[self.known].min(initial=0.0)
        logits -= np.float32(log_exp_sum(logits))
        return logits

    def coarse_log_scores(self, query: Query) -> CoarseScores | None:
        """Give the logarithms at a first look, where there are many items; but for the divisor, which is the constant.

        It is off by the mean of what the items are off, weighed by likelihood; up to 0.0015 for a million random items,
        and never more than the slack.
        """
        if not is_large(self.vectors):
            return None
        compact, vector = self._compact, self.encode(query)
        logits, slack = compact.products(vector), compact.slack(vector)
        unknown = self._unknown
        if len(unknown):
            logits[unknown] = self._least(logits, slack, vector)

        def missing(rows: np.ndarray) -> np.ndarray:
            return np.where(self.known[rows], compact.exact(rows, vector) - logits[rows], np.float32(0.0))

        return CoarseScores(logits, slack, missing, lambda: -log_exp_sum(logits))

    def make_ready(self) -> None:
        """Copy the vectors for the first look."""
        if is_large(self.vectors):
            _ = self._compact, self._unknown

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the likelihoods for several queries: [queries, items] float32."""
        likely = self.block_log_scores(queries)
        return np.exp(likely, out=likely)

    def block_log_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the logarithms of these, in one product: [queries, items] float32."""
        logits = self.encode_block(queries) @ self.vectors.T
        if not self.known.all():
            logits[:, ~self.known] = logits[:, self.known].min(axis=1, initial=0.0, keepdims=True)
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logits

    def encode(self, query: Query) -> np.ndarray:
        """Give the vector that the next item's should be like: [width] float32."""
        situation = self.situation
        return self.encoder.encode(
            situation.of_reader(query.user), self._tokens(query), situation.of_request(query.context)
        )

    def encode_block(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the vectors for several queries: [queries, width] float32."""
        return self.encoder.encode_block(
            np.stack([self.situation.of_reader(query.user) for query in queries]),
            [self._tokens(query) for query in queries],
            np.stack([self.situation.of_request(query.context) for query in queries]),
        )

    def _least(self, logits: np.ndarray, slack: float, vector: np.ndarray) -> float:
        """Give the least likely known item's logit, which all unknown ones have, exactly; logits of a first look."""
        logits[self._unknown] = np.inf
        least = float(logits.min(initial=np.inf))
        near = np.flatnonzero(logits <= least + 2.0 * slack)
        return float(self._compact.exact(near, vector).min(initial=0.0)) if least < np.inf else 0.0

    @cached_property
    def _compact(self) -> CompactRows:
        return CompactRows(self.vectors)

    @cached_property
    def _unknown(self) -> np.ndarray:
        return np.flatnonzero(~self.known)

    def _tokens(self, query: Query) -> np.ndarray:
        """Give the tokens of a history's newest events: [events, width]."""
        rows = query.history_rows[-self.encoder.window :]
        tokens = self.vectors[rows] * np.float32(np.sqrt(self.vectors.shape[1]))
        events = None if query.history_event is None else query.history_event[-self.encoder.window :]
        tokens += self.situation.of_events(events, len(rows))
        return tokens

    def item_vectors(self, features: SparseRows) -> np.ndarray:
        """Give the vectors of items by content alone: [items, width] float32; 0 where the content says nothing."""
        if self.word_vectors is None:
            return np.zeros((len(features.start) - 1, self.vectors.shape[1]), dtype=np.float32)
        return np.asarray(features.matrix() @ self.word_vectors, dtype=np.float32)

    def with_catalogue(self, old_row: np.ndarray, features: SparseRows | None) -> SequenceModel:
        """Move to another catalogue: old_row [items] is each item's row so far, -1 for a new one.

        New items get their vectors from their features, in the words that the model knows; without, they are unknown.
        """
        is_old = old_row >= 0
        vectors = np.zeros((len(old_row), self.vectors.shape[1]), dtype=np.float32)
        known = np.zeros(len(old_row), dtype=bool)
        if features is not None and self.word_vectors is not None:
            vectors[~is_old] = self.item_vectors(features)[~is_old]
            known[~is_old] = np.diff(features.start)[~is_old] > 0
        vectors[is_old], known[is_old] = self.vectors[old_row[is_old]], self.known[old_row[is_old]]
        trained = np.zeros(len(old_row), dtype=bool)
        trained[is_old] = self.trained[old_row[is_old]]
        return replace(self, vectors=vectors, known=known, trained=trained)
