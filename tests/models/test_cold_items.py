"""Items that nobody touched yet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from personalize_local.models.cold_items import find_cold_items
from personalize_local.models.content import ItemContent, nearest
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.item_similarity import fit_item_similarity
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of


def test_cold_items_borrow_from_items_of_like_content(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    counts = np.array([9, 9, 9, 2, 0, 0], dtype=np.float32)
    cold = find_cold_items(content_of(np.array([0, 0, 1, 1, 0, -1])), counts, counts)
    assert cold is not None
    assert cold.rows.tolist() == [3, 4]  # the last one has no content to go by
    values = np.array([1.0, 3.0, 8.0, 4.0, -5.0, -5.0], dtype=np.float32)
    cold.borrow(values)
    np.testing.assert_allclose(values, [1.0, 3.0, 8.0, 6.0, 2.0, -5.0])  # 3 keeps half: it has 2 events of its own


def test_without_warm_items_nothing_is_borrowed(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    counts = np.zeros(3, dtype=np.float32)
    assert find_cold_items(content_of(np.array([0, 0, 1])), counts, counts) is None


def test_nearest_is_never_the_item_itself(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    content = content_of(np.array([0, 0, 1, 0]))
    everything = np.arange(4)
    found, cosine = nearest(content.features, everything, everything, np.array([0.0, 0.1, 0.2, 0.3]), 2)
    assert found[0].tolist() == [3, 1]  # alike both, the preferred first
    assert cosine[0].tolist() == [1.0, 1.0]
    assert all(item not in row for item, row in zip(everything, found, strict=True))


def test_a_new_article_goes_to_readers_of_its_section(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    """GIVEN readers of one of two sections, and a new article in each THEN readers get that of theirs first."""
    rng = np.random.default_rng(8)
    section = np.repeat(np.arange(120) % 2, 10)
    rows = section * 20 + rng.integers(0, 20, len(section))
    data = sequences_of(np.repeat(np.arange(120), 10), rows, np.arange(len(rows)) * 1000, 42)
    content = content_of(np.concatenate([np.repeat([0, 1], 20), [0, 1]]))
    settings = EnsembleSettings(regularisation=10.0)
    model = Ensemble(settings, 1, lambda text, fraction: None).fit(data, content)
    for user in range(10):
        here = data.of(user)
        scores = model.scores(Query(data.item_row[here], data.epoch_s[here]))
        assert (scores[40] > scores[41]) == (user % 2 == 0)


def test_similar_items_of_a_new_one_are_described_alike(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    rng = np.random.default_rng(9)
    rows = rng.integers(0, 20, 400)
    data = sequences_of(np.repeat(np.arange(40), 10), rows, np.arange(400) * 1000, 21)
    content = content_of(np.concatenate([np.arange(20) % 4, [2]]))
    scores = fit_item_similarity(data, content).scores(Query(item_row=20))
    assert set(np.argsort(-scores, kind="stable")[:5] % 4) == {2}
