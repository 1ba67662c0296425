"""The deletion job: whom it finds, what is left, and what happens beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personalize_local.jobs import data_deletion
from personalize_local.jobs.clock import ManualClock
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.data_deletion import commit, run_with
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.events import StreamedEvent
from personalize_local.store.jobs import RUNNING, Job
from tests.behaviours import APPROXIMATED, EXACT, behaviour

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE\n"


class Deletion:
    """A deletion job, in its two steps."""

    def __init__(self, shelf: Any, location: str = "s3://data/users.csv", name: str = "job-1") -> None:
        self.shelf = shelf
        payload = {"dataset_group_arn": shelf.group_arn, "location": location}
        arn = shelf.group_arn.replace("dataset-group/news", f"data-deletion-job/{name}")
        self.job = Job(name, "data-deletion", arn, payload, RUNNING, 1, NOW)

    def look(self) -> dict[str, Any]:
        context = JobContext(self.shelf.workspace, self.job, self.job.payload, lambda text, fraction: None)
        result = run_with(context, self.shelf.s3)
        return json.loads(json.dumps(result))

    def commit(self, result: dict[str, Any]) -> None:
        service = Service(self.shelf.workspace, ManualClock(NOW), Settings())
        with self.shelf.workspace.database.transaction() as connection:
            commit(connection, service, self.job, result)
        self.shelf.workspace.datasets.collect()

    def run(self) -> int:
        result = self.look()
        self.commit(result)
        return result["resource"]["num_deleted"]


def users_left(shelf: Any) -> set[str]:
    """Give every user that any of the data still has."""
    workspace = shelf.workspace
    interactions = workspace.datasets.read_interactions(shelf.arn("Interactions"), shelf.schemas["Interactions"])
    users = workspace.datasets.read_users(shelf.arn("Users"), shelf.schemas["Users"])
    return {*interactions.user_ids, *users.ids}


@pytest.fixture
def full(shelf: Any) -> Any:
    """Users u1 … u4 in bulk, u5 put, u6 streamed; s9 is an anonymous session of u6."""
    shelf.import_csv("Users", "USER_ID,AGE\nu1,1\nu2,2\n")
    shelf.import_csv("Interactions", EVENTS + "".join(f"u{n},i{n},{n},click,,\n" for n in (1, 2, 3)) * 2)
    shelf.import_csv("Interactions", EVENTS + "u4,i4,4,click,0.5,tv\nu1,i1,9,click,,\n", "INCREMENTAL")
    shelf.workspace.records.put(shelf.arn("Users"), [("u5", {"AGE": 5}), ("u2", {"AGE": 20})])
    shelf.workspace.records.put(shelf.arn("Items"), [("u5", {"YEAR": 1})])
    events = [
        StreamedEvent("s9", "click", 10, item_id="i6"),
        StreamedEvent("s9", "click", 11, user_id="u6", item_id="i6"),
        StreamedEvent("s1", "click", 12, user_id="u1", item_id="i1"),
        StreamedEvent("s8", "click", 13, item_id="i8"),
    ]
    shelf.workspace.events.append(shelf.arn("Interactions"), events)
    return shelf


@behaviour(
    "CreateDataDeletionJob",
    "Listed users go from Users, Interactions and Action_Interactions; numDeleted counts those whom the data had",
    EXACT,
    source="documented; the count: inferred",
)
def test_listed_users_are_gone_from_every_kind_of_data(full: Any) -> None:
    # GIVEN a list with users known in each way, one twice, and one unknown
    full.s3.put("data", "users.csv", "user_id\nu1\nu5\nu6\nu1\nnobody\n")

    # WHEN they are deleted
    before = full.workspace.datasets.generation(full.arn("Interactions"))
    assert Deletion(full).run() == 3

    # THEN nobody else is gone, order and values stay, items named like users stay, and memory is told to read again
    assert users_left(full) == {"u2", "u3", "u4"}
    events = list(full.workspace.events.each(full.arn("Interactions")))
    assert [event.session_id for event in events] == ["s8"]
    interactions = full.workspace.datasets.read_interactions(full.arn("Interactions"), full.schemas["Interactions"])
    assert interactions.timestamp_epoch_s.tolist() == [2, 3, 4]
    assert interactions.event_value is not None and interactions.event_value[2] == 0.5
    items = full.workspace.datasets.read_items(full.arn("Items"), full.schemas["Items"])
    assert items.ids.tolist() == ["u5"]
    assert full.workspace.datasets.generation(full.arn("Interactions")) > before
    users = full.workspace.datasets.read_users(full.arn("Users"), full.schemas["Users"])
    assert dict(zip(users.ids, users.columns["AGE"], strict=True)) == {"u2": 20.0}


def test_the_files_of_before_are_deleted_and_others_left_as_they_are(full: Any) -> None:
    datasets = full.workspace.datasets
    first, second = (file.path for file in datasets.files(full.arn("Interactions")))
    full.s3.put("data", "users.csv", "USER_ID\nu4\n")
    Deletion(full).run()
    paths = [file.path for file in datasets.files(full.arn("Interactions"))]
    assert paths[0] == first and paths[1] != second
    assert not second.exists() and paths[1].exists()
    datasets.clean()
    assert users_left(full) == {"u1", "u2", "u3", "u5", "u6"}


def test_nothing_is_gone_before_the_commit_and_the_job_may_run_again(full: Any) -> None:
    full.s3.put("data", "users.csv", "USER_ID\nu1\n")
    deletion = Deletion(full)
    deletion.look()
    assert "u1" in users_left(full)
    assert deletion.run() == 1
    assert "u1" not in users_left(full)


def test_two_deletions_at_once_both_count(full: Any) -> None:
    full.s3.put("data", "a.csv", "USER_ID\nu1\n")
    full.s3.put("data", "b.csv", "USER_ID\nu2\nu4\n")
    first, second = Deletion(full, "s3://data/a.csv", "a"), Deletion(full, "s3://data/b.csv", "b")
    looked_first, looked_second = first.look(), second.look()
    first.commit(looked_first)
    second.commit(looked_second)
    assert users_left(full) == {"u3", "u5", "u6"}


def test_data_imported_while_the_job_looked_is_looked_through_too(full: Any) -> None:
    full.s3.put("data", "users.csv", "USER_ID\nu1\n")
    deletion = Deletion(full)
    result = deletion.look()
    full.import_csv("Interactions", EVENTS + "u1,i,1,click,,\nu7,i,1,click,,\n")
    deletion.commit(result)
    assert users_left(full) == {"u2", "u5", "u6", "u7"}


@behaviour(
    "CreateDataDeletionJob",
    "Models trained before keep what they learnt, without names; segments leave deleted users out",
    APPROXIMATED,
    source="documented for AWS: they go from models at the next training",
)
def test_who_went_is_remembered_for_models_of_before(full: Any) -> None:
    full.s3.put("data", "users.csv", "USER_ID\nu1\nnobody\n")
    Deletion(full).run()
    since = full.workspace.user_deletion.deleted_since
    assert since(full.group_arn, NOW) == {"u1"}
    assert since(full.group_arn, NOW + timedelta(seconds=1)) == set()
    assert since("arn:other", NOW) == set()


@behaviour(
    "CreateDataDeletionJob",
    "A folder is read with its subfolders, .csv files only",
    EXACT,
    source="documented, contract §3.9",
)
def test_a_folder_is_read_with_its_subfolders_csv_files_only(full: Any) -> None:
    full.s3.put("data", "leaving/a.csv", "USER_ID\nu1\n")
    full.s3.put("data", "leaving/2026/b.CSV", "USER_ID\nu2\n")
    full.s3.put("data", "leaving/2026/c.txt", "USER_ID\nu3\n")
    assert Deletion(full, "s3://data/leaving/").run() == 2
    assert users_left(full) == {"u3", "u4", "u5", "u6"}


def test_users_nobody_knows_leave_everything_as_it_is(full: Any) -> None:
    full.s3.put("data", "users.csv", "USER_ID\nnobody\n")
    before = [file.path for file in full.workspace.datasets.files(full.arn("Interactions"))]
    assert Deletion(full).run() == 0
    assert [file.path for file in full.workspace.datasets.files(full.arn("Interactions"))] == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("NAME\nx\n", "Input CSV is missing the following columns:[USER_ID]."),
        ("USER_ID\n", "The list has a header and no users."),
        ("USER_ID\n" + "x" * 257 + "\n", "Length cannot be more than 256 characters for USER_ID."),
        (None, "Invalid Data location. There is no file with content at s3://data/users.csv."),
        ("USER_ID\n" + "u\n" * 100, "The list of users has 208 bytes; 200 are allowed."),
    ],
)
def test_lists_that_cannot_be_used_are_refused(
    full: Any, monkeypatch: pytest.MonkeyPatch, content: str | None, reason: str
) -> None:
    if content is not None:
        full.s3.put("data", "users.csv", content)
        if len(content) < 300 and content.count("u\n") > 50:
            monkeypatch.setattr(data_deletion, "DATA_DELETION_MAX_BYTES", 200)
    with pytest.raises(JobFailedError) as raised:
        Deletion(full).look()
    assert raised.value.reason.startswith(f"Failed to create a data deletion job. {reason}")


def test_a_folder_without_csv_files_is_refused(full: Any) -> None:
    full.s3.put("data", "leaving/a.txt", "USER_ID\nu1\n")
    with pytest.raises(JobFailedError) as raised:
        Deletion(full, "s3://data/leaving/").look()
    assert "There is no file that ends in .csv in s3://data/leaving/." in raised.value.reason
