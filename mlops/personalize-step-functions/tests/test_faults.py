"""Every fault at every task of the workflow: it ends well, or fails with a mail that says why; and can be resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from fake_personalize import SCOPE, FakePersonalize, client_error
from workflow_runner import WorkflowRunner, read_definition

CRASH = "Boom"
PASSING = ("Lambda.TooManyRequestsException", "Lambda.Unknown", "TryAgainError", "States.Timeout")
NESTED = ("StepFunctions.ExecutionLimitExceededException", "StepFunctions.SdkClientException")  # of starting a run
OPERATIONS = {
    "data": ("create_dataset_group", "create_schema", "create_dataset", "create_dataset_import_job"),
    "describing data": ("describe_dataset_group", "describe_schema", "describe_dataset", "describe_dataset_import_job"),
    "serving": ("create_event_tracker", "create_filter", "list_event_trackers", "describe_filter"),
    "models": ("create_solution", "create_solution_version", "create_campaign", "describe_campaign"),
    "describing models": ("describe_solution", "describe_solution_version", "list_solution_versions"),
    "batch": ("create_batch_inference_job", "describe_batch_inference_job", "list_batch_inference_jobs"),
    "unused": ("list_filters", "list_schemas", "delete_filter"),
}


def tasks() -> list[str]:
    """The names of all tasks."""
    found = []
    for name, state in read_definition()["States"].items():
        if state["Type"] == "Map":
            found += [n for n, inner in state["ItemProcessor"]["States"].items() if inner["Type"] == "Task"]
        elif state["Type"] == "Task":
            found.append(name)
    return found


@pytest.fixture
def workflow(workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize) -> WorkflowRunner:
    """A run that reaches every task but those of other endings: a batch job, a schedule, a filter to replace."""
    group = f"{SCOPE}:dataset-group/tgam-personalize"
    old = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("old")'
    personalize.create_filter(name="tgam-personalize-category", datasetGroupArn=group, filterExpression=old)
    personalize.finish()
    personalize.calls.clear()
    job = {"name": "nightly", "input": "batch/users.json"}
    parameters["solutions"]["userPersonalization"]["batchInferenceJobs"] = [job]
    parameters["schedules"] = {"train": "rate(7 days)"}
    workflow.file = json.dumps(parameters).encode()
    workflow.bucket.objects["batch/users.json"] = b'{"userId": "u1"}\n'
    return workflow


def lead_to(workflow: WorkflowRunner, state: str) -> None:
    """Make the run take the way to a task that an ordinary one does not pass."""
    if state == "Notify refusal":
        workflow.files = {}
    if state == "Notify failure":
        workflow.faults["Plan resources"] = [(CRASH, "first")]
    if state == "Notify superseded":
        workflow.bucket.version_id = "v2"


def ending(state: str) -> str:
    return "FAILED" if state in ("Notify refusal", "Notify failure") else "SUCCEEDED"


def versions(personalize: FakePersonalize) -> list[str]:
    return [arn for arn in personalize.resources if ":solution/" in arn and arn.count("/") == 2]


def assert_nothing_was_made_twice(personalize: FakePersonalize) -> None:
    """No version or job of the same contents a second time, but after a failure."""
    jobs = [arn for arn in personalize.resources if "-job/" in arn] + versions(personalize)
    contents = [arn.rsplit("-", 1)[0] for arn in jobs if personalize.resources[arn]["status"] != "CREATE FAILED"]
    assert len(contents) == len(set(contents))


def assert_only_the_replaced_filter_went(personalize: FakePersonalize) -> None:
    deleted = {name: arguments for name, arguments in personalize.calls if name.startswith("delete_")}
    assert set(deleted) <= {"delete_filter"}


@pytest.mark.parametrize("state", tasks())
def test_every_task_is_reached(workflow: WorkflowRunner, state: str) -> None:
    lead_to(workflow, state)

    execution = workflow.run()

    assert execution["status"] == ending(state), execution.get("cause")
    assert workflow.tasks[state] > 0


@pytest.mark.parametrize(
    ("state", "error"), [(state, error) for state in tasks() for error in (NESTED if state == "Release" else PASSING)]
)
def test_passing_faults_of_a_task_are_outwaited(
    workflow: WorkflowRunner, personalize: FakePersonalize, state: str, error: str
) -> None:
    lead_to(workflow, state)
    workflow.faults[state] = [(error, "not now")] * 2

    assert workflow.run()["status"] == ending(state)
    assert_nothing_was_made_twice(personalize)
    assert_only_the_replaced_filter_went(personalize)
    assert list(workflow.locks) == []


@pytest.mark.parametrize("state", tasks())
def test_a_task_that_crashes_is_told_and_the_next_upload_completes_the_work(
    workflow: WorkflowRunner, personalize: FakePersonalize, state: str
) -> None:
    lead_to(workflow, state)
    workflow.faults[state] = [*workflow.faults.get(state, []), *[(CRASH, "It broke.")] * 20]

    execution = workflow.run("run-1")

    if state in ("Notify start", "Free lock"):  # neither is worth the run
        assert execution["status"] == "SUCCEEDED"
    elif state.startswith("Notify"):
        assert (execution["status"], execution["error"]) == ("FAILED", "NotificationFailed")
        assert "The mail could not be sent" in execution["cause"]
    else:
        assert (execution["status"], execution["error"]) == ("FAILED", "DeploymentFailed")
        assert f"Step: {state}" in workflow.mails[-1]["message"]
        assert "Cause: It broke." in workflow.mails[-1]["message"]
    workflow.faults.clear()
    workflow.bucket.version_id = "v1"
    if state != "Notify refusal":
        assert workflow.run("run-2")["status"] == "SUCCEEDED"
        assert len(versions(personalize)) == 3
    assert_nothing_was_made_twice(personalize)
    assert_only_the_replaced_filter_went(personalize)
    assert list(workflow.locks) == []


@pytest.mark.parametrize("state", tasks())
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_execution_stopped_there_is_completed_by_the_next_upload(
    workflow: WorkflowRunner, personalize: FakePersonalize, state: str, when: str
) -> None:
    lead_to(workflow, state)
    workflow.stop_at = (state, when)
    workflow.run("run-1")
    assert workflow._stopped

    workflow.stop_at = None
    workflow.faults.clear()
    workflow.bucket.version_id = "v1"
    execution = workflow.run("run-2")

    assert execution["status"] == ("FAILED" if state == "Notify refusal" else "SUCCEEDED")
    assert len(versions(personalize)) == (0 if state == "Notify refusal" else 3)
    assert_nothing_was_made_twice(personalize)
    assert_only_the_replaced_filter_went(personalize)
    assert list(workflow.locks) == []


def passing_errors() -> Iterator[Exception]:
    yield client_error("ThrottlingException", "Rate exceeded")
    yield client_error("InternalFailure", "Try again", http_status=500)
    yield ReadTimeoutError(endpoint_url="https://personalize")


@pytest.mark.parametrize("operation", [name for names in OPERATIONS.values() for name in names])
def test_personalize_that_throttles_fails_or_is_silent_is_asked_again(
    workflow: WorkflowRunner, personalize: FakePersonalize, operation: str
) -> None:
    personalize.faults[operation] += passing_errors()

    assert workflow.run()["status"] == "SUCCEEDED"
    assert personalize.count(operation) > 3
    assert_nothing_was_made_twice(personalize)


# The quota of campaigns frees itself by no waiting: test_release.py has what becomes of it.
BUSY_OR_FULL = [
    (operation, code)
    for operation in sum(OPERATIONS.values(), ())
    for code in ("ResourceInUseException", "LimitExceededException")
    if operation.startswith("create_") and (operation, code) != ("create_campaign", "LimitExceededException")
]


@pytest.mark.parametrize(("operation", "code"), BUSY_OR_FULL)
def test_what_is_busy_or_full_is_outwaited(
    workflow: WorkflowRunner, personalize: FakePersonalize, operation: str, code: str
) -> None:
    personalize.faults[operation] += [client_error(code, "not now")] * 4

    assert workflow.run()["status"] == "SUCCEEDED"
    assert_nothing_was_made_twice(personalize)


@pytest.mark.parametrize("operation", [name for names in OPERATIONS.values() for name in names])
def test_a_refusal_of_personalize_is_told_and_resumed(
    workflow: WorkflowRunner, personalize: FakePersonalize, operation: str
) -> None:
    personalize.faults[operation] += [client_error("AccessDeniedException", "You may not.", http_status=403)] * 30

    execution = workflow.run("run-1")

    assert (execution["status"], execution["error"]) == ("FAILED", "DeploymentFailed")
    assert "AccessDeniedException: You may not." in workflow.mails[-1]["message"]
    if operation not in OPERATIONS["batch"] + OPERATIONS["unused"]:
        assert workflow.rows == []
    personalize.faults.clear()
    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    assert len(versions(personalize)) == 3
    assert_nothing_was_made_twice(personalize)


@pytest.mark.parametrize(
    "kind",
    ["import-job/tgam-personalize-items", "solution/tgam-personalize-similarItems/", "batch-inference-job/"],
)
def test_a_job_or_training_that_fails_is_told_and_tried_again_once(
    workflow: WorkflowRunner, personalize: FakePersonalize, kind: str
) -> None:
    personalize.fails[kind] = "It is so."

    assert workflow.run("run-1")["status"] == "FAILED"
    assert "is CREATE FAILED: It is so." in workflow.mails[-1]["message"]

    personalize.fails.clear()
    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    failed = [arn for arn, each in personalize.resources.items() if each.get("status") == "CREATE FAILED"]
    assert len(failed) == 1
    assert f"{failed[0].rsplit('-', 1)[0]}-2" in personalize.resources
    assert_nothing_was_made_twice(personalize)


@pytest.mark.parametrize("kind", ["filter/tgam-personalize-unread", "campaign/tgam-personalize-similarItemsCampaign"])
def test_a_resource_that_fails_is_told(workflow: WorkflowRunner, personalize: FakePersonalize, kind: str) -> None:
    personalize.fails[kind] = "It is so."

    assert workflow.run()["status"] == "FAILED"
    assert f"{kind} is CREATE FAILED: It is so." in workflow.mails[-1]["message"]
