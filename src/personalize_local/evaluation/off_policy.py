"""What another policy would have earned, from a log of what this one showed: inverse propensities.

Each logged reward counts by how much likelier the other policy shows the same item at the same rank.

Rule: this is unbiased where the log could have shown whatever the other policy shows, and where what an item earns
depends on the item and its rank, not on its neighbours.

Source: Horvitz and Thompson 1952 (IPS); Swaminathan and Joachims, "The Self-Normalized Estimator", NIPS 2015 (SNIPS);
the item-position form, Li et al., "Offline Evaluation of Ranking Policies with Click Models", KDD 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.policy_log import LoggedItem

NORMAL_95 = 1.959964


@dataclass(frozen=True)
class PolicyValue:
    """What one policy earns with one answer.

    ips and snips: estimates, with 95 % intervals (normal, answers as units); snips is 0 when nothing matches.
    effective_answers: how many answers of the policy itself would say as much (the weights' effective sample size).
    """

    name: str
    ips: float
    ips_interval: tuple[float, float]
    snips: float
    snips_interval: tuple[float, float]
    effective_answers: float
    answer_count: int


def logged_value(items: Sequence[LoggedItem]) -> PolicyValue:
    """Give what the logging policy itself earned."""
    return estimate("as logged", items, np.array([item.propensity for item in items]))


def recorded_value(items: Sequence[LoggedItem]) -> PolicyValue:
    """Judge the policy whose chances the log's target_propensity holds.

    Errors: EvaluationError when a line lacks it.
    """
    without = next((item for item in items if item.target_propensity is None), None)
    if without is not None:
        raise EvaluationError(
            f"The line of {without.recommendation_id}, {without.item_id} has no target_propensity: write the chance "
            "that the policy to judge gives the item at its rank into every line."
        )
    return estimate("target_propensity", items, np.array([item.target_propensity for item in items]))


def estimate(name: str, items: Sequence[LoggedItem], target: np.ndarray) -> PolicyValue:
    """Estimate the mean reward of an answer under a policy.

    Every item has its reward, see with_rewards.
    Shapes: target [items], the chance that the policy shows each logged item at its rank.
    """
    propensity = np.array([item.propensity for item in items])
    reward = np.array([item.reward for item in items])
    _, answer = np.unique([item.recommendation_id for item in items], return_inverse=True)
    weight = target / propensity  # [items]
    earned = np.bincount(answer, weight * reward)  # [answers]
    weights = np.bincount(answer, weight)
    shown = np.bincount(answer)
    count = len(earned)
    ips = float(earned.mean())
    snips, residual = 0.0, np.zeros(count)
    if weights.sum() > 0:
        slots = float(shown.mean())
        snips = slots * float(earned.sum() / weights.sum())
        residual = (slots * earned - snips * weights) / float(weights.mean())
    effective = float(weights.sum() ** 2 / (weights @ weights)) if weights.any() else 0.0
    return PolicyValue(name, ips, _interval(ips, earned - ips), snips, _interval(snips, residual), effective, count)


def _interval(value: float, deviation: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of a mean whose terms deviate so: deviation [answers], of mean 0."""
    count = len(deviation)
    if count < 2:
        return (-np.inf, np.inf)
    half = NORMAL_95 * float(np.sqrt(deviation @ deviation / (count - 1) / count))
    return (value - half, value + half)
