"""Tests that every model passes, whatever it is asked; testing.py and testing_actions.py have those of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from personalize_local.models.storage import load_model, save_model

Model = TypeVar("Model")


class ModelContract(Generic[Model]):
    """What every model keeps to; a kind of model says how it is fitted and asked."""

    def fitted(self) -> Model:
        """Fit the model under test on data that are always the same."""
        raise AssertionError(f"{type(self).__name__} has no fitted()")

    def answers(self, model: Model) -> Sequence[np.ndarray]:
        """Ask a model questions of all sorts, always the same."""
        raise AssertionError(f"{type(self).__name__} has no answers(model)")

    def test_asking_changes_nothing(self) -> None:
        """The same question has the same answer, whatever was done with the first one's array."""
        model = self.fitted()
        first = self.answers(model)
        kept = [each.copy() for each in first]
        for each in first:
            each[:] = 7.0
        _assert_same(self.answers(model), kept)

    def test_same_data_same_bytes(self, tmp_path: Path) -> None:
        """Fitting again on the same data gives the same files."""
        assert saved(self.fitted(), tmp_path / "first") == saved(self.fitted(), tmp_path / "second")

    def test_kept_and_read_back(self, tmp_path: Path) -> None:
        """A model read from its folder answers as before."""
        model = self.fitted()
        save_model(tmp_path, model)
        loaded = load_model(tmp_path)
        assert type(loaded) is type(model)
        _assert_same(self.answers(loaded), self.answers(model))


def saved(model: object, folder: Path) -> dict[str, bytes]:
    """Keep a model in a new folder; give its files by name."""
    folder.mkdir()
    save_model(folder, model)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _assert_same(found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> None:
    assert len(found) == len(wanted) > 0
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)
