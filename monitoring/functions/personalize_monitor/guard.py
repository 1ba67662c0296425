"""The cost guard: what should become of a server, and why; pure.

Rule 1: what is not known is not acted on. Requests that could not be read, a recipe whose requests have no metric, a
        settings table that could not be read: each is a reason to leave a server alone.
Rule 2: a minimum goes up at once, and down only after a week of life, a day after any change, and by a tenth at least.
Rule 3: idle is what served nothing in the fortnight and neither came, changed nor went live within the threshold. It is
        warned of first; a request, an update or a row in the API's settings ends the warning.
Rule 4: without leave to act, a decision is a proposal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from personalize_monitor.forecast import needed_tps, weekly_growth
from personalize_monitor.resources import CAMPAIGN, Server
from personalize_monitor.settings import NO, YES, Settings
from personalize_monitor.usage import DAYS, Usage

OBSERVED_MIN = timedelta(days=7)
SETTLED_MIN = timedelta(days=1)
WORTHWHILE = 0.9


class Action(StrEnum):
    """What to do with a server."""

    NONE = "none"
    UPDATE = "update"
    WARN = "warn"
    REMOVE = "remove"


@dataclass(frozen=True)
class Memory:
    """What the guard remembers of a server: its warning, the minimum it set and the one it found, what it last said."""

    warned_at: datetime | None = None
    set_tps: int | None = None
    found_tps: int | None = None
    said: str = ""


@dataclass(frozen=True)
class Decision:
    """What should become of a server, with the reason in words.

    `acts` is false for a proposal; `is_known` is false when nothing could be judged, so what is remembered stays.
    """

    arn: str
    action: Action
    reason: str
    acts: bool = False
    new_min_tps: int | None = None
    due_at: datetime | None = None
    is_known: bool = True

    @property
    def gist(self) -> str:
        """What makes two proposals the same, so that nobody is told twice."""
        return f"{self.action}:{self.new_min_tps or ''}:{self.acts}"


def decide(
    server: Server,
    usage: Usage | None,
    memory: Memory,
    live_arns: frozenset[str] | None,
    settings: Settings,
    now: datetime,
) -> Decision:
    """Judge one server.

    Args:
        usage: requests of up to 14 days; None when they could not be read.
        live_arns: what the rows of the API's settings name; None when a table could not be read.
    """
    reason = why_leave_alone(server, usage, now)
    if reason or usage is None:
        return Decision(server.arn, Action.NONE, reason, is_known=False)
    why_kept = why_in_use(server, usage, live_arns, settings, now)
    if not why_kept and settings.delete_idle != NO:
        return _of_idle(server, memory, settings, now)
    return _of_minimum(server, usage, settings, now, why_kept)


def why_leave_alone(server: Server, usage: Usage | None, now: datetime) -> str:
    """Say why nothing can be decided now; empty when something can."""
    if not server.is_settled:
        return f"it is being changed (status {server.status}, update {server.update_status})"
    if not server.request_metrics:
        return f"AWS has no metric for the requests of {server.recipe_name}"
    if usage is None:
        return "its requests could not be read"
    return ""


def why_in_use(
    server: Server, usage: Usage, live_arns: frozenset[str] | None, settings: Settings, now: datetime
) -> str:
    """Say why a server may not be called idle; empty when it may."""
    window = timedelta(hours=settings.idle_hours)
    if not server.is_measurable:
        return f"its recipe {server.recipe_name} is not known, so how it is asked is not either"
    if live_arns is None:
        return "the API's settings could not be read, so it may be live there"
    if server.arn in live_arns:
        return "it is live in the API's settings"
    if now - server.created_at < window:
        return f"it is younger than {settings.idle_hours} h"
    if now - server.updated_at < window:
        return f"it was updated in the last {settings.idle_hours} h"
    if usage.start > now - window:
        return f"its requests are not known for all of {settings.idle_hours} h"
    # All that is known counts, not the threshold alone: what is asked at weekends only is in use on Thursdays too.
    return f"it served {usage.total:,.0f} requests in the last {DAYS} days" if usage.total else ""


def _of_idle(server: Server, memory: Memory, settings: Settings, now: datetime) -> Decision:
    """The warning counts only when nothing has changed since: an update or a request in between starts anew."""
    acts = settings.delete_idle == YES
    verb = "deleted" if server.kind == CAMPAIGN else "stopped"
    idle = f"no request in the last {DAYS} days"
    grace = timedelta(hours=settings.grace_hours)
    is_warned = acts and memory.warned_at is not None and memory.warned_at >= server.updated_at
    if not is_warned or memory.warned_at is None:
        due_at = now + grace
        return Decision(
            server.arn, Action.WARN, f"{idle}: it would be {verb} after {settings.grace_hours} h", acts, None, due_at
        )
    due_at = memory.warned_at + grace
    if now < due_at:
        return Decision(
            server.arn, Action.NONE, f"{idle}: warned, {verb} after {due_at:%Y-%m-%d %H:%M} UTC", False, None, due_at
        )
    return Decision(
        server.arn, Action.REMOVE, f"{idle}, and none since the warning of {memory.warned_at:%Y-%m-%d %H:%M} UTC", acts
    )


def _of_minimum(server: Server, usage: Usage, settings: Settings, now: datetime, why_kept: str) -> Decision:
    current, needed = server.min_tps, needed_tps(usage)
    because = _because(usage, needed)
    if settings.adjust_min_tps == NO or needed == current:
        return Decision(server.arn, Action.NONE, why_kept or f"{because}; the minimum is {current}")
    if needed < current:
        reason = _why_not_down(server, usage, needed, now)
        if reason:
            return Decision(server.arn, Action.NONE, reason)
    return Decision(server.arn, Action.UPDATE, because, settings.adjust_min_tps == YES, needed)


def _because(usage: Usage, needed: int) -> str:
    growth = weekly_growth(usage)
    grows = f", growing by {growth - 1:.0%} a week" if growth > 1 else ""
    days = (usage.end - usage.start).total_seconds() / 86_400
    return (
        f"the busiest five minutes of the last {days:.0f} days used {usage.peak_tps:.2f} TPS{grows}: {needed} is enough"
    )


def _why_not_down(server: Server, usage: Usage, needed: int, now: datetime) -> str:
    if now - server.created_at < OBSERVED_MIN or usage.end - usage.start < OBSERVED_MIN - timedelta(hours=1):
        return "it has not been watched for a whole week yet"
    if now - server.updated_at < SETTLED_MIN:
        return "it was changed less than a day ago"
    if needed > WORTHWHILE * server.min_tps:
        return f"{needed} instead of {server.min_tps} TPS would spare less than a tenth"
    return ""
