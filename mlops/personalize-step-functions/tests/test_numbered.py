"""Jobs and versions: the same is never made twice, what failed gets another attempt, what is newest counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import SCOPE, FakePersonalize, client_error
from pipeline.errors import NotMadeError, ResourceFailedError
from pipeline.gateway import PersonalizeGateway
from pipeline.wanted import Wanted, attempt_of, without_attempt

SOLUTION = f"{SCOPE}:solution/daily-reco"
GROUP = f"{SCOPE}:dataset-group/daily"
DATASET = f"{SCOPE}:dataset/daily/ITEMS"
Ensure = Callable[..., dict[str, Any]]


@pytest.fixture
def ensure(
    load: Callable[[str], SimpleNamespace], gateway: PersonalizeGateway, personalize: FakePersonalize, now: datetime
) -> Ensure:
    """Ensure a definition in an execution that started as many minutes later."""
    module = load("ensure_resource").ensure_resource

    def call(definition: dict[str, Any], minutes: int = 0, **made: dict[str, str]) -> dict[str, Any]:
        started_at = now + timedelta(minutes=minutes)
        personalize.now = max(personalize.now, started_at)
        event = {"definition": definition, "made": made, "execution": {"StartTime": started_at.isoformat()}}
        return module.ensure_resource(gateway, Wanted.from_event(event), personalize.now)

    return call


def version(content: str = "a", request: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "key": "version:x",
        "kind": "solution-version",
        "name": "v",
        "arguments": {"solutionArn": SOLUTION, "trainingMode": "FULL"},
        "content": content,
        "request": request,
        **more,
    }


def import_job(content: str = "a", **more: Any) -> dict[str, Any]:
    arguments = {
        "datasetArn": DATASET,
        "dataSource": {"dataLocation": "s3://b/Items/"},
        "roleArn": "arn:aws:iam::1:role/r",
    }
    arn = f"{SCOPE}:dataset-import-job/daily-items"
    base = {"key": "import:Items", "kind": "dataset-import-job", "name": "daily-items", "arn": arn}
    return {**base, "arguments": {**arguments, "importMode": "FULL"}, "content": content, **more}


def trained(personalize: FakePersonalize) -> list[str]:
    return [each["name"] for each in personalize.arguments("create_solution_version")]


def test_the_same_is_trained_once_and_something_else_anew(ensure: Ensure, personalize: FakePersonalize) -> None:
    for minutes, content in enumerate("aababa"):
        ensure(version(content), minutes)
        personalize.finish()

    assert len(trained(personalize)) == 2


def test_an_upload_takes_what_a_schedule_has_trained_of_the_same(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(version("a"))
    personalize.finish()
    scheduled = ensure(version("a", "monday"), 1)
    personalize.finish()

    assert ensure(version("a"), 2)["arn"] == scheduled["arn"]
    assert ensure(version("a", "monday"), 3)["arn"] == scheduled["arn"]  # delivered twice
    ensure(version("a", "tuesday"), 4)
    assert len(trained(personalize)) == 3


def test_a_failed_attempt_is_told_in_its_execution_and_repeated_in_the_next(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    personalize.fails["daily-reco/"] = "Too few users."
    ensure(version())
    personalize.finish()

    with pytest.raises(ResourceFailedError, match="Too few users"):
        ensure(version())
    ensure(version(), 1)

    assert [name[-2:] for name in trained(personalize)] == ["-1", "-2"]


def test_a_training_in_progress_is_waited_for(ensure: Ensure, personalize: FakePersonalize) -> None:
    first = ensure(version())

    assert ensure(version(), 1)["arn"] == first["arn"]
    assert len(trained(personalize)) == 1


def test_what_automatic_training_has_made_since_is_adopted(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(version())
    personalize.finish()
    personalize.now += timedelta(days=7)
    arn = personalize.create_solution_version(solutionArn=SOLUTION, name="auto")["solutionVersionArn"]
    personalize.finish()
    personalize.resources[arn]["trainingType"] = "AUTOMATIC"

    assert ensure(version(), 20_000)["arn"] == arn
    assert ensure(version("changed"), 20_001)["arn"] != arn
    assert ensure(version("a", "monday"), 20_002)["arn"] != arn


def test_the_newest_that_is_ready_serves_where_nothing_is_to_be_trained(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    ready = ensure(version("a"))
    personalize.finish()
    running = ensure(version("b"), 1)

    assert ensure(version("c", reuse="newest"), 2)["arn"] == ready["arn"]
    personalize.finish()
    assert ensure(version("c", reuse="newest"), 3)["arn"] == running["arn"]
    assert len(trained(personalize)) == 2


def test_the_first_training_is_a_full_one_and_later_ones_as_wanted(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    for minutes, content in enumerate("ab"):
        update = version(content, arguments={"solutionArn": SOLUTION, "trainingMode": "UPDATE"})
        ensure(update, minutes)
        personalize.finish()

    assert [each["trainingMode"] for each in personalize.arguments("create_solution_version")] == ["FULL", "UPDATE"]


@pytest.fixture
def dataset(personalize: FakePersonalize) -> str:
    schema = personalize.create_schema(name="Items", schema="{}")["schemaArn"]
    return personalize.create_dataset(name="items", datasetGroupArn=GROUP, datasetType="Items", schemaArn=schema)[
        "datasetArn"
    ]


def imported(personalize: FakePersonalize) -> list[str]:
    return [each["jobName"] for each in personalize.arguments("create_dataset_import_job")]


def test_data_that_were_there_before_are_imported_again(
    ensure: Ensure, personalize: FakePersonalize, dataset: str
) -> None:
    """GIVEN data imported and replaced by others, WHEN they come again, THEN the older import does not count."""
    for minutes, content in enumerate("aabba"):
        ensure(import_job(content), minutes)
        personalize.finish()

    numbers = [name[-2:] for name in imported(personalize)]
    assert numbers == ["-1", "-1", "-2"]


def test_imports_of_a_deleted_dataset_do_not_count_and_their_names_are_not_used_again(
    ensure: Ensure, personalize: FakePersonalize, dataset: str
) -> None:
    ensure(import_job())
    personalize.finish()
    members = personalize.resources.pop(dataset)
    personalize.now += timedelta(hours=1)
    personalize.resources[dataset] = {**members, "creationDateTime": personalize.now}

    made = ensure(import_job(), 120)

    assert made["name"].endswith("-2")


def test_the_first_import_is_a_full_one(ensure: Ensure, personalize: FakePersonalize, dataset: str) -> None:
    for minutes, content in enumerate("ab"):
        job = import_job(content)
        job["arguments"]["importMode"] = "INCREMENTAL"
        ensure(job, minutes)
        personalize.finish()

    assert [each["importMode"] for each in personalize.arguments("create_dataset_import_job")] == [
        "FULL",
        "INCREMENTAL",
    ]


def test_an_import_that_is_not_needed_is_ready_without_a_job(
    ensure: Ensure, personalize: FakePersonalize, dataset: str
) -> None:
    made = ensure(import_job(reuse="newest", optional=True))

    assert (made["ready"], made["made"]) == (True, {"name": "", "arn": ""})
    assert imported(personalize) == []


def test_a_lost_reply_does_not_import_twice(ensure: Ensure, personalize: FakePersonalize, dataset: str) -> None:
    """GIVEN a job that was made, though the list does not show it yet, WHEN asked again, THEN it is that job."""
    first = ensure(import_job())
    personalize.faults["list_dataset_import_jobs"] = []
    list_all = personalize._list
    personalize._list = lambda nouns, arguments: (
        {"datasetImportJobs": []} if "import" in nouns else list_all(nouns, arguments)
    )

    assert ensure(import_job())["arn"] == first["arn"]
    assert len([arn for arn in personalize.resources if "-import-job/" in arn]) == 1


def test_names_say_of_what_a_version_was_trained(now: datetime) -> None:
    def wanted(**names: str) -> Wanted:
        made = {key.replace("_", ":"): {"name": name, "arn": "x"} for key, name in names.items()}
        definition = version(digest_of=["import:Items"])
        return Wanted.from_event({"definition": definition, "made": made, "started_at": now.isoformat()})

    first = wanted(import_Items="daily-items-0a-1")
    assert first.name == wanted(import_Items="daily-items-0a-2").name
    assert first.name != wanted(import_Items="daily-items-0b-1").name
    assert first.name.startswith("v-") and first.name.endswith("-upload")


def test_what_needs_something_that_was_not_made_says_so(ensure: Ensure) -> None:
    definition = version(references={"solutionArn": "solution:x"})

    with pytest.raises(NotMadeError, match="solution-version v needs solution:x, which was not made"):
        ensure(definition)


@pytest.mark.parametrize(
    ("name", "base", "number"), [("a-1", "a", 1), ("a-12", "a", 12), ("a-b-1", "a", 0), ("a", "a", 0), ("b-1", "a", 0)]
)
def test_attempts_are_read_from_names(name: str, base: str, number: int) -> None:
    assert attempt_of(name, base) == number
    assert not number or without_attempt(name) == base


def test_a_version_that_personalize_cannot_list_yet_is_not_trained_again(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    taken = client_error("ResourceAlreadyExistsException", "A version of this name exists.")
    personalize.faults["create_solution_version"].append(taken)

    with pytest.raises(Exception, match="It is not to be seen yet"):
        ensure(version())
