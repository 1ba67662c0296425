"""Runs: the state machines' executions, and one of them state by state."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.drawing.workflow import draw
from personalize_local.console.executions import Execution
from personalize_local.console.http import Reply, Request
from personalize_local.console.links import links_in
from personalize_local.console.page import NotFoundError, Page
from personalize_local.console.remedies import remedy
from personalize_local.console.scopes import StatePlace, state_places
from personalize_local.console.sources import Sources
from personalize_local.console.stream import Stream
from personalize_local.console.words import element_id, name_of
from personalize_local.console.workflows import read_machines, rollback_machine

SHOWN_CHARACTERS = 20_000  # of an input or output
# The picture is a document of its own that has its style in it; nothing else may load there.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def runs_page(sources: Sources, request: Request) -> Page:
    """Give all state machines with their last runs."""
    return Page("runs.html", "Runs", {"machines": read_machines(sources.account)}, section="runs")


def run_page(sources: Sources, request: Request) -> Page:
    """Give one run: each state's status, duration against earlier runs, input, output and error."""
    arn = run_arn(request.query.get("arn", ""))
    execution = sources.executions.read(arn)
    definition = sources.executions.definition(arn)
    earlier_s, earlier_run_s = sources.executions.earlier_durations_s(execution)
    described = execution.described
    ended = described.get("stopDate")
    places = state_places(definition)
    data = {
        "arn": arn,
        "name": described["name"],
        "machine": described["stateMachineArn"].rpartition(":")[2],
        "status": described["status"],
        "started_at": described["startDate"],
        "duration_s": ((ended or datetime.now(UTC)) - described["startDate"]).total_seconds(),
        "earlier_s": earlier_run_s,
        "error": described.get("error", ""),
        "cause": _readable(described.get("cause", "")),
        "remedy": remedy(described.get("error", ""), described.get("cause", "")),
        "input": _readable(described.get("input", "")),
        "output": _readable(described.get("output", "")),
        "links": links_in(described.get("input", ""), described.get("output", ""), _outputs(execution)),
        "states": [_state(execution, place, earlier_s.get(place.name)) for place in places],
        "dataset_group": _dataset_group(described) if rollback_machine(sources.account) else "",
    }
    if not request.path.endswith(".json"):
        links = {place.name: f"#{element_id(place.name)}" for place in places}
        data["picture"] = draw(definition, f"The workflow of {described['name']}", execution.tones(), links)
    return Page("run.html", f"Run {described['name']}", data, section="runs")


def run_events(sources: Sources, request: Request) -> Stream:
    """Tell when a run has got on."""
    arn = run_arn(request.query.get("arn", ""))
    return Stream(lambda: sources.executions.look(arn), sources.look_every_s)


def run_picture(sources: Sources, request: Request) -> Reply:
    """Give the workflow, drawn from its definition, with the states lit that the run passed."""
    arn = run_arn(request.query.get("arn", ""))
    execution = sources.executions.read(arn)
    text = draw(sources.executions.definition(arn), f"The workflow of {name_of(arn)}", execution.tones())
    headers = {"cache-control": "no-store", "content-security-policy": PICTURE_POLICY}
    return Reply(200, "image/svg+xml", text.encode(), headers)


def run_arn(text: str) -> str:
    """Check the ARN of a run. Errors: NotFoundError."""
    if ":execution:" not in text:
        raise NotFoundError("Choose a run on the page of runs.")
    return text


def _dataset_group(described: dict[str, Any]) -> str:
    """Give the name of the dataset group that a run is about; empty where neither input nor output says."""
    for text in (described.get("input", ""), described.get("output", "")):
        with contextlib.suppress(ValueError, AttributeError):
            found = json.loads(text or "{}").get("dataset_group", "")
            if isinstance(found, dict):
                found = found.get("name", "")
            if isinstance(found, str) and found:
                return found
    return ""


def _outputs(execution: Execution) -> str:
    return " ".join(state.output for state in execution.states.values())


def _state(execution: Execution, place: StatePlace, earlier_s: float | None) -> dict[str, Any]:
    state = execution.states.get(place.name)
    found = {"name": place.name, "type": place.type, "depth": place.depth, "inside": place.inside, "tone": ""}
    found |= {"visits": 0, "duration_s": None, "earlier_s": earlier_s, "input": "", "output": ""}
    found |= {"error": "", "cause": "", "remedy": "", "failed_tries": 0, "failed_try": "", "links": []}
    if state is None:
        return found
    return found | {
        "tone": execution.tone(state),
        "visits": state.visits,
        "duration_s": state.duration_s,
        "input": _readable(state.input),
        "output": _readable(state.output),
        "error": state.error,
        "cause": _readable(state.cause),
        "remedy": remedy(state.error, state.cause),
        "failed_tries": state.failed_tries,
        "failed_try": _readable(state.failed_try),
        "links": links_in(state.input, state.output, state.cause),
    }


def _readable(text: str) -> str:
    """Spread JSON over lines, and cut what is very long."""
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "\n… cut here"
