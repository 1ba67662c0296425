from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from personalize_local.store.events import StreamedEvent
from personalize_local.store.workspace import Workspace

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset/news/INTERACTIONS"
OTHER = "arn:aws:personalize:us-east-1:123456789012:dataset/other/INTERACTIONS"


def event(item_id: str, event_id: str | None = None) -> StreamedEvent:
    return StreamedEvent("s", "click", 5, user_id="u", item_id=item_id, event_id=event_id)


def test_events_come_back_as_they_were_sent(workspace: Workspace) -> None:
    full = StreamedEvent(
        session_id="s",
        event_type="click",
        sent_at_epoch_s=7,
        user_id="u",
        item_id="i",
        event_value=1.5,
        event_id="e",
        recommendation_id="RID-1",
        impression=("i", "j"),
        properties={"DEVICE": "tv", "DEPTH": 2},
    )
    workspace.events.append(ARN, [full, StreamedEvent("s", "click", 8)])
    first, second = workspace.events.scan(ARN)
    assert first == StreamedEvent(**{**vars(full), "seq": first.seq})
    assert (second.user_id, second.item_id, second.event_value, second.impression) == (None, None, None, ())


def test_an_event_id_counts_once_per_dataset(workspace: Workspace) -> None:
    workspace.events.append(ARN, [event("a", "same"), event("b", "same"), event("c"), event("d")])
    workspace.events.append(ARN, [event("e", "same")])
    workspace.events.append(OTHER, [event("f", "same")])
    assert [each.item_id for each in workspace.events.scan(ARN)] == ["a", "c", "d"]
    assert [each.item_id for each in workspace.events.scan(OTHER)] == ["f"]


def test_a_scan_goes_on_where_the_last_one_ended(workspace: Workspace) -> None:
    workspace.events.append(ARN, [event("a")])
    (first,) = workspace.events.scan(ARN)
    workspace.events.append(ARN, [event("b")])
    assert [each.item_id for each in workspace.events.scan(ARN, first.seq)] == ["b"]


def test_listeners_hear_of_events_that_are_there(workspace: Workspace) -> None:
    heard: list[tuple[str, int]] = []
    workspace.events.subscribe(lambda arn: heard.append((arn, len(workspace.events.scan(arn)))))
    workspace.events.append(ARN, [event("a"), event("b")])
    assert heard == [(ARN, 2)]


def _waiting(workspace: Workspace) -> int:
    batch = workspace.events._open
    return 0 if batch is None else len(batch.rows)


def test_calls_that_come_together_share_a_commit(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a first call whose commit takes as long as it takes the others to line up
    commits = 0
    transaction = workspace.database.transaction

    @contextmanager
    def slow_transaction() -> Iterator[sqlite3.Connection]:
        nonlocal commits
        commits += 1
        deadline = time.monotonic() + 30
        while commits == 1 and _waiting(workspace) < 15 and time.monotonic() < deadline:
            time.sleep(0.001)
        with transaction() as connection:
            yield connection

    monkeypatch.setattr(workspace.database, "transaction", slow_transaction)

    # WHEN sixteen come together, and each looks for its own event when it is told that it is stored
    def send(number: int) -> bool:
        workspace.events.append(ARN, [event(f"i{number}")])
        return f"i{number}" in [each.item_id for each in workspace.events.scan(ARN)]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(send, range(16)))

    # THEN two commits have stored all, and nobody was told before
    assert found == [True] * 16
    assert commits == 2


def test_a_commit_that_fails_is_everybodys_error_and_nobody_elses(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full_disk() -> Iterator[sqlite3.Connection]:
        raise sqlite3.OperationalError("database or disk is full")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(workspace.database, "transaction", full_disk)
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            workspace.events.append(ARN, [event("a")])
    workspace.events.append(ARN, [event("b")])
    assert [each.item_id for each in workspace.events.scan(ARN)] == ["b"]


def test_put_records_replace_each_other(workspace: Workspace) -> None:
    heard: list[str] = []
    workspace.records.subscribe(heard.append)
    workspace.records.put(ARN, [("a", {"X": 1, "Y": 2}), ("b", {"X": 3})])
    workspace.records.put(ARN, [("a", {"X": 4}), ("a", {"X": 5})])
    assert [(record.record_id, record.columns) for record in workspace.records.scan(ARN)] == [
        ("b", {"X": 3}),
        ("a", {"X": 5}),
    ]
    assert heard == [ARN, ARN]


def test_the_order_of_puts_never_starts_again(workspace: Workspace) -> None:
    workspace.records.put(ARN, [("a", {})])
    before = workspace.records.last_seq()
    with workspace.database.transaction() as connection:
        workspace.records.remove(connection, ARN)
    workspace.records.put(ARN, [("a", {})])
    assert workspace.records.last_seq() > before
