"""The largest file that is accepted is carried through all states; a larger one is refused at the start."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from function_loader import make_plan
from pipeline.planning.size import PLAN_MAX_BYTES, STATE_MAX_BYTES, size_bytes
from workflow_runner import WorkflowRunner

SOLUTIONS, CAMPAIGNS, FILTERS = 30, 60, 30  # thirty filters are the most that the format takes
EXPLORATION = {"itemExplorationConfig": {"explorationWeight": "0.3", "explorationItemAgeCutOff": "3"}}


def large(parameters: dict[str, Any], filler: str = "") -> dict[str, Any]:
    """The newspaper's file, grown; the filler lengthens each filter's expression."""
    made = copy.deepcopy(parameters)
    first = made["solutions"]["userPersonalization"]
    for number in range(SOLUTIONS - 3):
        name = f"experiment-number-{number:02d}"
        campaigns = [
            {"name": f"{name}-campaign-{each}", "minProvisionedTPS": 1, "campaignConfig": EXPLORATION}
            for each in range(2)
        ]
        made["solutions"][name] = {**first, "name": name, "campaigns": campaigns}
    made["solutions"]["experiment-number-00"]["campaigns"] += [{"name": f"more-{each}"} for each in range(3)]
    made["filters"] = [
        {
            "name": f"filter-number-{number:02d}",
            "filterExpression": parameters["filters"][0]["filterExpression"] + filler,
            "context": f"context_number_{number:02d}",
            "filter_values": ["category"],
        }
        for number in range(FILTERS)
    ]
    return made


def test_a_file_with_sixty_campaigns_is_carried_through_all_states(
    workflow: WorkflowRunner, parameters: dict[str, Any]
) -> None:
    wanted = large(parameters)
    workflow.file = json.dumps(wanted).encode()

    execution = workflow.run()

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert workflow.machines.tasks["Smoke campaign"] == CAMPAIGNS
    assert workflow.sizes["Plan resources"] > PLAN_MAX_BYTES / 4
    assert {state: size for state, size in workflow.sizes.items() if size > STATE_MAX_BYTES} == {}


def test_a_plan_of_the_largest_size_leaves_room_for_what_comes_on_top(
    workflow: WorkflowRunner, parameters: dict[str, Any]
) -> None:
    """GIVEN filters so long that the plan is nearly as large as may be THEN no state carries more than it can."""
    words = " | EXCLUDE ItemID WHERE Items.CATEGORY IN (" + ", ".join(f'"word-{n:03d}"' for n in range(90)) + ")"
    wanted = large(parameters, words)
    assert PLAN_MAX_BYTES * 0.85 < size_bytes(make_plan(wanted)) <= PLAN_MAX_BYTES
    workflow.file = json.dumps(wanted).encode()

    execution = workflow.run()

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert {state: size for state, size in workflow.sizes.items() if size > STATE_MAX_BYTES} == {}


def test_a_larger_one_is_refused_before_anything_is_made(
    load: Callable[[str], SimpleNamespace], parameters: dict[str, Any]
) -> None:
    words = " | EXCLUDE ItemID WHERE Items.CATEGORY IN (" + ", ".join(f'"word-{n:03d}"' for n in range(120)) + ")"
    [found] = load("check_parameters").plan_size.check_plan_size(large(parameters, words))

    assert (found.path, found.severity) == ("", "error")
    assert "a run can carry 200,000: shorten filter expressions" in found.message
