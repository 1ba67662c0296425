"""Move the API's traffic between the two arms of a dataset group, by the weights in their rows.

Rule 1: the arm that gains is written before the one that loses (see pipeline.traffic).
Rule 2: every action may be repeated: it reads where the traffic is, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arm_row import (
    KEPT,
    back,
    both,
    compose,
    history,
    is_new,
    may_have_moved,
    moved_in_place,
    only_in,
    others_of,
    serving,
    succeeded,
    unused,
    versions_back,
)
from pipeline.arms import Row, arm_names, other_arm, row_named, share_of, snapshot, weight_of, with_withdrawn
from pipeline.memory import Memory
from pipeline.refusals import with_refusals
from pipeline.settings_table import SettingsTable
from pipeline.traffic import AT_ONCE, EVERYTHING, Move, Pace, move_towards, next_move, weights

Plan = Mapping[str, Any]
WAIT, DONE, ALARM, FAILED = "WAIT", "DONE", "ALARM", "FAILED"


@dataclass(frozen=True)
class Arms:
    """The settings table, and the memory of releases, for one plan."""

    table: SettingsTable
    memory: Memory
    plan: Plan
    now: datetime

    def settle(self) -> dict[str, Any]:
        """Give all traffic to the live arm: an interrupted release may have left the other one some."""
        arm, live = self._rows()
        if live is None or arm is None or arm["name"] == live["name"]:
            return {"verdict": DONE}
        return self._move(arm, live, move_towards(share_of(arm, live), 0.0))

    def open(self, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Write the row of the arm: with all traffic where none serves yet, with none where one does."""
        good, (_, live) = succeeded(results), self._rows()
        self._remember(results, good)
        other = row_named(self._all(), other_arm(self.plan["dataset_group"], live["name"])) if live else None
        if self.plan.get("abandon"):
            return self._abandon()
        moved = moved_in_place(self.plan, good)
        watch = bool(moved and self.plan["pace"]["alarms"])
        if self.plan["row"] is None:
            answer = {"verdict": DONE, "arm": "", "moves": False, "retire": watch, "withdraw": []}
            return {**answer, "serving": [], "in_place": moved}
        row = compose(self.plan, good, live)
        moves = bool(live) and is_new(self.plan, good)
        if not row.get("campaignArn"):
            return {"verdict": FAILED}
        if live is None:
            self._put(row, self.plan["ratio"], released=True)
            self._drop_others(row["name"])
        elif not moves:
            row["name"] = live["name"]
            self._put({**row, **_release_of(live)}, self.plan["ratio"])
        elif not self.plan["ratio"]:  # no traffic to move: the arm is the live one when its row says so
            self._put(row, 0, released=True)
        else:
            self._put(row, 0)
        verdict = WAIT if moves and self.plan["ratio"] else DONE
        before = live if moves else other
        answer = {"verdict": verdict, "arm": row["name"], "moves": moves, "serving": serving(self.plan, good)}
        return {
            **answer,
            "in_place": moved,
            "withdraw": unused(self.plan, [each for each in (row, before) if each]),
            "retire": before is not None or watch,
            **({"old": snapshot(before)} if before else {}),
        }

    def _abandon(self) -> dict[str, Any]:
        """Forget the arm of a release that was stopped half way, and has no traffic any more."""
        arm, live = self._rows()
        if live is None or arm is None:
            return {"verdict": DONE, "arm": self.plan["live_arm"], "moves": False, "retire": False, "withdraw": []}
        tried = [each["version"] for each in arm.get("campaigns", {}).values()]
        self._put({**live, "withdrawn": with_withdrawn(live, tried)}, self.plan["ratio"])
        self.table.delete(arm["name"])
        answer = {"verdict": DONE, "arm": live["name"], "moves": False, "retire": False, "drain": True}
        return {**answer, "withdraw": only_in(arm, live)}

    def advance(self, held_s: float, ringing: Callable[[Sequence[str]], list[str]]) -> dict[str, Any]:
        """Take the next step, when the time for it has come and no alarm rings."""
        pace = Pace.of_plan(self.plan["pace"])
        if pace.alarms and (alarms := ringing(pace.alarms)):
            return {"verdict": ALARM, "alarms": alarms, "held_s": held_s}
        arm, live = self._rows()
        if arm is None or live is None:
            raise ValueError("a release without the rows of both arms cannot go on")
        move = next_move(pace, share_of(arm, live), held_s)
        answer = self._move(arm, live, move)
        held_s = move.wait_s if move.share is not None else held_s + move.wait_s
        return {**answer, "held_s": held_s, "old": snapshot(live)}

    def take_back(self, results: Sequence[Mapping[str, Any]], *, blamed: bool) -> dict[str, Any]:
        """Give all traffic back to the live arm; then the other one's row goes, and its campaigns may.

        `blamed` says that the new versions are at fault: they are not released by themselves again.
        """
        good, (arm, live) = succeeded(results), self._rows()
        self._remember(results, {})
        put_back = back(may_have_moved(self.plan))
        if live is None or self.plan["arm"] == self.plan["live_arm"]:
            names = {each["name"] for each in self.plan["candidates"]} - good.keys()
            unnamed = [each for each in unused(self.plan, []) if each["slot_of"] in names]
            return {"verdict": DONE, "withdraw": unnamed, "put_back": put_back}
        answer = self._move(arm, live, move_towards(share_of(arm, live), 0.0)) if arm else {"verdict": DONE}
        if answer["verdict"] != DONE:
            return answer
        if blamed:
            tried = [
                each["version"] for each in self.plan["candidates"] if each["name"] in good and each["mode"] != KEPT
            ]
            self._put({**live, "withdrawn": with_withdrawn(live, tried)}, self.plan["ratio"])
        self.table.delete(self.plan["arm"])
        return {"verdict": DONE, "withdraw": unused(self.plan, [live]), "put_back": put_back}

    def hand_back(self, moved: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Give all traffic to the arm that was live before, which the soak time has kept; the other one's row goes.

        `moved` are the campaigns that the release has updated in place: their versions before come back with it.
        """
        put_back = back(moved)
        if not self.plan["arm"]:
            self._take_back_in_place(moved)
            return {"verdict": DONE, "withdraw": [], "put_back": put_back}
        arm, live = self._rows()
        if arm is None or live is None:
            return {"verdict": DONE, "withdraw": [], "put_back": put_back}
        answer = self._move(arm, live, next_move(AT_ONCE, share_of(arm, live), held_s=AT_ONCE.step_s))
        if answer["verdict"] != DONE:
            return answer
        withdrawn = with_withdrawn(arm, others_of(live, arm))
        self._put({**arm, "withdrawn": withdrawn}, self.plan["ratio"], released=True)
        self.table.delete(live["name"])
        return {"verdict": DONE, "withdraw": only_in(live, arm), "put_back": put_back}

    def _take_back_in_place(self, moved: Sequence[Mapping[str, str]]) -> None:
        """Note that campaigns have their versions before again, where no traffic was moved."""
        group = self.plan["dataset_group"]
        if live := row_named(self._all(), self.plan["live_arm"]):
            self.table.put(versions_back(live, moved))
        else:
            self.memory.write(group, versions_back(self.memory.read(group), moved))

    def _remember(self, results: Sequence[Mapping[str, Any]], good: Mapping[str, str]) -> None:
        """Remember what the gate has refused; of a group without a row, its campaigns too."""
        group = self.plan["dataset_group"]
        known = self.memory.read(group)
        refused = with_refusals(known.get("refused", {}), self.plan, results)
        has_row = self.plan["row"] is not None or self.plan["live_arm"] or not good
        found = {**known, **({} if has_row else history(self.plan, good, known)), "refused": refused}
        if found != known:
            self.memory.write(group, found)

    def _move(self, arm: Row, live: Row, move: Move) -> dict[str, Any]:
        answer = {"verdict": DONE if move.arrived else WAIT, "wait_s": move.wait_s, "arm": arm["name"]}
        if move.share is None:
            return {**answer, "share": share_of(arm, live)}
        new, old = weights(self.plan["ratio"], move.share)
        writes = [(arm, new, move.share == EVERYTHING), (live, old, False)]
        for row, weight, released in writes if new >= weight_of(arm) else reversed(writes):
            self._put(row, weight, released=released)
        return {**answer, "share": move.share}

    def _put(self, row: Row, weight: float, *, released: bool = False) -> None:
        self.table.put({**row, "trafficRatio": weight} | ({"releasedAt": self.now.isoformat()} if released else {}))

    def _rows(self) -> tuple[Row | None, Row | None]:
        return both(self.plan, self._all())

    def _all(self) -> list[dict[str, Any]]:
        return self.table.rows(self.plan["dataset_group"])

    def _drop_others(self, name: str) -> None:
        for other in arm_names(self.plan["dataset_group"]):
            if other != name:
                self.table.delete(other)


def _release_of(live: Row) -> dict[str, Any]:
    """When the live arm was released: it stays so when its row is written again."""
    return {"releasedAt": live["releasedAt"]} if live.get("releasedAt") else {}
