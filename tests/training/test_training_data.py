"""Which events count, whether they suffice, and what items are described by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.content_files import load_content, save_content
from personalize_local.training.item_content import item_content
from personalize_local.training.train import TrainingFailedError, TrainingRequest, train_solution_version
from personalize_local.training.training_data import (
    catalogue,
    event_weights,
    records_of,
    to_sequences,
    trim_percentiles,
)
from personalize_local.training.training_request import EventRule
from tests.behaviours import EXACT, behaviour


def refusal(request: TrainingRequest, table: InteractionTable, folder: Path) -> str:
    """Give why a training is refused."""
    with pytest.raises(TrainingFailedError) as refused:
        train_solution_version(request, table, None, folder, lambda text, fraction: None)
    assert not list(folder.iterdir())
    return refused.value.reason


def of_counts(counts: list[int]) -> InteractionTable:
    """Give users with so many events each, over five items."""
    users = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    return InteractionTable(
        user_ids=np.array([f"u{row:05}" for row in range(len(counts))], dtype=object),
        item_ids=np.array(list("abcde"), dtype=object),
        user_row=users,
        item_row=(np.arange(len(users)) % 5).astype(np.int32),
        timestamp_epoch_s=np.arange(len(users), dtype=np.int64),
        event_type=np.full(len(users), -1, np.int16),
        event_types=(),
    )


POPULARITY = TrainingRequest("aws-popularity-count")


@behaviour(
    "CreateSolutionVersion, DescribeSolutionVersion",
    "Fewer than 1,000 interactions, or 25 users with two, are CREATE FAILED in the words of AWS",
    EXACT,
    source="observed, contract §2.6",
)
def test_too_few_interactions(tmp_path: Path) -> None:
    assert refusal(POPULARITY, of_counts([33] * 30), tmp_path) == "Dataset has fewer than 1000 interactions"


def test_too_few_interactions_of_a_type(tmp_path: Path, interactions_of: Callable[..., InteractionTable]) -> None:
    """Source: contract §2.6, observed text."""
    request = replace(POPULARITY, event_type="like")
    expected = "Dataset has fewer than 1000 interactions after filtering by event type: like"
    assert refusal(request, interactions_of(user_count=100), tmp_path) == expected


def test_too_few_users(tmp_path: Path) -> None:
    """Source: contract §2.6, observed text."""
    expected = "Create failed. Dataset has fewer than 25 users with at least 2 interactions each."
    assert refusal(POPULARITY, of_counts([60] * 24 + [1] * 50), tmp_path) == expected


def test_too_many_users_with_one_event(tmp_path: Path) -> None:
    reason = refusal(POPULARITY, of_counts([30] * 40 + [1] * 4000), tmp_path)
    assert reason == "Create failed. Less than 1% of the dataset's users have at least 2 interactions."


def test_just_enough(tmp_path: Path) -> None:
    result = train_solution_version(POPULARITY, of_counts([40] * 25), None, tmp_path, lambda text, fraction: None)
    assert result.metrics["coverage"] == 1.0


@pytest.mark.parametrize("recipe", ["aws-next-best-action", "no-such-recipe"])
def test_recipes_without_a_model(recipe: str, tmp_path: Path) -> None:
    reason = refusal(TrainingRequest(recipe), of_counts([40] * 25), tmp_path)
    assert reason == f"Recipe {recipe} cannot be trained by the local service."


def test_wrong_parameters(tmp_path: Path) -> None:
    request = TrainingRequest("aws-user-personalization", hyperparameters={"bptt": "99"})
    reason = refusal(request, of_counts([40] * 25), tmp_path)
    assert reason == "Create failed. The hyperparameter 'bptt' must be a whole number from 2 to 32, not '99'."


@behaviour(
    "CreateSolutionVersion",
    "eventType and eventValueThreshold choose what is trained on",
    EXACT,
    source="documented, contract §4.3",
)
def test_events_by_type_and_value(interactions: InteractionTable) -> None:
    """The letter case of a type does not matter; events without a value pass no threshold."""
    liked = interactions.event_type == 1
    np.testing.assert_array_equal(event_weights(interactions, (EventRule("LIKE"),)) > 0, liked)
    assert interactions.event_value is not None
    expected = liked & (interactions.event_value >= 3)
    np.testing.assert_array_equal(event_weights(interactions, (EventRule("like", 3.0),)) > 0, expected)
    assert not event_weights(interactions, (EventRule("share"),)).any()
    assert not event_weights(replace(interactions, event_value=None), (EventRule("like", 3.0),)).any()


@behaviour(
    "CreateSolutionVersion",
    "Of the weights of events only their ratios matter",
    EXACT,
    source="documented, contract §4.3",
)
def test_only_ratios_of_weights_matter(interactions: InteractionTable) -> None:
    """Source: contract §4.3, documented."""
    some = event_weights(interactions, (EventRule("like", weight=0.9), EventRule("view", weight=0.3)))
    others = event_weights(interactions, (EventRule("like", weight=0.3), EventRule("view", weight=0.1)))
    np.testing.assert_allclose(some, others, rtol=1e-6)
    assert set(np.round(some, 4)) == {1.5, 0.5}


def test_catalogue_has_items_of_both_tables(interactions: InteractionTable, items: MetadataTable) -> None:
    ids = catalogue(interactions, items)
    assert len(ids) == 64
    assert list(ids) == sorted(ids)
    sequences = to_sequences(interactions, ids, ())
    assert sequences.item_count == 64
    assert [ids[row] for row in sequences.item_row[:5]] == [
        interactions.item_ids[row] for row in interactions.item_row[:5]
    ]


def test_percentiles_leave_out_the_longest_and_the_most_frequent() -> None:
    table = of_counts([2] * 98 + [50, 500])
    sequences = to_sequences(table, table.item_ids, ())
    shorter = trim_percentiles(sequences, {"max_user_history_length_percentile": 0.99})
    assert shorter.lengths().max() == 50
    rows = np.repeat(np.arange(5), [1, 2, 3, 10, 84])
    skewed = replace(sequences.newest(100), item_row=rows, user_start=np.array([0, 100]))
    rarer = trim_percentiles(skewed, {"max_item_interaction_count_percentile": 0.15})
    assert np.unique(rarer.item_row).tolist() == [0, 1, 2, 3]  # the one item with most of the events is out
    assert trim_percentiles(sequences, {}).item_row.tolist() == sequences.item_row.tolist()


def test_items_are_described_by_categories_and_words() -> None:
    ids = np.array(["a", "b", "c", "d"], dtype=object)
    columns = {
        "GENRE": np.array(["War|Drama", "Drama", None, "Comedy"], dtype=object),
        "PLOT": np.array(["A soldier returns", "the SOLDIER stays", "", None], dtype=object),
        "PRICE": np.array([1.0, 2.0, 3.0, 4.0]),
        "CREATION_TIMESTAMP": np.array([5.0, np.nan, 7.0, 8.0]),
    }
    content = item_content(MetadataTable(ids, columns), ids, ("GENRE",), ("PLOT",))
    alike = (content.features.matrix() @ content.features.matrix().T).toarray()
    np.testing.assert_allclose(np.diag(alike), [1, 1, 0, 1], atol=1e-6)
    assert 0 < alike[0, 1] < 1
    assert alike[0, 3] == 0
    assert content.known().tolist() == [True, True, False, True]
    assert content.newest_first().tolist() == [1, 3, 2, 0]


def test_events_without_any_type_have_no_codes(interactions: InteractionTable) -> None:
    """A vocabulary of none would leave the sequence layer a table of no rows to look in."""
    untyped = replace(interactions, event_type=np.full(len(interactions), -1, dtype=np.int16), event_types=())
    assert to_sequences(untyped, catalogue(untyped, None), ()).event_code is None
    assert to_sequences(interactions, catalogue(interactions, None), ()).event_code is not None


def test_later_items_are_described_in_the_words_of_the_training(tmp_path):
    # GIVEN items with categories and texts, kept beside a model
    ids = np.array(["a", "b", "c"], dtype=object)
    columns = {
        "GENRE": np.array(["crime|drama", "drama", None], dtype=object),
        "PLOT": np.array(["a murder by night", "a wedding by night", "a murder"], dtype=object),
    }
    content = item_content(MetadataTable(ids, columns), ids, ("GENRE",), ("PLOT",))
    save_content(tmp_path / "content", content)

    # WHEN they are read back and the same records are described again
    kept = load_content(tmp_path / "content")
    records = [{name: values[row] for name, values in columns.items()} for row in range(3)]
    again = kept.words.features([*records, {"GENRE": "western", "PLOT": None}])

    # THEN the features are the same, and unknown words are none
    np.testing.assert_allclose(again.matrix()[:3].toarray(), content.features.matrix().toarray(), rtol=1e-6)
    np.testing.assert_array_equal(kept.features.matrix().toarray(), content.features.matrix().toarray())
    assert again.start[4] == again.start[3]


def test_records_follow_the_users_of_the_interactions() -> None:
    users = MetadataTable(np.array(["a", "c"], dtype=object), {"AGE": np.array([30.0, 40.0])})
    assert records_of(users, np.array(["c", "b"], dtype=object)) == [{"AGE": 40.0}, {}]


def test_context_is_numbered_by_frequency(interactions: InteractionTable) -> None:
    """GIVEN a column of context THEN its values are coded, the most frequent first, and events without one as -1."""
    device = np.array(["phone", "desk", "phone", None] * (len(interactions) // 4), dtype=object)
    table = replace(interactions, columns={"DEVICE": device})
    data = to_sequences(table, table.item_ids, (), ("DEVICE",))
    assert data.vocabulary.context == {"DEVICE": ("phone", "desk")}
    assert data.vocabulary.event_types == ("view", "like")
    assert data.context_code is not None
    assert data.context_code[:4, 0].tolist() == [0, 1, 0, -1]
    assert data.vocabulary.context_codes({"device": "desk"}).tolist() == [1]
    assert data.vocabulary.context_of(np.array([1])) == {"DEVICE": "desk"}


def test_near_numbers_describe_items_alike(tmp_path: Path) -> None:
    """GIVEN a column of numbers THEN near ones are alike, far ones are not, and later items find their place."""
    ids = np.array([f"i{year}" for year in range(1950, 2014)], dtype=object)
    columns = {"YEAR": np.arange(1950.0, 2014.0)}
    content = item_content(MetadataTable(ids, columns), ids, (), (), ("YEAR", "NO_SUCH"))
    matrix = content.features.matrix().toarray()
    alike = matrix @ matrix.T
    assert alike[30, 31] > 0.9  # in the same two ranges
    assert 0.3 < alike[30, 34] < 0.7  # in one of them
    assert alike[30, 60] == 0.0
    save_content(tmp_path, content)
    kept = load_content(tmp_path)
    again = kept.words.features([{"YEAR": 1980.0}, {"YEAR": 1900}, {"YEAR": None}, {}]).matrix().toarray()
    np.testing.assert_allclose(again[0], matrix[30], rtol=1e-6)
    np.testing.assert_allclose(again[1], matrix[0], rtol=1e-6)  # before all: as the first ones
    assert not again[2:].any()
