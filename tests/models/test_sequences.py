"""Cutting sequences, pairs within a window, sparse rows, trends."""

from __future__ import annotations

import itertools

import numpy as np
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.head import head_of, place_in_head
from personalize_local.models.pairs import pairs_by_gap
from personalize_local.models.popularity import fit_popularity, recent_counts
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.models.trending import fit_trending


def of_lists(histories: list[list[int]]) -> Sequences:
    users = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    rows = np.array(list(itertools.chain(*histories)), dtype=np.int32)
    return sequences_of(users, rows, np.arange(len(rows)), 10, len(histories))


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=6), st.integers(1, 5))
def test_pairs_are_all_pairs_within_the_window(histories: list[list[int]], window: int) -> None:
    data = of_lists(histories)
    found = [
        (int(earlier), int(later), gap)
        for gap, *places in pairs_by_gap(data, window)
        for earlier, later in zip(*places, strict=True)
    ]
    user = data.user_of_event()
    expected = {
        (earlier, later, later - earlier)
        for earlier, later in itertools.combinations(range(len(user)), 2)
        if user[earlier] == user[later] and later - earlier <= window
    }
    assert len(found) == len(expected)
    assert set(found) == expected


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=6), st.integers(1, 12))
def test_blocks_hold_every_user_once(histories: list[list[int]], size: int) -> None:
    blocks = list(of_lists(histories).blocks(size))
    found = [block.item_row[block.of(user)].tolist() for block in blocks for user in range(block.user_count)]
    assert found == histories
    assert all(len(block.item_row) <= size or block.user_count == 1 for block in blocks)


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=6), st.data())
def test_taking_events_keeps_users_and_order(histories: list[list[int]], data: st.DataObject) -> None:
    sequences = of_lists(histories)
    mask = np.array([data.draw(st.booleans()) for _ in sequences.item_row], dtype=bool)
    taken = sequences.take_events(mask)
    for user in range(len(histories)):
        here = sequences.of(user)
        assert taken.item_row[taken.of(user)].tolist() == sequences.item_row[here][mask[here]].tolist()


def test_newest_and_heads() -> None:
    data = of_lists([[1, 2, 3], [4, 5]])
    assert data.newest(3).item_row.tolist() == [3, 4, 5]
    assert data.heads(np.array([2, 0])).item_row.tolist() == [1, 2]
    assert data.take_users(np.array([False, True])).item_row.tolist() == [4, 5]


def test_sparse_rows_keep_the_strongest_of_each_row() -> None:
    matrix = scipy.sparse.csr_matrix(np.array([[3.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 0.0]]))
    rows = sparse_rows(matrix, 2)
    assert rows.matrix().toarray().tolist() == [[3.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 0.0]]
    combined = rows.combine(np.array([0, 1, 0]), np.array([1.0, 2.0, 0.5], np.float32))
    assert combined.tolist() == [4.5, 0.0, 3.0, 10.0]
    assert rows.dot(np.array([1.0, 1.0, 1.0, 2.0])).tolist() == [5.0, 10.0, 0.0]


def test_the_head_is_the_most_frequent() -> None:
    head = head_of(np.array([5.0, 9.0, 5.0, 1.0, 7.0]), min_count=5.0, cap=3)
    assert head.tolist() == [0, 1, 4]
    assert place_in_head(head, 5).tolist() == [0, 1, -1, -1, 2]


def test_popularity_counts_people_not_events() -> None:
    data = of_lists([[1, 1, 1, 1], [2], [2], [3], [3, 3]])
    assert np.argsort(-fit_popularity(data).popularity)[:3].tolist() == [3, 2, 1]


def test_recent_counts_halve() -> None:
    data = sequences_of(np.zeros(3, int), np.array([0, 1, 2]), np.array([0, 100, 200]), 3)
    np.testing.assert_allclose(recent_counts(data, 100.0), [0.25, 0.5, 1.0])


def test_what_grows_is_trending() -> None:
    """GIVEN one item with steady interest and one that begins THEN the new one leads."""
    steady = np.arange(0, 48 * 3600, 600)
    burst = np.arange(46 * 3600, 48 * 3600, 400)
    old = np.arange(0, 24 * 3600, 100)
    epoch_s = np.concatenate([steady, burst, old])
    rows = np.repeat([0, 1, 2], [len(steady), len(burst), len(old)])
    order = np.argsort(epoch_s, kind="stable")
    data = sequences_of(np.arange(len(rows)), rows[order], epoch_s[order], 4)
    growth = fit_trending(data, interval_s=7200.0).growth
    assert np.argsort(-growth, kind="stable")[0] == 1
    assert growth[0] > growth[2]


def test_without_news_trending_is_popularity() -> None:
    data = sequences_of(np.arange(6), np.array([2, 2, 2, 1, 1, 0]), np.zeros(6, int), 3)
    growth = fit_trending(data, interval_s=3600.0, now_epoch_s=365 * 86_400).growth
    assert np.argsort(-growth, kind="stable").tolist() == [2, 1, 0]
