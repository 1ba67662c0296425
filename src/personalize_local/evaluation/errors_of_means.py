"""How far a mean over users can be trusted.

Several questions of one user are not independent: users are what is drawn, so errors are computed from the users' sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error; NaN for an error that one user cannot give."""

    value: float
    standard_error: float

    def in_errors(self) -> float:
        """Give how many standard errors the value is from 0; 0 where there is no error to count in."""
        return self.value / self.standard_error if self.standard_error > 0 else 0.0


def mean_of_users(values: np.ndarray, users: np.ndarray) -> Estimate:
    """Average over questions, with the error over users: values and users [questions].

    With one question a user this is the ordinary standard error. Source: the cluster-robust variance of a mean.
    """
    if not len(values):
        return Estimate(float("nan"), float("nan"))
    mean = float(values.mean())
    _, owner = np.unique(users, return_inverse=True)
    sums = np.bincount(owner, values - mean)  # [users]
    if len(sums) < 2:
        return Estimate(mean, float("nan"))
    variance = float(sums @ sums) / len(values) ** 2 * len(sums) / (len(sums) - 1)
    return Estimate(mean, float(np.sqrt(variance)))


def paired_difference(values: np.ndarray, others: np.ndarray, users: np.ndarray) -> Estimate:
    """Give by how much `values` are above `others` for the same questions, with the error of the difference."""
    return mean_of_users(values - others, users)
