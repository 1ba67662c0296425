"""Draw a state machine from its Amazon States Language definition.

Every scope (the machine, a branch of a Parallel, the body of a Map) is a column of its states in the order of a
depth-first walk. A polling loop (a Choice that leads to a Wait, a Task, and back to itself) stands beside its Choice.
A red dot marks a state whose failure leads to a handler; where they lead is written once, at the foot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_local.console.drawing.svg import Canvas

BOX_W, BOX_H, GAP, PAD, ARC = 184, 38, 20, 16, 24
POLL_W, POLL_GAP = 176, 40
STYLES = {"Task": "task", "Choice": "choice", "Wait": "wait", "Fail": "fail", "Succeed": "succeed"}

State = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """One StartAt with its states, and what the picture folds away."""

    start: str
    states: dict[str, State]
    handlers: frozenset[str]  # where failures of this scope lead
    polls: dict[str, tuple[str, str]]  # Choice → (its Wait, its Task)

    @property
    def folded(self) -> set[str]:
        """Name the states drawn beside a Choice."""
        return {name for pair in self.polls.values() for name in pair}


@dataclass(frozen=True)
class Block:
    """A state, with the columns inside it. Units: pixels."""

    name: str
    state: State
    columns: tuple[Column, ...]
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """The blocks of one scope, top to bottom; `side` is the room to the right that its polling loops need."""

    scope: Scope
    blocks: tuple[Block, ...]
    width: float
    height: float
    side: float


def draw(
    definition: State,
    title: str,
    lit: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """Give the SVG text of a state machine; `lit` names how states are doing: good, busy or bad.

    With `links`, addresses by state, it is a part of a page that has the style.
    """
    canvas = Canvas(lit=lit or {}, links=links or {})
    column = _column(definition)
    _draw_column(canvas, column, PAD, PAD)
    targets = ", ".join(sorted(_all_handlers(definition)))
    if targets:
        canvas.dot(PAD + 6, column.height + PAD + 26)
        canvas.text(PAD + 16, column.height + PAD + 30, f"a failure here leads to: {targets}")
    return canvas.document(title, is_part_of_page=links is not None)


def read_scope(machine: State) -> Scope:
    """Read one scope; a handler is any state that a Catch names, with what follows it."""
    states = machine["States"]
    caught = {catcher["Next"] for state in states.values() for catcher in state.get("Catch", ())}
    polls = {name: loop for name in states if (loop := _poll(states, name)) and _is_aside(machine, *loop)}
    return Scope(machine["StartAt"], states, frozenset(caught), polls)


def successors(scope: Scope, name: str) -> list[str]:
    """Name the states drawn after this one: handlers only follow handlers, folded states nothing."""
    state = scope.states[name]
    names = [state["Next"]] if "Next" in state else []
    names += [rule["Next"] for rule in state.get("Choices", ())]
    names += [state["Default"]] if "Default" in state else []
    hidden = scope.folded | (set() if name in scope.handlers else scope.handlers)
    return [after for after in dict.fromkeys(names) if after not in hidden]


def order(scope: Scope) -> list[str]:
    """Order a scope's states: each before what follows it; the handlers last."""
    ordered: list[str] = []
    seen: set[str] = set()
    for start in (*sorted(scope.handlers), scope.start):
        _visit(scope, start, seen, ordered)
    return ordered


def _visit(scope: Scope, name: str, seen: set[str], walk: list[str]) -> None:
    if name in seen:
        return
    seen.add(name)
    for successor in reversed(successors(scope, name)):
        _visit(scope, successor, seen, walk)
    walk.insert(0, name)


def _poll(states: dict[str, State], choice: str) -> tuple[str, str] | None:
    """Give the Wait and the Task of a loop from this Choice back to itself."""
    if states[choice]["Type"] != "Choice":
        return None
    targets = [rule["Next"] for rule in states[choice]["Choices"]] + [states[choice].get("Default", "")]
    for wait in targets:
        if states.get(wait, {}).get("Type") == "Wait":
            task = states[wait]["Next"]
            if states[task].get("Next") == choice:
                return wait, task
    return None


def _is_aside(machine: State, wait: str, task: str) -> bool:
    """Tell whether a loop's Wait alone leads to its Task: one that is also on the way is no loop to draw aside."""
    leading = [name for name, state in machine["States"].items() if task in _targets(state)]
    return machine["StartAt"] not in (wait, task) and leading == [wait]


