"""Every recommender keeps the contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse

from personalize_local.models.age_lift import fit_age_lift
from personalize_local.models.content import ContentAffinity, ItemContent
from personalize_local.models.context_lift import fit_context_lift
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.item_objective import item_objective
from personalize_local.models.item_similarity import fit_item_similarity
from personalize_local.models.popularity import fit_popularity
from personalize_local.models.query import Recommender
from personalize_local.models.returns import fit_returns
from personalize_local.models.sequences import Sequences
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.session_neighbours import fit_session_neighbours
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.models.taste import fit_taste
from personalize_local.models.testing import RecommenderContract
from personalize_local.models.trending import fit_trending
from personalize_local.models.vocabulary import Vocabulary


def parity(item_count: int) -> ItemContent:
    """Describe items as even or odd."""
    rows = np.arange(item_count)
    matrix = scipy.sparse.csr_matrix((np.ones(item_count, np.float32), (rows, rows % 2)), shape=(item_count, 2))
    return ItemContent(sparse_rows(matrix), np.full(item_count, np.nan))


class TestPopularity(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_popularity(sequences)


class TestTrending(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_trending(sequences, interval_s=7200.0)


class TestSequentialRules(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_sequential_rules(sequences)


class TestSequentialRidge(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_sequential_ridge(sequences)


class TestTaste(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_taste(sequences)


class TestSessionNeighbours(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_session_neighbours(sequences)


class TestContextLift(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        code = np.arange(len(sequences.item_row), dtype=np.int32)[:, None] % 2
        vocabulary = Vocabulary(context={"DEVICE": ("phone", "desk")})
        return fit_context_lift(replace(sequences, context_code=code, vocabulary=vocabulary))


class TestAgeLift(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_age_lift(sequences, np.full(sequences.item_count, np.nan))


class TestReturns(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_returns(sequences)


class TestItemObjective(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return item_objective(sequences.item_counts(), 1.0)


class TestItemSimilarity(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_item_similarity(sequences, min_together=3)


class TestItemSimilarityWithContent(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_item_similarity(sequences, parity(sequences.item_count))


class TestContentAffinity(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return ContentAffinity(parity(sequences.item_count).features, 0.9)


class TestBlend(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_blend(sequences, None)


class TestBlendWithContent(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_blend(sequences, parity(sequences.item_count))


def fit_blend(sequences: Sequences, content: ItemContent | None) -> Recommender:
    """Learn weights and fit, as training does."""
    settings = EnsembleSettings(regularisation=10.0)
    return Ensemble(settings, 3, lambda text, fraction: None).fit(sequences, content)
