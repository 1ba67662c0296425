"""What pages change about runs: stop, start again, roll back; each asks first."""

from __future__ import annotations

import json

from personalize_local.console.http import Reply, Request, redirect
from personalize_local.console.page import PREFIX, NotFoundError, Page
from personalize_local.console.pages.confirm import confirm_page, is_confirmed
from personalize_local.console.pages.runs import run_arn
from personalize_local.console.sources import Sources
from personalize_local.console.workflows import rollback_machine


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
    return _start(sources, described["stateMachineArn"], described["input"])


def roll_back(sources: Sources, request: Request) -> Page | Reply:
    """Start the machine that serves the version before again, once confirmed.

    Errors: NotFoundError for a console that only reads, and where no pipeline can roll back.
    """
    group, machine = request.form.get("dataset_group", ""), rollback_machine(sources.account)
    if not sources.may_change or not group or not machine:
        raise NotFoundError("Nothing here can be rolled back: this console only reads, or there is no such workflow.")
    if not is_confirmed(request):
        what = (
            f"Readers of {group} get the version before again, as soon as its campaign answers. The version that is "
            "live now is not released again by itself."
        )
        return confirm_page(request, f"Roll back {group}?", what, "Roll back", PREFIX)
    return _start(sources, machine, json.dumps({"dataset_group": group}))


def _start(sources: Sources, machine_arn: str, text: str) -> Reply:
    started = sources.account.client("stepfunctions").start_execution(stateMachineArn=machine_arn, input=text)
    return redirect(_address(started["executionArn"]))


def _changeable(sources: Sources, request: Request) -> tuple[str, str]:
    if not sources.may_change:
        raise NotFoundError("This console only reads.")
    arn = run_arn(request.form.get("arn", ""))
    return arn, _address(arn)


def _address(arn: str) -> str:
    return f"{PREFIX}run?arn={arn}"
