"""What `plan.py` tells is what the workflow does: planned, run, and planned again."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from fake_personalize import FakePersonalize
from workflow_runner import WorkflowRunner

sys.path.append(str(Path(__file__).parents[1]))

from commands.outlook import Step
from commands.planner import Outlook, Planner, Source
from commands.read_only import ReadOnlyClient

from personalize_spec.arns import Scope
from personalize_spec.prices import PriceTable
from tests.csv_files import NOW_EPOCH_S, csv_text, data_file, good_rows

MADE_BY = ("create", "import", "train", "run", "replace")


class ReadableBucket:
    """The workflow's bucket, whose files can be read in parts too."""

    def __init__(self, workflow: WorkflowRunner) -> None:
        self._workflow = workflow

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._workflow.bucket, operation)

    def get_object(self, *, Bucket: str, Key: str, Range: str) -> dict[str, Any]:
        """Read a range of one of the data's files."""
        file = next(file for files in self._workflow.files.values() for file in files if file.name == Key)
        start, _, end = Range.removeprefix("bytes=").partition("-")
        return {"Body": io.BytesIO(file.read(int(start), int(end) + 1))}


def plan(workflow: WorkflowRunner, personalize: FakePersonalize) -> Outlook:
    planner = Planner(ReadOnlyClient(personalize), Scope("us-east-1", "123456789012"), PriceTable())
    return planner.plan(workflow.file, Source(ReadableBucket(workflow), "input-bucket"), NOW_EPOCH_S)


def made(steps: tuple[Step, ...]) -> set[tuple[str, str]]:
    """The kinds and names of what would be made; a campaign's next version is made in its other slot."""
    return {(step.kind, step.name) for step in steps if step.word in MADE_BY}


def created(personalize: FakePersonalize, since: int = 0) -> set[tuple[str, str]]:
    """The kinds and names of what has been made."""
    return {
        (operation.removeprefix("create_").replace("_", "-"), arguments.get("jobName") or arguments["name"])
        for operation, arguments in personalize.calls[since:]
        if operation.startswith("create_")
    }


def test_on_an_empty_account(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    planned = plan(workflow, personalize)
    assert not personalize.resources

    assert workflow.run()["status"] == "SUCCEEDED"

    assert made(planned.steps) == created(personalize)


def test_after_a_run_nothing_is_left_to_do(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.run()
    planned = plan(workflow, personalize)
    assert {step.word for step in planned.steps} == {"leave"}


def test_new_data_are_imported_and_trained_on(
    workflow: WorkflowRunner, personalize: FakePersonalize, parameters: dict[str, Any]
) -> None:
    workflow.run("run-1")
    rows = good_rows(parameters, "Interactions")[:-1]
    workflow.files = {**workflow.files, "Interactions": [data_file("Interactions/part-1.csv", csv_text(rows))]}
    planned = plan(workflow, personalize)
    calls = len(personalize.calls)

    assert workflow.run("run-2")["status"] == "SUCCEEDED"

    not_campaigns = {each for each in created(personalize, calls) if each[0] != "campaign"}
    assert made(planned.steps) == not_campaigns
    campaigns = [step for step in planned.steps if step.kind == "campaign"]
    assert {step.word for step in campaigns} == {"release"}
    hows = [step.detail.partition(", ")[2] for step in campaigns]
    assert hows == ["beside the live one", "beside the live one", "in place, for want of room"]


def test_a_changed_filter_and_solution_get_successors(
    workflow: WorkflowRunner, personalize: FakePersonalize, parameters: dict[str, Any]
) -> None:
    workflow.run("run-1")
    parameters["filters"][1]["filterExpression"] = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("page_view")'
    parameters["solutions"]["similarItems"]["solutionConfig"] = {
        "algorithmHyperParameters": {"popularity_discount_factor": "0.3"}
    }
    workflow.file = json.dumps(parameters).encode()
    planned = plan(workflow, personalize)
    calls = len(personalize.calls)

    assert workflow.run("run-2")["status"] == "SUCCEEDED"

    not_campaigns = {each for each in created(personalize, calls) if each[0] != "campaign"}
    assert made(planned.steps) == not_campaigns
    assert {step.kind for step in planned.steps if step.word == "replace"} == {"filter", "solution"}
