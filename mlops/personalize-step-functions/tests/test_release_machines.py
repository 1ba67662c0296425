"""The definitions of release, rollback, retire and teardown: whole, told about, and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonata
import pytest
import yaml
from definition_reading import scopes, states, targets, texts
from machine_runner import MACHINES, NAMES, read_machine

TEMPLATE = Path(__file__).parents[1] / "template.yaml"


def assigned(state: dict[str, Any]) -> Iterator[str]:
    for block in (state, *state.get("Catch", []), *state.get("Choices", [])):
        yield from block.get("Assign", {})


@pytest.mark.parametrize("name", NAMES)
def test_every_state_can_be_reached_and_every_target_exists(name: str) -> None:
    for scope in scopes(read_machine(name)):
        reached, waiting = set(), [scope["StartAt"]]
        while waiting:
            state = waiting.pop()
            if state not in reached:
                reached.add(state)
                waiting += targets(scope["States"][state])
        assert reached == set(scope["States"])


@pytest.mark.parametrize("name", NAMES)
def test_every_state_name_is_used_once_and_short_enough(name: str) -> None:
    names = [state for state, _ in states(read_machine(name))]

    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_every_task_is_retried_caught_and_limited(name: str) -> None:
    for state, task in states(read_machine(name), "Task"):
        retried = {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}
        assert {"Lambda.ServiceException", "Lambda.TooManyRequestsException", "TryAgainError"} <= retried, state
        assert [catcher["ErrorEquals"] for catcher in task["Catch"]] == [["States.ALL"]], state
        assert task["TimeoutSeconds"] <= 120
        for retrier in task["Retry"]:
            assert retrier["MaxDelaySeconds"] <= 300
            assert retrier["JitterStrategy"] == "FULL"
            assert retrier["MaxAttempts"] <= 10


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_caught_ends_with_the_lock_freed(name: str) -> None:
    """From every handler of the outermost scope there is no way to an end that does not pass Free lock."""
    machine = read_machine(name)["States"]
    ends, waiting, seen = set(), ["Notify failure"], set()
    while waiting:
        state = waiting.pop()
        if state in seen or state == "Free lock":
            continue
        seen.add(state)
        ends |= {state} if machine[state]["Type"] in ("Succeed", "Fail") else set()
        waiting += targets(machine[state])

    assert ends <= ({"Released", "Failed"} if name == "release" else set())  # with the lock of its deployment


@pytest.mark.parametrize("name", NAMES)
def test_every_expression_parses_and_reads_variables_that_are_set(name: str) -> None:
    known = {variable for _, state in states(read_machine(name)) for variable in assigned(state)}
    expressions = [text[2:-2].strip() for text in texts(read_machine(name)) if text.startswith("{%")]

    for expression in expressions:
        jsonata.Jsonata.jsonata(expression)
        used = set(re.findall(r"\$([a-z_]\w*)(?!\w*\()", re.sub(r'"[^"]*"', "", expression)))
        assert used <= known | {"states"}, expression


@pytest.mark.parametrize("name", NAMES)
def test_variables_of_a_map_are_not_those_of_the_machine(name: str) -> None:
    """Step Functions refuses a Map that assigns a variable of the machine around it."""
    outer, *inner = scopes(read_machine(name))
    outer_names = {variable for state in outer["States"].values() for variable in assigned(state)}

    for scope in inner:
        assert not {variable for state in scope["States"].values() for variable in assigned(state)} & outer_names


@pytest.mark.parametrize("name", NAMES)
def test_the_template_gives_each_machine_what_it_uses_and_no_more(name: str) -> None:
    used = set(re.findall(r"\$\{(\w+)\}", (MACHINES / f"{name}.asl.yaml").read_text()))
    text = re.sub(r"!(Ref|Sub|GetAtt|Not|Equals) ", "", TEMPLATE.read_text())
    resources = yaml.safe_load(text)["Resources"]
    machine = resources[f"{name.capitalize()}StateMachine"]["Properties"]

    assert set(machine["DefinitionSubstitutions"]) == used
    assert used <= set(resources)
    statements = machine["Policies"][1]["Statement"]
    allowed = [statement["Resource"] for statement in statements]
    flat = {each.removesuffix(".Arn") for found in allowed for each in ([found] if isinstance(found, str) else found)}
    assert flat == used
    assert machine["Tags"] == {"personalize-monitor": "pipeline"}


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_and_the_rule_for_stopped_executions_know_the_machine(name: str) -> None:
    text = TEMPLATE.read_text()
    logical = f"{name.capitalize()}StateMachine"

    assert f"execution:${{{logical}.Name}}:*" in text
    assert f"- !Ref {logical}\n" in text.split("StoppedExecutions:")[1].split("Targets:")[0]
