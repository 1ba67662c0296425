"""Tests that every model of actions passes, and data to test on. A new one earns them in three lines:

class TestConversion(ActionModelContract):
    def fit(self, observed):
        return fit_conversion(observed.action_row, observed.situation, observed.is_taken, observed.action_count, 50)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from personalize_local.models.conversion import SITUATION_COUNT
from personalize_local.models.testing_models import ModelContract, saved

RATES = (0.7, 0.3, 0.5)  # of the first actions; the last one was never shown
SHOWN = 600


class ActionModel(Protocol):
    """What every model of actions can do."""

    def scores(self, situation: int) -> np.ndarray:
        """Give how likely each action is to be taken: [actions] float32, 0 to 1, 0 where nothing is known."""
        ...


@dataclass(frozen=True)
class Observed:
    """What was shown, in which situation, and whether it was taken: action_row, situation and is_taken [observed]."""

    action_row: np.ndarray
    situation: np.ndarray
    is_taken: np.ndarray
    action_count: int


def observed_actions(seed: int = 3, shown: int = SHOWN) -> Observed:
    """Show each action but the last in all situations; in odd ones it is taken a tenth less often."""
    rng = np.random.default_rng(seed)
    action_row = np.repeat(np.arange(len(RATES)), shown)
    situation = rng.integers(0, SITUATION_COUNT, len(action_row))
    rate = np.array(RATES)[action_row] - 0.1 * (situation % 2)
    return Observed(action_row, situation, rng.random(len(action_row)) < rate, len(RATES) + 1)


class ActionModelContract(ModelContract[ActionModel]):
    """What every model of actions keeps to; subclasses fit one."""

    def fit(self, observed: Observed) -> ActionModel:
        """Fit the model under test."""
        raise AssertionError(f"{type(self).__name__} has no fit(observed)")

    def fitted(self) -> ActionModel:
        """Fit it on actions that are taken at different rates."""
        return self.fit(observed_actions())

    def answers(self, model: ActionModel) -> list[np.ndarray]:
        """Ask in every situation."""
        return [model.scores(situation) for situation in range(SITUATION_COUNT)]

    def test_every_action_has_a_likelihood_in_every_situation(self) -> None:
        """One float32 from 0 to 1 for each action; 0 for the one that was never shown."""
        model = self.fit(observed_actions())
        for situation in range(SITUATION_COUNT):
            scores = model.scores(situation)
            assert scores.shape == (len(RATES) + 1,)
            assert scores.dtype == np.float32
            assert ((scores >= 0) & (scores <= 1)).all()
            assert scores[-1] == 0.0

    def test_what_is_taken_more_often_is_likelier(self) -> None:
        """In every situation the actions come in the order of how often they are taken, near their true rates."""
        model = self.fit(observed_actions(shown=20_000))
        for situation in range(SITUATION_COUNT):
            scores = model.scores(situation)[: len(RATES)]
            assert np.argsort(-scores).tolist() == [0, 2, 1]
            np.testing.assert_allclose(scores, np.array(RATES) - 0.1 * (situation % 2), atol=0.06)

    def test_the_order_of_the_data_does_not_matter(self, tmp_path: Path) -> None:
        """Fitting on the same data in another order gives the same files."""
        data = observed_actions()
        order = np.random.default_rng(1).permutation(len(data.action_row))
        arrays = (each[order] for each in (data.action_row, data.situation, data.is_taken))
        other = self.fit(Observed(*arrays, data.action_count))
        assert saved(self.fitted(), tmp_path / "first") == saved(other, tmp_path / "second")

    def test_nothing_observed(self) -> None:
        """Without an observation no action has a score."""
        nothing = np.empty(0, dtype=np.int64)
        model = self.fit(Observed(nothing, nothing, nothing.astype(bool), 2))
        np.testing.assert_array_equal(model.scores(SITUATION_COUNT - 1), [0.0, 0.0])
