"""How traffic moves between two arms; pure.

Rule 1: whoever reads the two rows while they are being written, one as it was and one as it will be, meets an arm with
        traffic. So no move goes from all on one arm to all on the other: it rests half way for some seconds.
Rule 2: where a release stands is read from the rows, never from memory: a move that is repeated changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_spec.parameters.reading import Traffic

REST_S = 5  # DynamoDB's readers are seldom a second behind
WATCH_S = 60  # how often alarms are looked at; CloudWatch itself looks once a minute
WATCH_SOAK_S = 300  # in the soak time, which may be days: an execution may have 25,000 events
DRAIN_S = 60  # after an arm has no traffic: the API remembers rows, 15 s unless its stack says otherwise
HALF_WAY = 50.0
EVERYTHING = 100.0


@dataclass(frozen=True)
class Pace:
    """How a release moves the traffic: shares of the new arm in percent, rising to all, and how long each is held."""

    steps: tuple[float, ...]
    step_s: int
    soak_s: int
    alarms: tuple[str, ...] = ()

    @classmethod
    def of_file(cls, traffic: Traffic) -> Pace:
        """Read what the parameter file says of the traffic."""
        steps = tuple(map(float, traffic.steps))
        return cls(steps, seconds(traffic.step_minutes * 60), seconds(traffic.soak_hours * 3600), traffic.alarms)

    @classmethod
    def of_plan(cls, data: Mapping[str, Any]) -> Pace:
        """Read it from a plan, where it is JSON."""
        return cls(tuple(data["steps"]), data["step_s"], data["soak_s"], tuple(data["alarms"]))


AT_ONCE = Pace(steps=(EVERYTHING,), step_s=1, soak_s=1)


@dataclass(frozen=True)
class Move:
    """What to do next.

    `share` is what the new arm is to have, in percent, None to leave it; `arrived` tells that nothing is left to do,
    otherwise look again after `wait_s`.
    """

    share: float | None
    arrived: bool = False
    wait_s: int = 0


def move_towards(share: float, target: float) -> Move:
    """Give the move from a share to another one: at once, or half way first."""
    if share == target:
        return Move(None, arrived=True)
    if {share, target} == {0.0, EVERYTHING}:
        return Move(HALF_WAY, wait_s=REST_S)
    return Move(target, arrived=True)


def next_move(pace: Pace, share: float, held_s: float) -> Move:
    """Give the next move of a release that stands at a share and has held it for some seconds."""
    if share >= EVERYTHING:
        return Move(None, arrived=True)
    if share > 0 and (left_s := pace.step_s - held_s) > 0:
        return Move(None, wait_s=seconds(min(left_s, WATCH_S)))
    target = min(step for step in pace.steps if step > share)
    move = move_towards(share, target)
    if move.arrived and target < EVERYTHING:
        return Move(target, wait_s=seconds(min(pace.step_s, WATCH_S)))
    return move


def weights(ratio: float, share: float) -> tuple[float, float]:
    """Give the weights of the new and the live arm: shares of what the dataset group has of the API's traffic."""
    new = round(ratio * share / EVERYTHING, 6)
    return new, round(ratio - new, 6)


def seconds(value: float) -> int:
    """Whole seconds, as a Wait takes them; one at least."""
    return max(1, math.ceil(value))
