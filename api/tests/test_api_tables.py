"""BatchGetItem: hundreds of keys, keys left unprocessed, and giving up."""

from random import Random

import pytest
from botocore.exceptions import ClientError
from recommendations.attribute_values import plain_row, plain_value
from recommendations.deadline import Deadline
from recommendations.tables import BACK_OFF_S, TableReader, batches
from recommendations_fakes import FakeDynamo, client_error


def reader(dynamodb: FakeDynamo, waits_s: list[float]) -> TableReader:
    return TableReader(dynamodb, "articles", "ContentId", ["Title"], sleep=waits_s.append, random=Random(1))


IN_TIME = Deadline(10.0, lambda: 0.0)


def test_rows_by_id_with_the_asked_columns_only(dynamodb: FakeDynamo):
    rows, unread = reader(dynamodb, []).read(["A-2", "A-1", "A-2", "unknown"], IN_TIME)
    assert unread == frozenset()
    assert rows == {number: {"ContentId": number, "Title": f"Title {number[2:]}"} for number in ("A-1", "A-2")}


def test_a_hundred_keys_a_call():
    assert [len(part) for part in batches([f"A-{number}" for number in range(250)])] == [100, 100, 50]
    assert batches([]) == []


def test_unprocessed_keys_are_asked_again_after_a_growing_wait(dynamodb: FakeDynamo):
    dynamodb.unprocessed["articles"] = [6, 3, 1]
    waits_s: list[float] = []
    rows, unread = reader(dynamodb, waits_s).read([f"A-{number}" for number in range(10)], IN_TIME)
    assert (len(rows), unread) == (10, frozenset())
    assert [len(call["articles"]["Keys"]) for call in dynamodb.calls] == [10, 6, 3, 1]
    assert all(0 <= wait_s <= most_s for wait_s, most_s in zip(waits_s, BACK_OFF_S, strict=False))
    assert len(waits_s) == 3


def test_keys_that_stay_unprocessed_are_named(dynamodb: FakeDynamo):
    dynamodb.unprocessed["articles"] = [1] * 10
    waits_s: list[float] = []
    rows, unread = reader(dynamodb, waits_s).read(["A-1", "A-2"], IN_TIME)
    assert (list(rows), unread) == (["A-1"], {"A-2"})
    assert (len(dynamodb.calls), len(waits_s)) == (5, 4)


def test_an_error_is_the_callers_to_judge(dynamodb: FakeDynamo):
    dynamodb.errors["articles"] = client_error("ProvisionedThroughputExceededException", "BatchGetItem")
    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        reader(dynamodb, []).read(["A-1"], IN_TIME)


def test_no_wait_goes_past_the_deadline(dynamodb: FakeDynamo):
    dynamodb.unprocessed["articles"] = [1] * 10
    waits_s: list[float] = []
    _, unread = reader(dynamodb, waits_s).read(["A-1"], Deadline(0.05, lambda: 0.0))
    assert (unread, len(waits_s)) == ({"A-1"}, 2)


def test_values_are_plain():
    value = {"M": {"a": {"L": [{"N": "1"}, {"N": "1.5"}, {"N": "4E+2"}, {"BOOL": False}, {"NULL": True}]}}}
    assert plain_value(value) == {"a": [1, 1.5, 400, False, None]}
    sets = {"s": {"SS": ["b", "a"]}, "n": {"NS": ["2", "1.5"]}, "b": {"B": b"x"}}
    assert plain_row(sets) == {"s": ["a", "b"], "n": [1.5, 2], "b": b"x"}
