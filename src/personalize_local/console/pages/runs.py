"""Runs: the state machines' executions, and one of them state by state."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.drawing.workflow import draw, order, read_scope
from personalize_local.console.executions import Execution
from personalize_local.console.frame import PREFIX
from personalize_local.console.http import Reply, Request, redirect
from personalize_local.console.page import NotFoundError, Page
from personalize_local.console.pages.confirm import confirm_page, is_confirmed
from personalize_local.console.sources import Sources
from personalize_local.console.words import name_of
from personalize_local.console.workflows import read_machines

SHOWN_CHARACTERS = 20_000  # of an input or output
# The picture is a document of its own that has its style in it; nothing else may load there.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def runs_page(sources: Sources, request: Request) -> Page:
    """Give all state machines with their last runs."""
    return Page("runs.html", "Runs", {"machines": read_machines(sources.account)}, section="runs")


def run_page(sources: Sources, request: Request) -> Page:
    """Give one run: each state's status, duration against earlier runs, input, output and error."""
    arn = _arn(request.query.get("arn", ""))
    execution = sources.executions.read(arn)
    earlier_s = sources.executions.earlier_durations_s(execution)
    described = execution.described
    ended = described.get("stopDate")
    data = {
        "arn": arn,
        "name": described["name"],
        "machine": described["stateMachineArn"].rpartition(":")[2],
        "status": described["status"],
        "started_at": described["startDate"],
        "duration_s": ((ended or datetime.now(UTC)) - described["startDate"]).total_seconds(),
        "error": described.get("error", ""),
        "cause": _readable(described.get("cause", "")),
        "input": _readable(described.get("input", "")),
        "output": _readable(described.get("output", "")),
        "states": _states(execution, sources.executions.definition(arn), earlier_s),
    }
    return Page("run.html", f"Run {described['name']}", data, section="runs")


def run_picture(sources: Sources, request: Request) -> Reply:
    """Give the workflow, drawn from its definition, with the states lit that the run passed."""
    arn = _arn(request.query.get("arn", ""))
    execution = sources.executions.read(arn)
    text = draw(sources.executions.definition(arn), f"The workflow of {name_of(arn)}", execution.tones())
    headers = {"cache-control": "no-store", "content-security-policy": PICTURE_POLICY}
    return Reply(200, "image/svg+xml", text.encode(), headers)


def stop_run(sources: Sources, request: Request) -> Page | Reply:
    """Stop a run, once confirmed. Errors: NotFoundError for a console that only reads."""
    arn, back = _changeable(sources, request)
    if not is_confirmed(request):
        what = "The state machine ends where it is. What it created stays, and a new run continues from there."
        return confirm_page(request, "Stop this run?", what, "Stop it", back)
    sources.account.client("stepfunctions").stop_execution(executionArn=arn, cause="Stopped in the console.")
    return redirect(back)


def run_again(sources: Sources, request: Request) -> Page | Reply:
    """Start a run with the input of another, once confirmed. Errors: NotFoundError for a console that only reads."""
    arn, back = _changeable(sources, request)
    if not is_confirmed(request):
        what = (
            "A new run starts with the same input: it imports, trains and deploys as the parameters say, and costs so."
        )
        return confirm_page(request, "Run this again?", what, "Start it", back)
    described = sources.executions.read(arn).described
    started = sources.account.client("stepfunctions").start_execution(
        stateMachineArn=described["stateMachineArn"], input=described["input"]
    )
    return redirect(_address(started["executionArn"]))


def _changeable(sources: Sources, request: Request) -> tuple[str, str]:
    if not sources.may_change:
        raise NotFoundError("This console only reads.")
    arn = _arn(request.form.get("arn", ""))
    return arn, _address(arn)


def _address(arn: str) -> str:
    return f"{PREFIX}run?arn={arn}"


def _arn(text: str) -> str:
    if ":execution:" not in text:
        raise NotFoundError("Choose a run on the page of runs.")
    return text


def _states(execution: Execution, definition: dict[str, Any], earlier_s: dict[str, float]) -> list[dict[str, Any]]:
    """Give the states in the order of the picture, those of inner scopes that were entered after them."""
    named = order(read_scope(definition))
    rows = []
    for name in [*named, *(name for name in execution.states if name not in named)]:
        state = execution.states.get(name)
        rows.append(
            {
                "name": name,
                "type": definition["States"].get(name, {}).get("Type", ""),
                "tone": "" if state is None else execution.tone(state),
                "visits": 0 if state is None else state.visits,
                "duration_s": None if state is None else state.duration_s,
                "earlier_s": earlier_s.get(name),
                "input": "" if state is None else _readable(state.input),
                "output": "" if state is None else _readable(state.output),
                "error": "" if state is None else state.error,
                "cause": "" if state is None else _readable(state.cause),
            }
        )
    return rows


def _readable(text: str) -> str:
    """Spread JSON over lines, and cut what is very long."""
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "\n… cut here"
