"""The two recipes of user segments: who is found, what is measured, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.models.sequences import sequences_of
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.segment_training import SEGMENT_RECIPES, attribute_masks
from personalize_local.training.train import TrainingFailedError, TrainingRequest, train_solution_version
from personalize_local.training.user_affinity import fit_user_affinity, load_user_affinity
from tests.behaviours import APPROXIMATED, behaviour

KEYS = ["coverage", "hits_at_1_percent", "recall_at_1_percent"]


def train(recipe: str, interactions: InteractionTable, items: MetadataTable | None, folder: Path) -> dict[str, float]:
    request = TrainingRequest(recipe, categorical_columns=("COLOUR",))
    return train_solution_version(request, interactions, items, folder, lambda text, fraction: None).metrics


def camps(users: int = 200, events: int = 20) -> InteractionTable:
    """Users of even rows read the first ten items, the others the last ten; nobody reads one twice in a row."""
    rng = np.random.default_rng(3)
    user_row = np.repeat(np.arange(users, dtype=np.int32), events)
    item_row = (np.concatenate([rng.permutation(events) % 10 for _ in range(users)]) + user_row % 2 * 10).astype(
        np.int32
    )
    return InteractionTable(
        user_ids=np.array([f"user-{row:04}" for row in range(users)], dtype=object),
        item_ids=np.array([f"item-{row:03}" for row in range(20)], dtype=object),
        user_row=user_row,
        item_row=item_row.astype(np.int32),
        timestamp_epoch_s=np.tile(np.arange(events, dtype=np.int64) * 1000, users),
        event_type=np.zeros(len(user_row), dtype=np.int16),
        event_types=("view",),
    )


@behaviour(
    "GetSolutionMetrics",
    "Segment recipes have coverage, hits and recall at one percent, for up to 300 items or attribute values",
    APPROXIMATED,
    source="documented; up to 300: inferred",
)
@pytest.mark.parametrize("recipe", SEGMENT_RECIPES)
def test_metrics_have_the_keys_of_segments_and_the_same_request_gives_the_same(
    tmp_path: Path, interactions: InteractionTable, items: MetadataTable, recipe: str
) -> None:
    metrics = train(recipe, interactions, items, tmp_path / "a")
    assert list(metrics) == KEYS
    assert 0 < metrics["coverage"] <= 1 and 0 <= metrics["recall_at_1_percent"] <= 1
    assert train(recipe, interactions, items, tmp_path / "b") == metrics
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    assert not [name for name in names if name.endswith((".pkl", ".pickle"))]


def test_users_are_found_by_what_is_like_the_item(tmp_path: Path) -> None:
    # GIVEN two camps of readers
    train("aws-item-affinity", camps(), None, tmp_path)

    # WHEN the model is read back and asked for an item of the first
    model, user_ids, item_ids = load_user_affinity(tmp_path)
    scores = model.for_item(item_ids.tolist().index("item-003"))

    # THEN all of the first camp come before all others
    best = {str(user_ids[row]) for row in np.argsort(-scores)[:100]}
    assert best == {f"user-{row:04}" for row in range(0, 200, 2)}


def test_recall_is_better_than_chance_where_there_is_something_to_learn(tmp_path: Path) -> None:
    metrics = train("aws-item-affinity", camps(), None, tmp_path)
    # two of 200 users are predicted, of the 100 who may: 2 hits at best, and half that if camps were not told apart
    chance = 0.01
    assert chance < metrics["recall_at_1_percent"] < 0.2
    assert metrics["hits_at_1_percent"] <= 2


def test_a_set_of_items_is_for_those_who_turned_to_it_most_and_last() -> None:
    user = np.array([0, 0, 1, 2, 2])
    item = np.array([0, 1, 0, 2, 2])
    time = np.array([90, 100, 100, 1, 2]) * 86_400
    sequences = sequences_of(user, item, time, 3, user_count=4)
    model = fit_user_affinity(sequences, sequences)
    scores = model.for_items(np.array([True, True, False]))
    assert np.argsort(-scores).tolist()[:3] == [0, 1, 2]
    assert scores[2] > 0 and scores[3] == -np.inf


def test_the_item_itself_counts_where_repeats_are_usual() -> None:
    once = sequences_of(np.array([0, 1]), np.array([0, 1]), np.array([1, 1]), 2)
    often = sequences_of(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 1]), np.array([1, 2, 3, 1]), 2)
    assert fit_user_affinity(once, once).self_likeness == 0
    model = fit_user_affinity(often, often)
    assert model.self_likeness == 0.5
    assert model.for_item(0)[0] > model.for_item(0)[1]


@pytest.mark.parametrize("value_of", [lambda row: "red", lambda row: f"colour {row}", lambda row: None])
def test_items_without_a_telling_attribute_are_refused(
    tmp_path: Path, interactions: InteractionTable, value_of: Callable[[int], Any]
) -> None:
    values = np.array([value_of(row) for row in range(len(interactions.item_ids))], dtype=object)
    items = MetadataTable(interactions.item_ids, {"COLOUR": values})
    with pytest.raises(TrainingFailedError) as raised:
        train("aws-item-attribute-affinity", interactions, items, tmp_path)
    assert raised.value.reason.startswith("Did not find any attribute to train on.")


def test_attributes_are_the_tokens_of_categories_and_numbers() -> None:
    ids = np.array(["a", "b", "c", "d"], dtype=object)
    columns = {
        "KIND": np.array(["x|y", "y", None, "x"], dtype=object),
        "TITLE": np.array(["t", "t", "u", "u"], dtype=object),
        "YEAR": np.array([1.0, 1.0, np.nan, 2.0]),
        "CREATION_TIMESTAMP": np.array([1.0, 1.0, 2.0, 2.0]),
    }
    masks = [mask.tolist() for mask in attribute_masks(MetadataTable(ids, columns), ids, ("KIND",))]
    assert masks == [[True, False, False, True], [True, True, False, False], [True, True, False, False]]


def test_too_little_data_is_refused(tmp_path: Path) -> None:
    table = camps(users=20, events=20)
    with pytest.raises(TrainingFailedError) as raised:
        train("aws-item-affinity", table, None, tmp_path)
    assert "fewer than 1000 interactions" in raised.value.reason
