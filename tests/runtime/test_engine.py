from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.events.put_events import put_events
from personalize_local.models.popularity import Popularity
from personalize_local.models.query import Query
from personalize_local.runtime import engine as engine_module
from personalize_local.runtime import group_slot
from personalize_local.runtime.engine import Engine
from personalize_local.training.artifact import save_artifact
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_bulk_data_is_read_once_per_change(newsroom: Any) -> None:
    first = newsroom.engine.group_data(newsroom.group_arn)
    assert newsroom.engine.group_data(newsroom.group_arn) is first
    newsroom.import_csv("USERS", "USER_ID,AGE,PLAN\ncid,40,\n")
    second = newsroom.engine.group_data(newsroom.group_arn)
    assert second is not first
    assert second.users.ids == ["cid"]


def test_reading_an_import_removes_what_it_replaced(newsroom: Any) -> None:
    newsroom.engine.group_data(newsroom.group_arn)
    newsroom.import_csv("USERS", "USER_ID,AGE,PLAN\ncid,40,\n")
    newsroom.engine.group_data(newsroom.group_arn)
    assert len(list((newsroom.workspace.root / "datasets").rglob("*.parquet"))) == 3


def test_a_new_engine_knows_what_was_streamed_before(newsroom: Any) -> None:
    # GIVEN events and items that another run of the server took
    put_event(newsroom, "ann", "i7")
    newsroom.workspace.records.put(newsroom.dataset_arn("ITEMS"), [("late", {"CATEGORY": "arts", "WORDS": 1})])

    # WHEN the server starts again
    data = Engine(newsroom.service).group_data(newsroom.group_arn)

    # THEN they are there
    history = data.histories.of("ann")
    assert [data.items.ids[row] for row in history.item_row] == ["i1", "i2", "i7"]
    assert data.items.column("category").text(data.items.row_of["late"]) == "arts"


