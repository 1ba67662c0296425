"""Policies judged by a log that another one wrote, in a simulated world where the truth is known.

Readers of six kinds are shown one of sixty articles a time; whether they click is a chance that kind and article have.
The service shows by softmax of its estimates, which is exploration with known propensities. What other policies would
have earned is then estimated from its log, and compared with what they do earn in that world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.evaluation.off_policy import PolicyValue, estimate
from personalize_local.evaluation.policy_log import LoggedItem

KINDS, ARTICLES = 6, 60
NEW_ARTICLES = 12  # of which the service knows nothing yet


@dataclass(frozen=True)
class Judged:
    """An estimate from the log, and the truth."""

    value: PolicyValue
    truth: float

    @property
    def is_covered(self) -> bool:
        """Tell whether the interval of SNIPS holds the truth."""
        low, high = self.value.snips_interval
        return low <= self.truth <= high


def judge(answer_count: int = 50_000, seed: int = 11) -> list[Judged]:
    """Write a log of so many answers, and judge policies by it: [policies]."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(1.0, 12.0, (KINDS, ARTICLES))  # of a click
    known = chance * rng.lognormal(0.0, 0.3, chance.shape)
    known[:, -NEW_ARTICLES:] = np.median(known)
    policies = {f"softmax, {share:.0%} explored": _explored(known, share) for share in (0.0, 0.1, 0.3, 1.0)}
    logging = policies["softmax, 30% explored"]
    kind = rng.integers(KINDS, size=answer_count)
    draw = rng.random(answer_count)
    shown = np.array([np.searchsorted(each, at) for each, at in zip(logging.cumsum(axis=1)[kind], draw, strict=True)])
    shown = np.minimum(shown, ARTICLES - 1)
    clicked = rng.random(answer_count) < chance[kind, shown]
    log = [
        LoggedItem(f"r{place}", f"a{article}", 1, float(logging[who, article]), float(click), f"k{who}", place)
        for place, (who, article, click) in enumerate(zip(kind, shown, clicked, strict=True))
    ]
    policies["best possible"] = np.eye(ARTICLES)[chance.argmax(axis=1)]
    return [
        Judged(estimate(name, log, policy[kind, shown]), float((policy * chance).sum(axis=1).mean()))
        for name, policy in policies.items()
    ]


def _explored(known: np.ndarray, share: float) -> np.ndarray:
    """Give chances: softmax of what is known, and `share` of the answers spread evenly: [kinds, articles]."""
    sharp = np.exp(40.0 * (known - known.max(axis=1, keepdims=True)))
    return (1.0 - share) * sharp / sharp.sum(axis=1, keepdims=True) + share / known.shape[1]
