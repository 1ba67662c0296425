"""When a training has a sequence layer: from enough steps on, or as it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalize_local.models.sequences import Sequences
from personalize_local.models.testing import markov_sequences
from personalize_local.training import sequence_layer as module
from personalize_local.training.sequence_layer import sequence_layer
from personalize_local.training.training_request import ALWAYS, NEVER, TrainingRequest
from personalize_spec.recipes import RECIPES, resolve_hyperparameters

RECIPE = "aws-user-personalization"
REQUEST = TrainingRequest(RECIPE)
PARAMETERS = resolve_hyperparameters(RECIPES[RECIPE], {})


def twice(sequences: Sequences) -> Sequences:
    """Log each event as a click and as a watch of the same second."""
    return replace(
        sequences,
        user_start=sequences.user_start * 2,
        item_row=np.repeat(sequences.item_row, 2),
        epoch_s=np.repeat(sequences.epoch_s, 2),
        weight=np.repeat(sequences.weight, 2),
    )


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Sequences:
    """Give one event less than are enough."""
    found = markov_sequences()
    monkeypatch.setattr(module, "MIN_EVENTS", len(found.item_row) + 1)
    return found


def test_a_click_and_a_watch_of_one_moment_are_one_step(events: Sequences) -> None:
    assert sequence_layer(REQUEST, PARAMETERS, events) is None
    assert sequence_layer(REQUEST, PARAMETERS, twice(events)) is None
    assert sequence_layer(replace(REQUEST, has_echoes=True), PARAMETERS, twice(events)) is not None


def test_enough_steps_have_one(events: Sequences, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_EVENTS", len(events.item_row))
    assert sequence_layer(REQUEST, PARAMETERS, events) is not None


def test_who_says_so_has_one_or_none(events: Sequences) -> None:
    assert sequence_layer(replace(REQUEST, sequence_layer=ALWAYS), PARAMETERS, events) is not None
    assert sequence_layer(replace(REQUEST, sequence_layer=NEVER), PARAMETERS, twice(events)) is None
