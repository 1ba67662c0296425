"""What texts mean as features of items: no column is negative, rows have length 1, and records are described alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from personalize_local.models.item_words import ItemWords
from personalize_local.models.text_meaning import KEPT, SHARE, TextMeaning, fit_text_meaning, text_of

AXES = {"goal": 0, "keeper": 0, "tax": 1, "budget": 1}


class Senses:
    """An embedder that knows four words of two meanings, and nothing of others."""

    name, width = "senses", 2

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        found = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                if word in AXES:
                    found[row, AXES[word]] += 3.0
        return found


TEXTS = ("goal", "tax", "", "keeper goal", "budget", "unheard")


@pytest.fixture
def meaning() -> TextMeaning:
    return fit_text_meaning(Senses(), TEXTS)


def test_features_are_not_negative_and_of_length_one(meaning: TextMeaning) -> None:
    features = meaning.features(TEXTS).toarray()
    assert features.shape == (6, meaning.column_count) == (6, 4)
    assert features.min() >= 0
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), [1, 1, 0, 1, 1, 0], atol=1e-6)


def test_words_of_one_meaning_are_alike_and_of_another_are_not(meaning: TextMeaning) -> None:
    likeness = meaning.features(["goal", "keeper", "budget"]).toarray()
    np.testing.assert_allclose(likeness @ likeness[0], [1.0, 1.0, 0.0], atol=1e-6)


def test_the_centre_is_the_mean_of_texts_that_say_something(meaning: TextMeaning) -> None:
    np.testing.assert_allclose(meaning.centre, [0.5, 0.5])
    assert fit_text_meaning(Senses(), ("", "unheard")).centre.tolist() == [0.0, 0.0]


def test_no_texts_are_no_rows(meaning: TextMeaning) -> None:
    assert meaning.features([]).shape == (0, 4)


def test_a_text_has_its_strongest_columns_only() -> None:
    class Wide(Senses):
        width = 4 * KEPT

        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.tile(np.arange(self.width, dtype=np.float32), (len(texts), 1))

    features = TextMeaning(Wide(), np.zeros(Wide.width, np.float32)).features(["any"])
    assert features.nnz == KEPT
    assert features.indices.min() == Wide.width - KEPT


def test_a_record_is_described_by_words_and_meaning(meaning: TextMeaning) -> None:
    """A word that training never saw still says what it means; the record's length stays 1."""
    words = ItemWords(("goal", "tax"), np.ones(2, np.float32), (), ("TEXT",), meaning=meaning)
    assert words.column_count == 6
    rows = words.features([{"TEXT": "goal"}, {"TEXT": "keeper"}, {"TEXT": None}]).matrix().toarray()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 1, 0], atol=1e-6)
    assert rows[0] @ rows[1] == pytest.approx(np.sqrt(SHARE), abs=1e-6)
    assert rows[0, 0] == pytest.approx(np.sqrt(1 - SHARE), abs=1e-6)


def test_texts_of_several_columns_are_one() -> None:
    record = {"TITLE": " Late goal ", "BODY": "The keeper fell.", "AGE": 3.0, "NOTE": None}
    assert text_of(record, ("TITLE", "BODY", "AGE", "NOTE", "NONE")) == "Late goal The keeper fell."
    assert text_of(record, ()) == ""
