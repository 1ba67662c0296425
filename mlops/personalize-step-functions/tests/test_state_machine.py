"""The state machine's definition: whole, told about, and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonata
import pytest
import yaml
from definition_reading import scopes, states, targets, texts
from workflow_runner import DEFINITION, read_definition

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
OURS = ("TryAgainError", "ResourceBusyError", "QuotaReachedError")


def test_every_state_can_be_reached_and_every_target_exists() -> None:
    for machine in scopes(read_definition()):
        reached, waiting = set(), [machine["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += targets(machine["States"][name])
        assert reached == set(machine["States"])


def test_every_state_name_is_used_once_and_short_enough() -> None:
    names = [name for name, _ in states(read_definition())]

    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 80


@pytest.mark.parametrize(("name", "state"), states(read_definition(), "Task"))
def test_every_task_is_retried_caught_and_limited(name: str, state: dict[str, Any]) -> None:
    retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}

    assert {"Lambda.ServiceException", "Lambda.TooManyRequestsException", "TryAgainError"} <= retried
    assert ({"QuotaReachedError", "ResourceBusyError"} <= retried) == name.startswith("Ensure ")
    assert [catcher["ErrorEquals"] for catcher in state["Catch"]] == [["States.ALL"]]
    assert state["TimeoutSeconds"] <= (120 if name != "Release" else 2 * 24 * 3600)  # a nested run with its steps
    for retrier in state["Retry"]:
        assert retrier["MaxDelaySeconds"] <= 300
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["MaxAttempts"] <= 40


def test_every_map_is_caught_and_limited() -> None:
    for name, state in states(read_definition(), "Map"):
        assert [catcher["ErrorEquals"] for catcher in state["Catch"]] == [["States.ALL"]], name
        assert 1 <= state["MaxConcurrency"] <= 5


def test_every_wait_is_the_one_its_resource_asks_for() -> None:
    waits = states(read_definition(), "Wait")

    assert len(waits) == 6
    for name, state in waits:
        assert name == "Wait for readers" or re.fullmatch(r"\{% \$[\w.]+\.wait_s %\}", state["Seconds"]), name


def test_every_expression_parses_and_reads_variables_that_are_set() -> None:
    definition = read_definition()
    assigned = {name for _, state in states(read_definition()) for block in assigns(state) for name in block}
    expressions = [text[2:-2].strip() for text in texts(definition) if text.startswith("{%")]

    for expression in expressions:
        jsonata.Jsonata.jsonata(expression)
        without_texts = re.sub(r'"[^"]*"', "", expression)
        used = set(re.findall(r"\$([a-z_]\w*)(?![\w(])", without_texts))
        assert used <= assigned | {"states"}, expression
    assert len(expressions) > 90


def assigns(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in (state, *state.get("Catch", [])):
        yield block.get("Assign", {})


def test_variables_of_a_map_are_not_those_of_the_workflow() -> None:
    """Step Functions refuses a Map that assigns a variable of the workflow around it."""
    outer, *inner = scopes(read_definition())
    outer_names = {name for state in outer["States"].values() for block in assigns(state) for name in block}

    for machine in inner:
        names = {name for state in machine["States"].values() for block in assigns(state) for name in block}
        assert not names & outer_names


def test_the_template_substitutes_every_function() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    text = re.sub(r"!(Ref|Sub|GetAtt|Not|Equals) ", "", TEMPLATE.read_text())
    resources = yaml.safe_load(text)["Resources"]
    machine = resources["DeployStateMachine"]["Properties"]

    assert set(machine["DefinitionSubstitutions"]) == used
    assert used <= set(resources)
    invoked = machine["Policies"][0]["Statement"][0]["Resource"]
    assert {name.removesuffix(".Arn") for name in invoked} == used - {"ReleaseStateMachine"}
    assert machine["Policies"][0]["Statement"][1]["Resource"] == "ReleaseStateMachine"


def test_the_errors_retried_are_the_pipelines() -> None:
    import pipeline.errors as errors

    for name in OURS:
        assert issubclass(getattr(errors, name), errors.PipelineError)
