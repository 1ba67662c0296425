"""One run: read, publish, set alarms and dashboards, judge.

Each part goes on when another fails, and says what it lacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from personalize_monitor.alarms import wanted_alarms
from personalize_monitor.clients import FAILURES, Clients, error_code
from personalize_monitor.cloudwatch import CloudWatch
from personalize_monitor.dashboard import dashboards
from personalize_monitor.guard import Action, Decision, Memory, decide
from personalize_monitor.inventory import RegionReader, watched_regions
from personalize_monitor.memory import MemoryTable, read_live_arns
from personalize_monitor.metrics import run_metrics
from personalize_monitor.notices import command, proposal
from personalize_monitor.reading import question_of_tracker, questions_of_server, usage_of
from personalize_monitor.resources import Inventory, Server
from personalize_monitor.settings import NO, Settings
from personalize_monitor.stacks import read_stacks
from personalize_monitor.topics import Topics
from personalize_monitor.usage import DAYS, WINDOW, last_window

SLOTS = 12  # each server is judged in one of an hour's twelve runs


@dataclass
class Report:
    """What a run did, and in words what it could not."""

    servers: int = 0
    metrics: int = 0
    alarms: list[str] = field(default_factory=list)
    dashboards: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give it for the log and for who invoked the function."""
        told = [
            {
                "arn": one.arn,
                "action": str(one.action),
                "acts": one.acts,
                "new_min_tps": one.new_min_tps,
                "reason": one.reason,
            }
            for one in self.decisions
        ]
        return {
            "servers": self.servers,
            "metrics": self.metrics,
            "alarms_changed": self.alarms,
            "dashboards_changed": self.dashboards,
            "decisions": told,
            "lacks": self.lacks,
        }


