"""The text embedder of the extra "text": what it finds alike, how it is chosen, and what it does for new items."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.artifact import load_artifact
from personalize_local.training.item_content import item_content
from personalize_local.training.text_embedder import (
    CHOICES,
    NONE,
    WORDLLAMA,
    UnknownEmbedderError,
    check_embedder,
    text_embedder,
)
from personalize_local.training.train import train_solution_version
from personalize_local.training.training_request import TrainingRequest

SPORT = ("striker scores late goal", "keeper saves penalty", "coach praises midfielder", "league table after derby")
MONEY = ("bank raises interest", "inflation hits shares", "investor sells bonds", "deficit and mortgage grow")


def test_texts_of_one_meaning_are_nearer_whatever_their_words() -> None:
    embedder = text_embedder(WORDLLAMA)
    assert embedder is not None
    vectors = embedder.embed([*SPORT, *MONEY])
    assert vectors.shape == (8, embedder.width)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, np.nan)
    within = np.nanmean([likeness[:4, :4], likeness[4:, 4:]])
    assert within > 2 * likeness[:4, 4:].mean()


def test_the_same_text_has_the_same_vector_beside_any_other() -> None:
    embedder = text_embedder(WORDLLAMA)
    assert embedder is not None
    long = " ".join([*SPORT, *MONEY] * 20)
    np.testing.assert_allclose(embedder.embed([long, SPORT[0]])[1], embedder.embed([SPORT[0]])[0], atol=1e-6)


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    embedder = type(text_embedder(WORDLLAMA))()
    assert embedder.embed(["goal"]).any()


def test_none_is_no_embedder() -> None:
    assert text_embedder(NONE) is None
    assert [check_embedder(name) for name in CHOICES] == list(CHOICES)


def test_an_unknown_one_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownEmbedderError, match="no text embedder 'bert': choose none or wordllama"):
        text_embedder("bert")


def test_one_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalize_local.training.text_embedder.find_spec", lambda name: None)
    with pytest.raises(UnknownEmbedderError, match=r"its extra, personalize-local\[text\]"):
        check_embedder(WORDLLAMA)


def described(table: InteractionTable) -> MetadataTable:
    """Describe the even items by sport, the odd ones by money."""
    texts = [(SPORT, MONEY)[row % 2][row // 2 % 4] for row in range(len(table.item_ids))]
    return MetadataTable(table.item_ids, {"TEXT": np.array(texts, dtype=object)})


def test_a_trained_version_describes_later_items_by_what_they_mean(
    tmp_path: Path, interactions: InteractionTable
) -> None:
    """WHEN an item comes whose words nobody used THEN it is like those of its meaning, after the version is read."""
    request = TrainingRequest("aws-user-personalization", textual_columns=("TEXT",), sequence_layer="never")
    items = described(interactions)
    for name in CHOICES:
        told = replace(request, text_embedder=name)
        train_solution_version(told, interactions, items, tmp_path / name, lambda text, done: None)
    likeness = {}
    for name in CHOICES:
        content = load_artifact(tmp_path / name).content
        assert content is not None and content.words is not None
        new = content.words.features([{"TEXT": "football referee booed"}]).matrix()
        likeness[name] = (content.features.matrix() @ new.T).toarray().ravel()
    assert likeness[NONE].max() == 0
    assert likeness[WORDLLAMA][::2].mean() > 2 * likeness[WORDLLAMA][1::2].mean()


def test_what_is_read_back_describes_as_what_was_kept(tmp_path: Path, interactions: InteractionTable) -> None:
    request = TrainingRequest(
        "aws-user-personalization", textual_columns=("TEXT",), sequence_layer="never", text_embedder=WORDLLAMA
    )
    items = described(interactions)
    train_solution_version(request, interactions, items, tmp_path, lambda text, done: None)
    kept = item_content(items, interactions.item_ids, (), ("TEXT",), embedder=text_embedder(WORDLLAMA))
    content = load_artifact(tmp_path).content
    assert content is not None and content.words is not None
    np.testing.assert_array_equal(content.features.matrix().toarray(), kept.features.matrix().toarray())
    again = content.words.features([{"TEXT": text} for text in items.columns["TEXT"]])
    np.testing.assert_allclose(again.matrix().toarray(), kept.features.matrix().toarray(), atol=1e-5)