def _targets(state: State) -> list[str]:
    named = (*state.get("Choices", ()), *state.get("Catch", ()), state)
    return [one["Next"] for one in named if "Next" in one] + [state.get("Default", "")]


def _inner(state: State) -> list[State]:
    body = state.get("ItemProcessor") or state.get("Iterator")
    return list(state.get("Branches", ())) + ([body] if body else [])


def _all_handlers(machine: State) -> set[str]:
    inner = (scope for state in machine["States"].values() for scope in _inner(state))
    return set(read_scope(machine).handlers).union(*(_all_handlers(scope) for scope in inner))


def _column(machine: State) -> Column:
    scope = read_scope(machine)
    blocks = tuple(_block(name, scope.states[name]) for name in order(scope))
    side = POLL_W + POLL_GAP if scope.polls else 0
    width = max(max(block.width for block in blocks), BOX_W + 2 * side) + 2 * ARC
    return Column(scope, blocks, width, sum(block.height for block in blocks) + GAP * (len(blocks) - 1), side)


def _block(name: str, state: State) -> Block:
    columns = tuple(_column(scope) for scope in _inner(state))
    if not columns:
        return Block(name, state, (), BOX_W, BOX_H)
    width = sum(column.width for column in columns) + PAD * (len(columns) + 1)
    return Block(name, state, columns, width, max(column.height for column in columns) + 2 * PAD + 18)


def _draw_column(canvas: Canvas, column: Column, x: float, y: float) -> None:
    middle = x + column.width / 2
    tops: dict[str, float] = {}
    for block in column.blocks:
        tops[block.name] = y
        _draw_block(canvas, column.scope, block, middle, y)
        y += block.height + GAP
    for position, block in enumerate(column.blocks):
        for successor in successors(column.scope, block.name):
            _draw_step(canvas, column, middle, tops, position, successor)


def _draw_block(canvas: Canvas, scope: Scope, block: Block, middle: float, y: float) -> None:
    left, kind = middle - block.width / 2, block.state["Type"]
    if block.columns:
        how = "for each" if kind == "Map" else "in parallel"
        canvas.frame(left, y, block.width, block.height, f"{block.name} · {how}")
        x = left + PAD
        for column in block.columns:
            _draw_column(canvas, column, x, y + PAD + 18)
            x += column.width + PAD
    else:
        canvas.box(left, y, block.width, block.height, STYLES.get(kind, "box"), [block.name])
    if block.name in scope.polls:
        _draw_poll(canvas, scope.polls[block.name], left + BOX_W, y)
    if _may_fail(scope, block.name):
        canvas.dot(left + block.width, y + 8)


def _draw_poll(canvas: Canvas, loop: tuple[str, str], x: float, y: float) -> None:
    left = x + POLL_GAP
    canvas.box(left, y, POLL_W, BOX_H, "wait", [loop[1], loop[0].lower()])
    canvas.path(f"M{x:.0f},{y + 13:.0f} L{left:.0f},{y + 13:.0f}")
    canvas.path(f"M{left:.0f},{y + 27:.0f} L{x:.0f},{y + 27:.0f}", "back")


def _may_fail(scope: Scope, name: str) -> bool:
    state = scope.states[name]
    ways = [rule["Next"] for rule in state.get("Choices", ())] + [state.get("Default", "")]
    return "Catch" in state or any(way in scope.handlers for way in ways)


def _draw_step(
    canvas: Canvas, column: Column, middle: float, tops: dict[str, float], position: int, successor: str
) -> None:
    block = column.blocks[position]
    steps = list(tops).index(successor) - position
    if steps == 1:
        canvas.path(f"M{middle:.0f},{tops[block.name] + block.height:.0f} L{middle:.0f},{tops[successor]:.0f}")
        return
    target = next(other for other in column.blocks if other.name == successor)
    start_x, end_x = middle - block.width / 2, middle - target.width / 2
    start_y, end_y = tops[block.name] + block.height / 2, tops[successor] + target.height / 2
    bend_x = min(start_x, end_x) - ARC - 4 * min(abs(steps), 6)
    curve = f"C{bend_x:.0f},{start_y:.0f} {bend_x:.0f},{end_y:.0f} {end_x:.0f},{end_y:.0f}"
    canvas.path(f"M{start_x:.0f},{start_y:.0f} {curve}", "back" if steps < 0 else "")