def test_the_models_used_last_are_kept(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MODEL_LIMIT", 2)
    for name in ("a", "b", "c"):
        campaign_arn = newsroom.add_campaign(name=name)
        newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    data = newsroom.engine.group_data(newsroom.group_arn)
    assert [arn.split("/")[1] for arn, _ in data.models] == ["b-solution", "c-solution"]


def test_events_from_many_threads_all_count(newsroom: Any) -> None:
    # GIVEN readers whose events and requests come at the same time
    campaign_arn = newsroom.add_campaign()

    def read_on(reader: int) -> int:
        for place in range(10):
            put_event(newsroom, f"reader{reader}", f"i{place}", second=place)
            newsroom.recommend(campaign_arn=campaign_arn, user_id=f"reader{reader}", num_results=3)
        data = newsroom.engine.group_data(newsroom.group_arn)
        with data.lock:
            return len(data.histories.of(f"reader{reader}"))

    # WHEN eight of them read ten stories each
    with ThreadPoolExecutor(8) as threads:
        lengths = list(threads.map(read_on, range(8)))

    # THEN every history has every story
    assert lengths == [10] * 8


def test_a_group_with_interactions_only(newsroom: Any) -> None:
    # GIVEN a dataset group whose items and users are known from events alone
    for dataset_type in ("ITEMS", "USERS"):
        with newsroom.workspace.database.transaction() as connection:
            newsroom.workspace.resources.delete(connection, newsroom.dataset_arn(dataset_type))
            newsroom.workspace.datasets.remove(connection, newsroom.dataset_arn(dataset_type))
    campaign_arn = newsroom.add_campaign(config={"enable_metadata_with_recommendations": True})

    # WHEN it is asked
    ids = newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann")

    # THEN it answers, and says that it has no columns
    assert len(ids) == 10
    columns = {"ITEMS": ["CATEGORY"]}
    with pytest.raises(InvalidInputException, match="There is no Items dataset"):
        newsroom.recommend(campaign_arn=campaign_arn, user_id="ann", num_results=5, metadata_columns=columns)


def test_an_item_that_left_the_catalogue_is_still_the_models(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    newsroom.import_csv("ITEMS", "ITEM_ID,CATEGORY,WORDS,PRICE,CREATION_TIMESTAMP\ni1,news,1,1,1\n")
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > 0")
    request = {"campaign_arn": campaign_arn, "user_id": "ann"}
    assert len(newsroom.recommend(**request)) == 10
    assert newsroom.recommended_ids(**request, filter_arn=filter_arn) == ["i1"]


def test_artifacts_are_read_from_their_folder(newsroom: Any, make_model: Callable[[Path], None]) -> None:
    campaign_arn = newsroom.add_campaign("aws-popularity-count", config={})
    (folder,) = newsroom.models
    make_model(folder)
    newsroom.engine = Engine(newsroom.service)
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=2) == ["i5", "i3"]


def test_requests_go_on_with_the_old_data_while_the_new_is_read(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an import whose data takes long to read
    monkeypatch.setattr(group_slot, "REFRESH_WAIT_S", 0.01)
    campaign_arn = newsroom.add_campaign()
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    old = newsroom.engine.group_data(newsroom.group_arn)
    newsroom.import_csv("USERS", "USER_ID,AGE,PLAN\ncid,40,\n")
    go_on = hold_reading(newsroom, monkeypatch)

    # WHEN requests come meanwhile
    during = [newsroom.engine.group_data(newsroom.group_arn) for _ in range(3)]
    answers = newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=3)
    go_on.set()

    # THEN they stand on the old data, and later ones on the new, with its model tied to it
    assert all(data is old for data in during)
    assert len(answers) == 3
    new = wait_for_other(newsroom, old)
    assert new.users.ids == ["cid"]
    assert list(new.models) == list(old.models)


def test_one_group_is_read_while_another_answers(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a group that is being read for the first time
    other_arn = newsroom.add_group("other")
    newsroom.engine.group_data(newsroom.group_arn)
    go_on = hold_reading(newsroom, monkeypatch)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(newsroom.engine.group_data, other_arn)

        # WHEN another group is asked
        data = newsroom.engine.group_data(newsroom.group_arn)

        # THEN it answers at once
        assert data.users.ids == ["ann", "bob"]
        assert not waiting.done()
        go_on.set()
        assert waiting.result().users.ids == []


def test_data_that_cannot_be_read_again_leaves_the_old_in_place(
    newsroom: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = newsroom.engine.group_data(newsroom.group_arn)
    newsroom.import_csv("USERS", "USER_ID,AGE,PLAN\ncid,40,\n")
    with monkeypatch.context() as patch:
        patch.setattr(newsroom.workspace.datasets, "read_users", fail)
        assert newsroom.engine.group_data(newsroom.group_arn) is old
    assert "could not be read again" in caplog.text
    assert newsroom.engine.group_data(newsroom.group_arn).users.ids == ["cid"]


def test_a_first_reading_that_fails_says_so_and_is_tried_again(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(newsroom.workspace.datasets, "read_users", fail)
        with pytest.raises(OSError, match="no such disk"):
            newsroom.engine.group_data(newsroom.group_arn)
    assert newsroom.engine.group_data(newsroom.group_arn).users.ids == ["ann", "bob"]


def test_what_is_deleted_is_let_go(newsroom: Any) -> None:
    # GIVEN a group's data and a model in memory
    newsroom.recommend(campaign_arn=newsroom.add_campaign(), user_id="ann")
    data = weakref.ref(newsroom.engine.group_data(newsroom.group_arn))
    ((version_arn, _),) = data().models

    # WHEN the solution version is deleted, and then the group
    delete(newsroom, version_arn)
    assert list(data().models) == []
    delete(newsroom, newsroom.group_arn)

    # THEN nothing keeps the data
    gc.collect()
    assert data() is None


@pytest.fixture
def make_model() -> Callable[[Path], None]:
    """Write a real model into a folder: i5 is the most popular item, then i3."""

    def make(folder: Path) -> None:
        counts = np.array([1, 2, 1, 5, 1, 9], dtype=np.float32)
        model = Popularity(counts)
        assert np.argmax(model.scores(Query())) == 5
        save_artifact(folder, model, [f"i{number}" for number in range(6)])

    return make


def put_event(newsroom: Any, user_id: str, item_id: str, second: int = 0) -> None:
    event = {"event_type": "view", "sent_at": NOW.replace(second=second), "item_id": item_id}
    request = {"tracking_id": "tracking-1", "session_id": f"s-{user_id}", "user_id": user_id, "event_list": [event]}
    put_events(newsroom.service, SCOPE, request)


def fail(*_: Any) -> None:
    raise OSError("no such disk")


def delete(newsroom: Any, arn: str) -> None:
    with newsroom.workspace.database.transaction() as connection:
        newsroom.workspace.resources.delete(connection, arn)


def hold_reading(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have every reading of a group wait for an event."""
    go_on = threading.Event()
    read = newsroom.engine._read

    def held(*given: Any) -> Any:
        go_on.wait(30)
        return read(*given)

    monkeypatch.setattr(newsroom.engine, "_read", held)
    return go_on


def wait_for_other(newsroom: Any, old: Any) -> Any:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        data = newsroom.engine.group_data(newsroom.group_arn)
        if data is not old:
            return data
    raise AssertionError("the new data never came")
