"""Metrics of answers, one value per question, from the places of the relevant items.

Names are Amazon Personalize's where it has one (contract §5.2): mean_reciprocal_rank_at_25,
normalized_discounted_cumulative_gain_at_K, precision_at_K, coverage. The others are the field's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from personalize_local.evaluation.scoring import DEPTH, Answers
from personalize_local.evaluation.split import Questions

MRR = "mean_reciprocal_rank_at_25"
NDCG = "normalized_discounted_cumulative_gain_at_{}"
HIT_RATE, PRECISION, RECALL = "hit_rate_at_{}", "precision_at_{}", "recall_at_{}"
COLD, COLD_AMONG = "cold_item_hit_rate_at_{}", "cold_item_hit_rate_among_cold_at_{}"
COVERAGE, POPULARITY, GINI = "coverage", "average_popularity_at_25", "gini_at_25"


def per_question(answers: Answers, questions: Questions, cuts: Sequence[int]) -> dict[str, np.ndarray]:
    """Give every metric for every question: name → [questions] float64."""
    owner, count = questions.question_of_relevant(), len(questions)
    relevant = np.diff(questions.relevant_start)  # [questions]
    inverse = np.where(answers.rank <= DEPTH, 1.0 / answers.rank, 0.0)
    first = np.zeros(count)
    np.maximum.at(first, owner, inverse)
    measured = {MRR: first}
    for k in cuts:
        is_hit = answers.rank <= k
        hits = np.bincount(owner, is_hit, count)
        gain = np.bincount(owner, np.where(is_hit, 1.0 / np.log2(1.0 + answers.rank), 0.0), count)
        measured[HIT_RATE.format(k)] = (hits > 0).astype(np.float64)
        measured[NDCG.format(k)] = gain / _ideal(relevant, k)
        measured[PRECISION.format(k)] = hits / k
        measured[RECALL.format(k)] = hits / relevant
    return measured


def of_cold_items(
    answers: Answers, questions: Questions, is_cold: np.ndarray, cuts: Sequence[int]
) -> dict[str, np.ndarray]:
    """Give, of the relevant items without an event in training, which were found: name → [cold relevant] 0 or 1.

    Once in the order of all items, once in that of the cold ones alone. Shapes: is_cold [items] bool.
    """
    cold = is_cold[questions.relevant_row]
    measured = {}
    for k in cuts:
        measured[COLD.format(k)] = (answers.rank[cold] <= k).astype(np.float64)
        measured[COLD_AMONG.format(k)] = (answers.rank_among_cold[cold] <= k).astype(np.float64)
    return measured


def of_lists(top: np.ndarray, training_counts: np.ndarray) -> Mapping[str, float]:
    """Give what the first 25 of all questions say together.

    coverage: the share of the catalogue that is recommended to anyone. average_popularity: the mean, over what is
    recommended, of the share of the catalogue with fewer events (0 the least, 1 the most popular). gini: how unequally
    recommendations fall on the catalogue, 0 evenly, 1 all on one item.
    Shapes: top [questions, depth] rows, -1 for none; training_counts [items].
    """
    shown = top[:, :DEPTH]
    shown = shown[shown >= 0]
    if not len(shown):
        return {COVERAGE: 0.0, POPULARITY: 0.0, GINI: 0.0}
    item_count = len(training_counts)
    times = np.bincount(shown, minlength=item_count)
    below = np.searchsorted(np.sort(training_counts), training_counts, side="left") / max(item_count - 1, 1)
    return {
        COVERAGE: float(np.count_nonzero(times)) / item_count,
        POPULARITY: float(below[shown].mean()),
        GINI: gini(times),
    }


def gini(counts: np.ndarray) -> float:
    """Give the Gini coefficient of counts [items], not all 0."""
    ordered = np.sort(counts).astype(np.float64)
    place = np.arange(1, len(ordered) + 1)
    return float(((2 * place - len(ordered) - 1) @ ordered) / (len(ordered) * ordered.sum()))


def _ideal(relevant: np.ndarray, k: int) -> np.ndarray:
    """Give the gain of the best order, for so many relevant items: [questions]."""
    gains = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))])
    return gains[np.minimum(relevant, k)]
