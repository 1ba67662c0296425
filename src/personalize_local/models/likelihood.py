"""The most likely weights of a log-linear choice: softmax(w·f) over the catalogue, convex, within bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.optimize

PENALTY = 1e-3
MAX_WEIGHT = 4.0
SEEN_BOUNDS = (-9.0, 3.0)


def maximise(
    features: np.ndarray,
    wanted: np.ndarray,
    bounds: Sequence[tuple[float, float]],
    offset: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Find the most likely weights within bounds: [features].

    Args: offset: what the scores have besides.
    Shapes: features [queries, features, columns]; wanted [features], the targets' mean features; offset [queries,
    columns] float32.
    """
    wanted = wanted.astype(np.float64)
    ridge = np.array([PENALTY if low == 0.0 else 0.0 for low, _ in bounds])
    by_feature = np.ascontiguousarray(features.transpose(1, 0, 2)).reshape(
        len(wanted), -1
    )  # [features, queries × columns]
    shape = (len(features), features.shape[2])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Negative mean log likelihood, and its gradient."""
        score = (weights.astype(np.float32) @ by_feature).reshape(shape)
        score += offset
        top = score.max(axis=1, keepdims=True)
        share = np.exp(score - top)
        total = share.sum(axis=1, keepdims=True)
        share /= total
        expected = by_feature @ share.ravel() / len(features)
        likelihood = weights @ wanted - float(np.mean(top[:, 0] + np.log(total[:, 0])))
        penalty = ridge * weights
        return penalty @ weights - likelihood, (2 * penalty - (wanted - expected)).astype(np.float64)

    start = np.array([0.3 if low == 0.0 else 0.0 for low, _ in bounds])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return found.x


def mean_targets(features: np.ndarray, targets: Sequence[np.ndarray]) -> np.ndarray:
    """Average the targets' features over queries: [queries, features, columns] to [features]."""
    return np.mean([_mean_target(row, hit) for row, hit in zip(features, targets, strict=True)], axis=0)


def _mean_target(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.average(features[:, targets], axis=1, weights=nearness(len(targets)))


def nearness(count: int) -> np.ndarray:
    """Give what the items that come next count: the first 1, the one after it 1/2, 1/3 … [count]."""
    return 1.0 / np.arange(1, count + 1)
