"""trainingMode UPDATE: what it goes on from, what it measures, and when it trains anew."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequences import Sequences
from personalize_local.models.storage import load_model
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.former import FOLDER, MANIFEST
from personalize_local.training.sequence.fit import TransformerFit
from personalize_local.training.sequence.settings import SequenceSettings
from personalize_local.training.train import TrainingResult, train_solution_version
from personalize_local.training.training_request import ALWAYS, UPDATE, TrainingRequest
from tests.behaviours import APPROXIMATED, behaviour

NDCG = "normalized_discounted_cumulative_gain_at_10"
FULL_REQUEST = TrainingRequest("aws-user-personalization", sequence_layer=ALWAYS)
UPDATE_REQUEST = replace(FULL_REQUEST, training_mode=UPDATE)
SETTINGS = SequenceSettings(
    width=16, inner=32, block_count=1, window=31, tokens_per_step=512, min_tokens=0, epochs=5, learning_rate=2e-2
)
NEW_USERS = 10


class Watched(TransformerFit):
    """The real fit; notes what it begins from, the steps it takes and the users it sees."""

    notes: list[tuple[object, int, int]]

    def fit(self, sequences: Sequences, content: Any, start: Any, validation: Any, progress: Any) -> SequenceModel:
        told: list[str] = []
        model = super().fit(sequences, content, start, validation, lambda text, done: told.append(text))
        steps = int(re.findall(r"(\d+) of", told[-1])[0]) if told else 0
        self.notes.append((start, steps, int(np.count_nonzero(sequences.lengths()))))
        return model


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, int, int]]:
    """Make the layer small, and give what is noted of its fits."""
    found: list[tuple[object, int, int]] = []
    monkeypatch.setattr(Watched, "notes", found, raising=False)
    monkeypatch.setattr("personalize_local.training.sequence.fit.TransformerFit", Watched)
    monkeypatch.setattr(
        "personalize_local.training.sequence.settings.recipe_settings",
        lambda parameters, seed: replace(SETTINGS, seed=seed),
    )
    return found


def train(
    request: TrainingRequest, table: InteractionTable, folder: Path, former: Path | None = None
) -> TrainingResult:
    return train_solution_version(request, table, None, folder, lambda text, done: None, None, former)


def with_new_item(table: InteractionTable) -> InteractionTable:
    """Give each of the first users a newer event on an item that was not there."""
    users = np.arange(NEW_USERS)
    ends = np.searchsorted(table.user_row, users, side="right")
    newest = int(table.timestamp_epoch_s.max()) + 1000
    new_row = len(table.item_ids)
    return replace(
        table,
        item_ids=np.array([*table.item_ids, "item-0000-new"], dtype=object),
        user_row=np.insert(table.user_row, ends, users),
        item_row=np.insert(table.item_row, ends, new_row),
        timestamp_epoch_s=np.insert(table.timestamp_epoch_s, ends, newest),
        event_type=np.insert(table.event_type, ends, 0),
        event_value=None,
    )


@behaviour(
    "CreateSolutionVersion",
    "trainingMode UPDATE goes on from the former version's transformer, on newer events and as much of the older ones; "
    "statistics are solved again on everything",
    APPROXIMATED,
    source="documented for AWS: only changes are trained on, contract §4.4",
)
def test_an_update_goes_on_from_the_former_version(
    notes: list[tuple[object, int, int]], tmp_path: Path, interactions: InteractionTable
) -> None:
    """WHEN a few users have newer events THEN fewer steps on fewer users, and the new item is part of the model."""
    spread = interactions.timestamp_epoch_s + 10_000_000 * interactions.user_row  # one user after the other
    table = replace(interactions, timestamp_epoch_s=spread)
    train(FULL_REQUEST, table, tmp_path / "full")
    of_full = list(notes)
    notes.clear()
    metrics = train(UPDATE_REQUEST, with_new_item(table), tmp_path / "update", tmp_path / "full").metrics
    assert of_full[0][0] is None
    assert all(isinstance(start, SequenceModel) for start, _, _ in notes)
    assert sum(steps for _, steps, _ in notes) < sum(steps for _, steps, _ in of_full) / 2
    assert max(users for _, _, users in notes) < max(users for _, _, users in of_full)
    assert metrics[NDCG] > 0.4
    assert "item-0000-new" in load_artifact(tmp_path / "update").item_row
    held_out = [
        json.loads((tmp_path / name / FOLDER / MANIFEST).read_text())["held_out"] for name in ("full", "update")
    ]
    assert held_out[0] == held_out[1]
    assert not any("user" in name for name in held_out[0])


def described(table: InteractionTable, *, are_new_words_frequent: bool) -> MetadataTable:
    """Describe items by the stretch of the chain they are on; in other words more often, where that is wanted."""
    texts = [f"stretch{row // 10 % 6}" for row in range(len(table.item_ids))]
    if are_new_words_frequent:
        texts = [f"unheard unknown {text}" for text in texts]
    return MetadataTable(table.item_ids, {"TEXT": np.array(texts, dtype=object)})


def test_an_update_describes_new_items_in_the_words_that_its_layer_learnt(
    notes: list[tuple[object, int, int]], tmp_path: Path, interactions: InteractionTable
) -> None:
    """WHEN other words have become the frequent ones THEN a new item still has the vector of its old word."""
    request = replace(FULL_REQUEST, textual_columns=("TEXT",))
    full, later = tmp_path / "full", with_new_item(interactions)
    old_items = described(interactions, are_new_words_frequent=False)
    train_solution_version(request, interactions, old_items, full, lambda text, done: None)
    notes.clear()
    request, items = replace(request, training_mode=UPDATE), described(later, are_new_words_frequent=True)
    train_solution_version(request, later, items, tmp_path / "update", lambda text, done: None, None, full)
    start = notes[0][0]
    assert isinstance(start, SequenceModel)
    former, content = load_model(full / FOLDER), load_artifact(full).content
    assert content is not None and content.words is not None
    expected = former.item_vectors(content.words.features([{"TEXT": "stretch0"}]))[0]
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(start.vectors[-1], expected)
    assert start.known[-1]


def no_folder(former: Path) -> None:
    shutil.rmtree(former)


def no_manifest(former: Path) -> None:
    (former / FOLDER / MANIFEST).unlink()


def other_users(former: Path) -> None:
    (former / FOLDER / MANIFEST).write_text('{"until_epoch_s": 1, "held_out": []}')


@pytest.mark.parametrize("spoil", [no_folder, no_manifest, other_users])
def test_without_a_readable_version_all_is_trained_anew(
    spoil: Callable[[Path], None],
    notes: list[tuple[object, int, int]],
    tmp_path: Path,
    interactions: InteractionTable,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Watched, "fit", _refuse)
    former = tmp_path / "full"
    train(replace(FULL_REQUEST, sequence_layer="never"), interactions, former)
    (former / FOLDER).mkdir()
    (former / FOLDER / MANIFEST).write_text('{"until_epoch_s": 1, "held_out": ["00"]}')
    spoil(former)
    with caplog.at_level(logging.WARNING), pytest.raises(_AnewError):
        train(UPDATE_REQUEST, interactions, tmp_path / "update", former)
    assert "UPDATE trains anew" in caplog.text


class _AnewError(Exception):
    pass


def _refuse(self: Any, sequences: Any, content: Any, start: Any, validation: Any, progress: Any) -> None:
    assert start is None
    raise _AnewError
