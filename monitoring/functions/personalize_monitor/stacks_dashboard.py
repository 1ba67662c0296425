"""The dashboard of the pipelines and APIs, region by region; pure."""

from __future__ import annotations

from typing import Any

from personalize_monitor.resources import Api, Inventory, Workflow
from personalize_monitor.widgets import HEADER_HEIGHT, Line, chart

STATES, GATEWAY = "AWS/States", "AWS/ApiGateway"
ENDINGS = (("ExecutionsSucceeded", "succeeded"), ("ExecutionsFailed", "failed"), ("ExecutionsTimedOut", "timed out"))


def stacks_body(inventory: Inventory) -> dict[str, Any]:
    """Give the body: executions and their time, requests, errors and latency."""
    parts = (*inventory.workflows, *inventory.apis)
    charts = [
        (title, unit, lines, region)
        for region in sorted({part.region for part in parts})
        for title, unit, lines in _charts(inventory, region)
        if lines
    ]
    widgets = [_header(inventory)]
    widgets += [chart(place, *one) for place, one in enumerate(charts)]
    return {"start": "-PT24H", "periodOverride": "inherit", "widgets": widgets}


def _charts(inventory: Inventory, region: str) -> list[tuple[str, str, list[Line]]]:
    workflows = sorted((one for one in inventory.workflows if one.region == region), key=lambda one: one.arn)
    apis = sorted((one for one in inventory.apis if one.region == region), key=lambda one: one.name)
    return [
        ("Executions", "in 5 minutes", [line for workflow in workflows for line in _endings(workflow)]),
        ("Time of executions", "ms", [_of_workflow(workflow, "ExecutionTime", "Maximum") for workflow in workflows]),
        ("Requests to the APIs", "in 5 minutes", [_of_api(api, "Count", "Sum") for api in apis]),
        ("Errors of the APIs", "share of the requests", [_of_api(api, "5XXError", "Average") for api in apis]),
        ("Latency of the APIs", "ms on average", [_of_api(api, "Latency", "Average") for api in apis]),
    ]


def _endings(workflow: Workflow) -> list[Line]:
    return [_of_workflow(workflow, metric, "Sum", f" {words}") for metric, words in ENDINGS]


def _of_workflow(workflow: Workflow, metric: str, stat: str, suffix: str = "") -> Line:
    return [STATES, metric, "StateMachineArn", workflow.arn, {"stat": stat, "label": workflow.name + suffix}]


def _of_api(api: Api, metric: str, stat: str) -> Line:
    return [GATEWAY, metric, "ApiName", api.name, {"stat": stat, "label": api.name}]


def _header(inventory: Inventory) -> dict[str, Any]:
    words = f"State machines: {len(inventory.workflows)}, APIs: {len(inventory.apis)}"
    text = f"## Pipelines and APIs\n{words}"
    return {"type": "text", "x": 0, "y": 0, "width": 24, "height": HEADER_HEIGHT, "properties": {"markdown": text}}
