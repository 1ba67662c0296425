"""The serving half of the sequence layer, on numbers made up here: no training, no JAX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from personalize_local.models.content import ItemContent
from personalize_local.models.query import Query
from personalize_local.models.reader_words import reader_words
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.storage import load_model, save_model
from tests.sequence_models import RECORDS, sequence_model


@pytest.fixture
def model() -> SequenceModel:
    """Twenty items, the last two unknown."""
    return sequence_model()


def _query(rows: list[int], **more: object) -> Query:
    return Query(np.array(rows, np.int32), np.arange(len(rows)), **more)  # type: ignore[arg-type]


def test_readers_together_as_one_by_one(model: SequenceModel) -> None:
    """Histories of all lengths, with types of events, records and contexts, in one block."""
    codes = np.array([0, 1, -1] * 6, np.int16)
    queries = [_query([]), _query([3]), _query(list(range(18)) * 3), _query([5, 5])]
    queries += [_query(list(range(18)), history_event=codes, user=RECORDS[0], context={"DEVICE": "desk"})]
    queries += [_query(list(range(place)), user=RECORDS[place % 5]) for place in range(1, 18)]
    together = model.block_log_scores(queries)
    one_by_one = np.stack([model.log_scores(query) for query in queries])
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, one_by_one, atol=2e-5)
    np.testing.assert_allclose(model.block_scores(queries), np.exp(one_by_one), rtol=1e-4)


def test_likelihoods_sum_to_one(model: SequenceModel) -> None:
    """For strangers, short and long histories; unknown items are as unlikely as the least likely known one."""
    for rows in ([], [3], list(range(18)) * 3):
        likely = model.scores(_query(rows))
        assert likely.dtype == np.float32
        assert abs(likely.sum() - 1.0) < 1e-5
        assert likely[-1] == likely[:-2].min()


def test_only_the_window_counts(model: SequenceModel) -> None:
    """Events before the window change nothing; the oldest within it does."""
    recent = [5, 1, 7, 2, 9, 3, 4, 8, 6, 0]
    np.testing.assert_array_equal(model.encode(_query([11, 12, *recent])), model.encode(_query(recent)))
    assert not np.allclose(model.encode(_query([17, *recent[1:]])), model.encode(_query(recent)))


def test_situation_counts_where_it_is_known(model: SequenceModel) -> None:
    """Types of events, context and records change the answer; unknown ones are as if they were not there."""
    plain = model.encode(_query([1, 2]))
    for known in (
        {"history_event": np.array([0, 1])},
        {"context": {"Device": "phone"}},
        {"user": {"CITY": "Rome"}},
        {"user": {"AGE": 31.0}},
    ):
        assert not np.allclose(model.encode(_query([1, 2], **known)), plain)
    for unknown in (
        {"history_event": np.array([-1, -1])},
        {"context": {"DEVICE": "watch", "HOUR": "3"}},
        {"user": {"CITY": "Paris", "HEIGHT": 3}},
    ):
        np.testing.assert_array_equal(model.encode(_query([1, 2], **unknown)), plain)


def test_words_of_few_users_are_not_learnt() -> None:
    """Five users share Rome and Bern; Oslo is one user's. Numbers fall into eight ranges."""
    words = reader_words(RECORDS * 5)
    assert {"CITY=Rome", "CITY=Bern", "CITY=Oslo"} < set(words.words)
    assert "CITY=Oslo" not in reader_words(RECORDS).words
    assert [words.words[code][:4] for code in words.codes({"AGE": 31.0})] == ["AGE#"]


def test_kept_and_read_back(model: SequenceModel, tmp_path: Path) -> None:
    """A model read from its folder answers as before; nothing is pickled."""
    save_model(tmp_path, model)
    query = _query([1, 2], context={"DEVICE": "desk"}, user={"CITY": "Bern", "AGE": 33})
    np.testing.assert_array_equal(load_model(tmp_path).log_scores(query), model.log_scores(query))
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npy"}


def test_new_items_score_by_their_content(
    model: SequenceModel, content_of: Callable[[np.ndarray], ItemContent]
) -> None:
    """Elsewhere, old items keep their vectors, described new ones get theirs from words, others are unknown."""
    content = content_of(np.array([0, 1, 2, -1]))
    moved = model.with_catalogue(np.array([4, -1, -1, -1]), content.features)
    np.testing.assert_array_equal(moved.vectors[0], model.vectors[4])
    np.testing.assert_allclose(moved.vectors[1:3], model.word_vectors[1:3], rtol=1e-6)  # type: ignore[index]
    assert moved.known.tolist() == [True, True, True, False]
    assert moved.trained.tolist() == [True, False, False, False]
    assert moved.scores(_query([0])).shape == (4,)
