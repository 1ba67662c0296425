"""Draw a state machine from its Amazon States Language definition.

Every scope (the machine, a branch of a Parallel, the body of a Map) is a column of its states in the order of a depth-first
walk; steps to the next box are straight arrows, jumps are arcs: backwards (a polling loop) on the left, forwards on the right.
A red dot marks a state whose failures are caught; where they go is written once, below the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docs.pictures.svg import Canvas

BOX_W, BOX_H, GAP, PAD, ARC = 190, 40, 22, 16, 26
STYLES = {"Task": "task", "Choice": "choice", "Wait": "wait", "Fail": "fail", "Succeed": "succeed"}

State = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """A state and the columns inside it. Units: pixels."""

    name: str
    state: State
    columns: tuple[Column, ...]
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """The states of one scope, top to bottom."""

    blocks: tuple[Block, ...]
    width: float
    height: float


def draw(definition: State, title: str) -> str:
    """Give the SVG text of a state machine."""
    canvas = Canvas()
    column = _column(definition)
    _draw_column(canvas, column, PAD, PAD + 8)
    caught = sorted(_catch_targets(definition))
    if caught:
        y = column.height + PAD + 34
        canvas.dot(PAD + 6, y - 4)
        canvas.text(PAD + 16, y, f"any failure here goes to: {', '.join(caught)}")
    return canvas.document(title)


def successors(state: State) -> list[str]:
    """Name the states that may follow, the ordinary way first; failures apart."""
    names = [state["Next"]] if "Next" in state else []
    names += [rule["Next"] for rule in state.get("Choices", ())]
    names += [state["Default"]] if "Default" in state else []
    return list(dict.fromkeys(names))


def order(machine: State) -> list[str]:
    """Order a scope's states: what is reached last along the longest walk comes last; failure handlers at the end."""
    finished: list[str] = []
    for start in (machine["StartAt"], *_catch_order(machine)):
        before = len(finished)
        walk: list[str] = []
        _visit(machine["States"], start, set(finished), walk)
        finished[before:] = walk
    return finished


def _visit(states: dict[str, State], name: str, seen: set[str], walk: list[str]) -> None:
    if name in seen:
        return
    seen.add(name)
    for successor in reversed(successors(states[name])):
        _visit(states, successor, seen, walk)
    walk.insert(0, name)


def _catch_order(machine: State) -> list[str]:
    targets = [catcher["Next"] for state in machine["States"].values() for catcher in state.get("Catch", ())]
    return list(dict.fromkeys(targets))


def _catch_targets(machine: State) -> set[str]:
    found: set[str] = set()
    for state in machine["States"].values():
        found |= {catcher["Next"] for catcher in state.get("Catch", ())}
        for scope in _scopes(state):
            found |= _catch_targets(scope)
    return found


def _scopes(state: State) -> list[State]:
    inner = state.get("ItemProcessor") or state.get("Iterator")
    return list(state.get("Branches", ())) + ([inner] if inner else [])


def _column(machine: State) -> Column:
    blocks = tuple(_block(name, machine["States"][name]) for name in order(machine))
    width = max(block.width for block in blocks) + 2 * ARC
    return Column(blocks, width, sum(block.height for block in blocks) + GAP * (len(blocks) - 1))


def _block(name: str, state: State) -> Block:
    columns = tuple(_column(scope) for scope in _scopes(state))
    if not columns:
        return Block(name, state, (), BOX_W, BOX_H)
    width = sum(column.width for column in columns) + PAD * (len(columns) + 1)
    return Block(name, state, columns, width, max(column.height for column in columns) + 2 * PAD + 18)


def _draw_column(canvas: Canvas, column: Column, x: float, y: float) -> None:
    middle = x + column.width / 2
    spans: dict[str, tuple[float, float, float]] = {}  # name → half width, top, bottom
    for block in column.blocks:
        _draw_block(canvas, block, middle, y)
        spans[block.name] = (block.width / 2, y, y + block.height)
        y += block.height + GAP
    names = [block.name for block in column.blocks]
    for position, block in enumerate(column.blocks):
        for successor in successors(block.state):
            if successor in spans:
                steps = names.index(successor) - position
                _draw_edge(canvas, middle, spans[block.name], spans[successor], steps)


def _draw_block(canvas: Canvas, block: Block, middle: float, y: float) -> None:
    kind = block.state["Type"]
    left = middle - block.width / 2
    if block.columns:
        many = " for each" if kind == "Map" else " in parallel"
        canvas.frame(left, y, block.width, block.height, f"{block.name} ·{many}")
        x = left + PAD
        for column in block.columns:
            _draw_column(canvas, column, x, y + PAD + 18)
            x += column.width + PAD
    else:
        note = [f"{block.state['Seconds']} s"] if kind == "Wait" and "Seconds" in block.state else []
        canvas.box(left, y, block.width, block.height, STYLES.get(kind, "box"), [block.name, *note])
    if "Catch" in block.state:
        canvas.dot(left + block.width, y + 10)


def _draw_edge(
    canvas: Canvas, middle: float, source: tuple[float, float, float], target: tuple[float, float, float], steps: int
) -> None:
    if steps == 1:
        canvas.path(f"M{middle:.0f},{source[2]:.0f} L{middle:.0f},{target[1]:.0f}")
        return
    side = 1 if steps > 0 else -1
    start_x, end_x = middle + side * source[0], middle + side * target[0]
    start_y, end_y = (source[1] + source[2]) / 2, (target[1] + target[2]) / 2
    bend = max(abs(start_x - middle), abs(end_x - middle)) + ARC - 6 + min(abs(steps), 6) * 2
    bend_x = middle + side * bend
    extra = "back" if steps < 0 else ""
    canvas.path(
        f"M{start_x:.0f},{start_y:.0f} C{bend_x:.0f},{start_y:.0f} {bend_x:.0f},{end_y:.0f} {end_x:.0f},{end_y:.0f}",
        extra,
    )
