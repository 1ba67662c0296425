"""Divisions of data: nothing that is asked for can be learnt, whatever the data."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_local.evaluation.data import data_from_arrays, with_context, with_enough_events, without_duplicates
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.evaluate import Settings, make_splits
from personalize_local.evaluation.protocols import Protocol
from personalize_local.evaluation.scoring import exists_from
from personalize_local.evaluation.split import limited, without_seen
from personalize_local.store.tables import MetadataTable

EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 40)), min_size=12, max_size=60
)  # user, item, time
PROTOCOLS = (
    Protocol("leave-one-out"),
    Protocol("temporal", test_share=0.3),
    Protocol("temporal", test_share=0.3, targets="next", windows=2),
    Protocol("personalize"),
    Protocol("new-items", test_share=0.3),
)


def data_of(events):
    users, items, times = zip(*events, strict=True)
    return data_from_arrays("drawn", users, items, np.array(times) * 86_400)


def splits_of(events, protocol):
    try:
        return protocol.splits(data_of(events), 2)
    except EvaluationError:
        return []  # too little data for this division, which says so


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: f"{each.name}-{each.targets}")
@settings(max_examples=40, deadline=None)
@given(events=EVENTS)
def test_no_split_leaks(protocol, events):
    """What a question asks for is not among its history, nor among the training of its user, by count."""
    for split in splits_of(events, protocol):
        training = split.training
        learnt = set(zip(training.user_row, training.item_row, training.timestamp_epoch_s, strict=True))
        for place in range(len(split.questions)):
            query, user = split.query(place), split.questions.user_row[place]
            assert len(query.history_rows) >= 1
            assert (np.diff(query.history_epoch_s) >= 0).all()
            assert query.history_epoch_s[-1] <= query.now_epoch_s
            if protocol.name == "personalize":
                assert user not in training.user_row
            if protocol.name == "new-items":
                assert not np.isin(split.questions.relevant(place), split.item_row[training.item_row]).any()
            if protocol.name == "temporal":
                assert training.timestamp_epoch_s.max() < query.now_epoch_s or protocol.targets == "period"
        if protocol.name == "temporal":
            first_asked = min(split.questions.now_epoch_s, default=np.inf)
            assert all(time < first_asked for _, _, time in learnt)


@settings(max_examples=40, deadline=None)
@given(events=EVENTS)
def test_leave_one_out_takes_each_users_last_event(events):
    data = data_of(events)
    (split,) = Protocol().splits(data, 1)
    assert len(split.training) + len(split.questions) == len(data.interactions)
    ids = data.item_ids()
    for place, user in enumerate(split.questions.user_row):
        mine = [each for each in events if str(each[0]) == data.interactions.user_ids[user]]
        last = max(enumerate(mine), key=lambda entry: (entry[1][2], entry[0]))[1]  # of equal times, the later row
        assert [str(last[1])] == list(ids[split.questions.relevant(place)])
        assert len(split.query(place).history_rows) == len(mine) - 1


def test_windows_follow_each_other_and_learn_more_each_time(chain):
    splits = Protocol("temporal", test_days=6, targets="next", windows=3).splits(chain, 1)
    assert [split.protocol for split in splits] == ["temporal"] * 3
    lengths = [len(split.training) for split in splits]
    assert lengths == sorted(lengths)
    for split, following in pairwise(splits):
        assert split.questions.now_epoch_s.max() <= following.training.timestamp_epoch_s.max()


def test_a_window_in_which_nobody_did_anything_is_left_out():
    data = data_from_arrays("gap", "aabb" * 2, "wxyzyzwx", [0, 1, 0, 1, 90, 91, 99, 99])
    protocol = Protocol("temporal", test_days=10 / 86_400, targets="next", windows=3)
    assert [len(split.questions) for split in protocol.splits(data, 1)] == [2, 0, 2]
    assert len(make_splits(data, Settings(protocol))) == 2


def test_personalize_holds_out_a_tenth_of_the_users_and_of_their_events(chain):
    first, second = Protocol("personalize").splits(chain, 2)
    assert len(first.questions) == 12
    assert set(first.questions.user_row) != set(second.questions.user_row)
    assert len(first.query(0).history_rows) == 22  # nine tenths of 25, rounded down


def test_seen_items_are_no_questions():
    data = data_from_arrays("again", "aaabbb", "xyxxyz", [1, 2, 3, 1, 2, 3])
    (split,) = Protocol().splits(data, 1)
    left = without_seen(split)
    assert len(left.questions) == 1
    assert left.left_out == 1


def test_at_most_so_many_questions_are_asked_the_same_each_time(chain):
    (split,) = Protocol().splits(chain, 1)
    some, again = limited(split, 10), limited(split, 10)
    assert len(some.questions) == 10
    assert "10 of 120 questions" in some.description
    np.testing.assert_array_equal(some.questions.user_row, again.questions.user_row)


def test_items_do_not_compete_before_they_exist(described):
    created = np.full(len(described.items), 5e9)
    columns = {**described.items.columns, "CREATION_TIMESTAMP": created}
    table = type(described.items)(described.items.ids, columns)
    data = type(described)(**(vars(described) | {"items": table}))
    (split,) = Protocol().splits(data, 1)
    appeared = exists_from(data, split)
    assert appeared[-1] == 5e9
    assert appeared[0] == data.interactions.timestamp_epoch_s[data.interactions.item_row == 0].min()


def test_a_question_knows_the_situation_of_the_event_it_asks_for(chain):
    device = np.array([("phone", "desk")[row % 2] for row in range(len(chain.interactions))], dtype=object)
    table = replace(chain.interactions, columns={"DEVICE": device})
    (split,) = Protocol().splits(with_context(replace(chain, interactions=table), ["device"]), 1)
    assert split.query(0).context == {"DEVICE": device[24]}
    assert limited(split, 5).query(0).context["DEVICE"] in ("phone", "desk")
    with pytest.raises(EvaluationError, match="no column of context colour; columns of strings: DEVICE"):
        with_context(replace(chain, interactions=table), ["colour"])


def test_a_question_knows_its_users_record(chain):
    columns = {"AGE": np.array([30.0, 4.0]), "SEX": np.array([None, "f"], dtype=object)}
    users = MetadataTable(np.array(["u001", "zz"], dtype=object), columns)
    (split,) = make_splits(replace(chain, users=users), Settings(filter_seen=False))
    of_user = {int(user): split.query(place).user for place, user in enumerate(split.questions.user_row)}
    assert of_user[1] == {"AGE": 30.0}
    assert of_user[2] == {}


def test_preparing_data():
    data = data_from_arrays("twice", "aaab", "xxyx", [1, 1, 2, 3], ["click", "watch", "click", "click"])
    assert len(without_duplicates(data).interactions) == 3
    many = with_enough_events(data, 2)
    assert list(many.interactions.user_ids) == ["a"]
    assert list(many.interactions.item_ids) == ["x"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Protocol("random"), "There is no protocol 'random': use one of leave-one-out, temporal"),
        (lambda: Protocol(targets="all"), "There are no targets 'all': use one of period, next"),
        (lambda: Protocol(test_share=1.5), "The share of the test is 1.5: use a number between 0 and 1"),
        (lambda: Protocol(test_days=0), "more than 0 days"),
        (lambda: Settings(cuts=()), "at least 1: --at 10"),
        (lambda: Settings(seeds=0), "--seeds 1"),
        (lambda: data_from_arrays("x", "ab", "a", [1, 2]), "one length above 0; they have [1, 2]"),
    ],
)
def test_wrong_choices_say_what_to_use(make, message):
    with pytest.raises(EvaluationError) as caught:
        make()
    assert message in str(caught.value)


def test_a_test_longer_than_the_data_is_refused(chain):
    with pytest.raises(EvaluationError, match="covers all of the data: test on fewer days"):
        make_splits(chain, Settings(Protocol("temporal", test_days=10_000)))


def test_nothing_left_to_ask_is_refused():
    data = data_from_arrays("again", "aa", "xx", [1, 2])
    with pytest.raises(EvaluationError, match="Nothing is left to ask"):
        make_splits(data, Settings())