class Run:
    """A run at one moment."""

    def __init__(self, clients: Clients, settings: Settings, memory: MemoryTable, now: datetime) -> None:
        self._clients, self._settings, self._memory, self._now = clients, settings, memory, now
        self._cloudwatch, self._topics = CloudWatch(clients), Topics(clients, settings)
        self._window = last_window(now)
        self._report = Report()
        self._remembered: dict[str, Memory] | None = None

    def execute(self, *, judge_all: bool = False) -> Report:
        """Do everything; `judge_all` judges every server now instead of a twelfth of them."""
        found = {region: self._read(region) for region in watched_regions(self._settings)}
        inventory = sum(found.values(), Inventory())
        self._report.servers = len(inventory.servers)
        self._attempt("what is remembered", self._remember)
        self._publish(inventory)
        self._set_alarms(found)
        self._set_dashboards(found, inventory)
        if self._settings.adjust_min_tps != NO or self._settings.delete_idle != NO:
            self._judge([s for s in inventory.servers if judge_all or slot_of(s.arn) == self._now.minute // 5])
        return self._report

    def _read(self, region: str) -> Inventory:
        inventory = RegionReader(self._clients.get("personalize", region), region, self._settings).read()
        inventory += read_stacks(self._clients, region, self._settings)
        self._report.lacks += inventory.lacks
        return inventory

    def _remember(self) -> None:
        self._remembered = self._memory.read()

    def _publish(self, inventory: Inventory) -> None:
        end = self._window + WINDOW
        questions = [
            q for server in inventory.servers for q in questions_of_server(server, self._window, end, errors=True)
        ]
        questions += [question_of_tracker(tracker, self._window, end, 300) for tracker in inventory.trackers]
        answers, lacks = self._cloudwatch.ask(questions)
        found_tps = {arn: one.found_tps for arn, one in (self._remembered or {}).items() if one.found_tps is not None}
        data = run_metrics(inventory, answers, found_tps, self._settings, self._window, self._now)
        unsent = self._cloudwatch.put(data, self._settings.namespace)
        self._report.metrics = len(data)
        self._report.lacks += lacks + unsent

    def _set_alarms(self, found: dict[str, Inventory]) -> None:
        for region, inventory in found.items():
            active = self._active_trackers(inventory)
            wanted = wanted_alarms(inventory, active, self._settings, self._now)
            here = [alarm for alarm in wanted if alarm.region == region]
            topic_arn = self._attempt(f"topic of {region}", lambda region=region: self._topics.ensure(region))
            if topic_arn:
                changed, lacks = self._cloudwatch.set_alarms(
                    here, region, self._settings.prefix, topic_arn, may_remove=not inventory.lacks
                )
                self._report.alarms += changed
                self._report.lacks += lacks

    def _active_trackers(self, inventory: Inventory) -> frozenset[str]:
        """A tracker is in use when events arrived in the last fortnight: only then their absence means something."""
        end = self._window + WINDOW
        start = (end - timedelta(days=DAYS)).replace(minute=0)
        questions = [question_of_tracker(tracker, start, end, 86_400) for tracker in inventory.trackers]
        answers, lacks = self._cloudwatch.ask(questions)
        self._report.lacks += lacks
        return frozenset(arn for (arn, _), series in answers.items() if sum(series.values()) > 0)

    def _set_dashboards(self, found: dict[str, Inventory], inventory: Inventory) -> None:
        """Groups of a region that could not be read whole keep the dashboards they have."""
        whole = sum((one for one in found.values() if not one.lacks), Inventory())
        changed, lacks = self._cloudwatch.set_dashboards(
            dashboards(whole, self._settings),
            self._settings.home_region,
            self._settings.prefix,
            may_remove=not inventory.lacks,
        )
        self._report.dashboards += changed
        self._report.lacks += lacks

    def _judge(self, servers: list[Server]) -> None:
        if not servers or self._remembered is None:
            return
        end = self._window + WINDOW
        start = (end - timedelta(days=DAYS)).replace(minute=0)
        live = self._attempt("the API's settings", self._live_arns)
        questions = [q for server in servers for q in questions_of_server(server, start, end, errors=False)]
        answers, lacks = self._cloudwatch.ask(questions)
        self._report.lacks += lacks
        for server in servers:
            # No requests before it existed: what was counted under its ARN before was another's.
            usage = usage_of(server, answers, start, end)
            known = usage.since(server.created_at) if usage is not None else None
            memory = self._remembered.get(server.arn, Memory())
            decision = decide(server, known, memory, live, self._settings, self._now)
            self._report.decisions.append(decision)
            self._attempt(server.arn, lambda s=server, m=memory, d=decision: self._carry_out(s, m, d))

    def _live_arns(self) -> frozenset[str]:
        return read_live_arns(self._clients.get("dynamodb", self._settings.home_region), self._settings.settings_tables)

    def _carry_out(self, server: Server, memory: Memory, decision: Decision) -> None:
        """Commands are given each time; proposals and warnings are told once, until they change."""
        after = next_memory(server, memory, decision, self._now)
        if decision.acts and decision.action in (Action.UPDATE, Action.REMOVE):
            self._put_event(command(server, decision, memory, self._settings))
        elif decision.action is not Action.NONE and decision.gist != memory.said:
            notice = proposal(server, decision, memory, self._settings)
            self._topics.send(notice)
            self._put_event(notice.entry())
        if after != memory:
            self._memory.write(server.arn, after)

    def _put_event(self, entry: dict[str, Any]) -> None:
        reply = self._clients.get("events", self._settings.home_region).put_events(Entries=[entry])
        if reply["FailedEntryCount"]:
            self._report.lacks.append(f"event {entry['DetailType']}: {reply['Entries'][0].get('ErrorCode')}")

    def _attempt(self, words: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except FAILURES as error:
            self._report.lacks.append(f"{words}: {error_code(error)}")
            return None


def next_memory(server: Server, memory: Memory, decision: Decision, now: datetime) -> Memory:
    """Give what to remember after a decision: a warning lasts as long as the server stays idle."""
    if not decision.is_known:
        return memory
    is_idle = decision.action in (Action.WARN, Action.REMOVE) or decision.due_at is not None
    warned_at = memory.warned_at if is_idle else None
    if decision.action is Action.WARN:
        warned_at = now if decision.acts else None
    said = memory.said if is_idle else ""
    if decision.action in (Action.WARN, Action.UPDATE) and not (decision.acts and decision.action is Action.UPDATE):
        said = decision.gist
    is_ours = memory.set_tps == server.min_tps
    kept = replace(memory, warned_at=warned_at, said=said)
    return kept if is_ours else replace(kept, set_tps=None, found_tps=None)


def slot_of(arn: str) -> int:
    """Spread servers over the runs of an hour, each always in the same one."""
    return hashlib.sha256(arn.encode()).digest()[0] % SLOTS
