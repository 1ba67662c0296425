"""The benchmark's own metrics: plain Python over lists of item ids, sharing no code with the service."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

DEPTH = 25


def reciprocal_rank(items: Sequence[str], relevant: Collection[str]) -> float:
    """Give 1 / the position of the first relevant item among the first 25, 0 without one."""
    return next((1.0 / place for place, item in enumerate(items[:DEPTH], 1) if item in relevant), 0.0)


def ndcg(items: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Give the discounted gain of the first k over the best that is possible."""
    gain = sum(1.0 / math.log2(1 + place) for place, item in enumerate(items[:k], 1) if item in relevant)
    best = sum(1.0 / math.log2(1 + place) for place in range(1, min(k, len(relevant)) + 1))
    return gain / best


def precision(items: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Give the share of relevant items among the first k."""
    return sum(item in relevant for item in items[:k]) / k


def measure(answers: Mapping[str, Sequence[str]], relevant: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Average over users: the keys are those of GetSolutionMetrics."""
    metrics = {"mean_reciprocal_rank_at_25": [reciprocal_rank(answers[user], relevant[user]) for user in relevant]}
    for k in (5, 10, 25):
        name = f"normalized_discounted_cumulative_gain_at_{k}"
        metrics[name] = [ndcg(answers[user], relevant[user], k) for user in relevant]
        metrics[f"precision_at_{k}"] = [precision(answers[user], relevant[user], k) for user in relevant]
    return {name: sum(values) / len(values) for name, values in metrics.items()}
