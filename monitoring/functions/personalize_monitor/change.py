"""Carry out a decision, after looking again: what was decided a moment ago may not be right any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from personalize_monitor.clients import Clients
from personalize_monitor.cloudwatch import CloudWatch
from personalize_monitor.guard import Action, Decision, Memory, why_in_use, why_leave_alone
from personalize_monitor.inventory import describe_server
from personalize_monitor.memory import MemoryTable, read_live_arns
from personalize_monitor.notices import Notice, outcome
from personalize_monitor.reading import questions_of_server, usage_of
from personalize_monitor.resources import CAMPAIGN, Server
from personalize_monitor.settings import Settings
from personalize_monitor.topics import Topics
from personalize_monitor.usage import DAYS, last_window


class RefusedError(Exception):
    """The change would be wrong now; the message says why."""


@dataclass(frozen=True)
class Change:
    """What is asked for: a new minimum, or with none the end of an idle server."""

    arn: str
    new_min_tps: int | None
    reason: str


def read_change(event: Mapping[str, Any]) -> Change:
    """Read an event of the monitor, or the same members given directly.

    Direct, `{"ARN": …, "NewMinTPS": 20, "Reason": "flash sale"}` warms a campaign up before it is needed; to remove
    something, `{"ARN": …, "Action": "remove", "Reason": …}` must say so.
    Errors: RefusedError.
    """
    detail = event.get("detail", event)
    arn, new_min_tps = detail.get("ARN"), detail.get("NewMinTPS")
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        raise RefusedError("ARN must name a campaign or a recommender.")
    if new_min_tps is None and detail.get("Action") != Action.REMOVE:
        raise RefusedError("Give NewMinTPS, or Action: remove.")
    if new_min_tps is not None and (
        isinstance(new_min_tps, bool) or not isinstance(new_min_tps, int) or new_min_tps < 1
    ):
        raise RefusedError(f"NewMinTPS must be a whole number, 1 or more, not {new_min_tps!r}.")
    return Change(arn, new_min_tps, str(detail.get("Reason") or "asked for directly"))


class Changer:
    """Changes servers, and tells."""

    def __init__(self, clients: Clients, settings: Settings, memory: MemoryTable, now: datetime) -> None:
        self._clients, self._settings, self._memory, self._now = clients, settings, memory, now

    def carry_out(self, change: Change) -> Notice:
        """Do it and tell; give what was told.

        Errors: RefusedError when it would be wrong now; those of boto3.
        """
        region = change.arn.split(":")[3]
        client = self._clients.get("personalize", region)
        server = describe_server(client, change.arn)
        memory = self._memory.read().get(change.arn, Memory())
        if change.new_min_tps is not None:
            return self._update(client, server, memory, change)
        self._check_idle(server)
        self._remove(client, server)
        self._memory.write(server.arn, Memory())
        return self._tell(server, Decision(server.arn, Action.REMOVE, change.reason, True), memory)

    def _update(self, client: Any, server: Server, memory: Memory, change: Change) -> Notice:
        if not server.is_settled:
            raise RefusedError(f"{server.name} is being changed (status {server.status}, {server.update_status}).")
        if change.new_min_tps == server.min_tps:
            raise RefusedError(f"{server.name} has a minimum of {server.min_tps} TPS already.")
        if server.kind == CAMPAIGN:
            client.update_campaign(campaignArn=server.arn, minProvisionedTPS=change.new_min_tps)
        else:
            # An update replaces the whole configuration, so the rest of it is sent again.
            config = (
                client.describe_recommender(recommenderArn=server.arn)["recommender"].get("recommenderConfig") or {}
            )
            config |= {"minRecommendationRequestsPerSecond": change.new_min_tps}
            client.update_recommender(recommenderArn=server.arn, recommenderConfig=config)
        is_ours = memory.set_tps == server.min_tps and memory.found_tps is not None
        found_tps = memory.found_tps if is_ours else server.min_tps
        self._memory.write(server.arn, Memory(set_tps=change.new_min_tps, found_tps=found_tps))
        return self._tell(server, Decision(server.arn, Action.UPDATE, change.reason, True, change.new_min_tps), memory)

    def _check_idle(self, server: Server) -> None:
        """Look again at everything that keeps a server. Errors: RefusedError; those of boto3 count as a reason too."""
        end = self._now.replace(second=0, microsecond=0)
        start = (last_window(self._now) - timedelta(days=DAYS)).replace(minute=0)
        answers, _ = CloudWatch(self._clients).ask(questions_of_server(server, start, end, errors=False))
        usage = usage_of(server, answers, start, end)
        dynamodb = self._clients.get("dynamodb", self._settings.home_region)
        live = read_live_arns(dynamodb, self._settings.settings_tables)
        reason = why_leave_alone(server, usage, self._now)
        if not reason and usage is not None:
            reason = why_in_use(server, usage, live, self._settings, self._now)
        if reason:
            raise RefusedError(f"{server.name} stays: {reason}.")

    def _remove(self, client: Any, server: Server) -> None:
        """A campaign has nothing between being and not being; a recommender keeps its model while it is stopped."""
        if server.kind == CAMPAIGN:
            client.delete_campaign(campaignArn=server.arn)
        else:
            client.stop_recommender(recommenderArn=server.arn)

    def _tell(self, server: Server, decision: Decision, memory: Memory) -> Notice:
        notice = outcome(server, decision, memory, self._settings)
        self._clients.get("events", self._settings.home_region).put_events(Entries=[notice.entry()])
        Topics(self._clients, self._settings).send(notice)
        return notice
