"""Draw the stacks from their templates: what starts what, what reads and writes what, and Personalize beside them.

A stack is a band; its boxes stand in columns by the longest way from what starts them. Only what a reader of the
picture asks about is drawn: buckets, functions, state machines, topics, tables, APIs;
roles, policies, logs and alarms are not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from docs.pictures.cloudformation import references
from personalize_local.console.drawing.svg import Canvas

KINDS = {
    "AWS::S3::Bucket": ("bucket", "storage"),
    "AWS::Serverless::Function": ("function", "compute"),
    "AWS::Serverless::StateMachine": ("state machine", "messaging"),
    "AWS::SNS::Topic": ("topic", "messaging"),
    "AWS::DynamoDB::Table": ("table", "storage"),
    "AWS::Serverless::Api": ("REST API", "entry"),
}
BOX_W, BOX_H, COLUMN, ROW, PAD = 188, 40, 250, 58, 18
PERSONALIZE = "Amazon Personalize"


@dataclass(frozen=True)
class Stack:
    """The boxes of one template and the arrows between them; `asks` are the boxes that call Personalize."""

    name: str
    kinds: dict[str, tuple[str, str]]  # box → (kind, style)
    arrows: frozenset[tuple[str, str]]
    asks: frozenset[str]


def draw(templates: dict[str, dict[str, Any]], title: str) -> str:
    """Give the SVG text of several stacks, one band each."""
    canvas = Canvas()
    stacks = [read_stack(name, template) for name, template in templates.items()]
    layouts = [columns(stack) for stack in stacks]
    width = max(len(layout) for layout in layouts) * COLUMN + PAD
    y: float = PAD
    callers: list[tuple[float, float]] = []
    for stack, layout in zip(stacks, layouts, strict=True):
        height = max(len(column) for column in layout) * ROW + 40
        canvas.frame(PAD, y, width, height, f"stack: {stack.name}")
        callers += _draw_stack(canvas, stack, layout, PAD * 2, y + 34)
        y += height + PAD
    _draw_personalize(canvas, width + PAD + 70, (y - PAD) / 2, callers)
    return canvas.document(title)


def read_stack(name: str, template: dict[str, Any]) -> Stack:
    """Read boxes and arrows from a template."""
    resources = template["Resources"]
    kinds = {box: KINDS[body["Type"]] for box, body in resources.items() if body["Type"] in KINDS}
    arrows: set[tuple[str, str]] = set()
    for box in kinds:
        arrows |= _arrows(box, resources[box], kinds)
    asks = {box for box in kinds if _calls_personalize(resources[box])}
    arrows, kinds = _with_parameter_tables(resources, kinds, arrows)
    return Stack(name, kinds, frozenset(arrows), frozenset(asks))


def _arrows(box: str, body: dict[str, Any], kinds: dict[str, tuple[str, str]]) -> set[tuple[str, str]]:
    properties = dict(body.get("Properties", {}))
    events = properties.pop("Events", {})
    started_by = {(source, box) for source in references(events) if source in kinds and source != box}
    if kinds[box][0] not in {"function", "state machine"}:
        return started_by
    used = {(box, target) for target in references(properties) if target in kinds and target != box}
    return started_by | {arrow for arrow in used if arrow[::-1] not in started_by}


def _calls_personalize(body: dict[str, Any]) -> bool:
    policies = json.dumps(body.get("Properties", {}).get("Policies", []))
    return re.search(r'"personalize:\w', policies) is not None


def _with_parameter_tables(
    resources: dict[str, Any], kinds: dict[str, tuple[str, str]], arrows: set[tuple[str, str]]
) -> tuple[set[tuple[str, str]], dict[str, tuple[str, str]]]:
    """Add the tables that a stack is told of by parameters (they belong to somebody else)."""
    for box in list(kinds):
        if kinds[box][0] != "function":
            continue
        for name in sorted(references(resources[box].get("Properties", {}).get("Environment", {}))):
            if name.endswith(("TableName", "TableNameParam")) and name not in resources:
                kinds = {**kinds, name: ("table, by parameter", "storage")}
                arrows = arrows | {(box, name)}
    return arrows, kinds


def columns(stack: Stack) -> list[list[str]]:
    """Place each box one column after the last of those that lead to it."""
    depth = dict.fromkeys(stack.kinds, 0)
    for _ in stack.kinds:  # longest path; arrows that close a circle stop moving after as many rounds as boxes
        for source, target in sorted(stack.arrows):
            if depth[target] <= depth[source] < len(stack.kinds) - 1 and (target, source) not in stack.arrows:
                depth[target] = depth[source] + 1
    used = sorted(set(depth.values()))
    return [[box for box in stack.kinds if depth[box] == level] for level in used]


def _draw_stack(
    canvas: Canvas, stack: Stack, layout: list[list[str]], left: float, top: float
) -> list[tuple[float, float]]:
    places = {
        box: (left + number * COLUMN, top + row * ROW)
        for number, column in enumerate(layout)
        for row, box in enumerate(column)
    }
    for source, target in sorted(stack.arrows):
        _draw_arrow(canvas, places[source], places[target])
    for box, (x, y) in places.items():
        kind, style = stack.kinds[box]
        canvas.box(x, y, BOX_W, BOX_H, style, [_label(box), kind])
    for box in sorted(stack.asks):
        canvas.dot(places[box][0] + BOX_W, places[box][1] + 8)
    return [places[box] for box in sorted(stack.asks)]


def _label(box: str) -> str:
    """Drop what the second line says anyway."""
    return box.removesuffix("Function").removesuffix("DynamoDbTableName").removesuffix("TableName")


def _draw_arrow(canvas: Canvas, source: tuple[float, float], target: tuple[float, float]) -> None:
    start_x, start_y = source[0] + BOX_W, source[1] + BOX_H / 2
    end_x, end_y = target[0], target[1] + BOX_H / 2
    if end_x - start_x > COLUMN:  # past other columns: over their boxes, through the gap before the target
        lane = min(source[1], target[1]) - 10
        canvas.path(f"M{start_x - 30:.0f},{source[1]:.0f} V{lane:.0f} H{end_x - 24:.0f} V{end_y + 8:.0f} H{end_x:.0f}")
        return
    bend = max(30.0, (end_x - start_x) / 2)
    canvas.path(
        f"M{start_x:.0f},{start_y:.0f} C{start_x + bend:.0f},{start_y:.0f} "
        f"{end_x - bend:.0f},{end_y:.0f} {end_x:.0f},{end_y:.0f}"
    )


def _draw_personalize(canvas: Canvas, x: float, middle: float, callers: list[tuple[float, float]]) -> None:
    canvas.box(x, middle - 50, BOX_W, 100, "model", [PERSONALIZE, "on AWS or local", ""])
    canvas.dot(x + 14, middle + 36)
    canvas.text(x + 24, middle + 40, f"called by {len(callers)} boxes with a dot")
