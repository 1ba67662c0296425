"""Jobs and solution versions: which of those that exist serves, and what the next one is called.

They are never changed, and never made twice of the same thing for one request. One that failed gets another attempt,
with the next number, from the next execution on.

Of import jobs only the newest one counts: the data are what it has brought in. Among solution versions one that
automatic training has made since is as good as our own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from personalize_spec.arns import parse_arn
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS
from pipeline.wanted import NEWEST, Members, Wanted, attempt_of

Found = tuple[str, Members] | None

MOST_LOOKED_AT = 200
_READY = "ACTIVE"
_ENDED_BADLY = ("CREATE FAILED", "CREATE STOPPED", "DELETE PENDING", "DELETE IN_PROGRESS")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Past:
    """What was made of this kind under its parent before: summaries, newest first."""

    def __init__(self, gateway: PersonalizeGateway, wanted: Wanted) -> None:
        self._gateway, self._kind = gateway, wanted.kind
        self._parent_arn = wanted.arguments[wanted.kind.parent_member]
        self._names: dict[str, str] = {}

    @cached_property
    def summaries(self) -> list[Members]:
        """The newest ones, those of a former dataset of the same name left out."""
        since = self._parents_start()
        children = self._gateway.children(self._kind, self._parent_arn)
        found = [each for each in children if each["creationDateTime"] >= since]
        return sorted(found, key=lambda each: each["creationDateTime"], reverse=True)[:MOST_LOOKED_AT]

    @property
    def usable(self) -> list[Members]:
        """Those that have not failed."""
        return [each for each in self.summaries if each["status"] not in _ENDED_BADLY]

    def name(self, summary: Members) -> str:
        """A version's summary does not tell its name: it is described, once."""
        arn = summary[self._kind.arn_member]
        if arn not in self._names:
            self._names[arn] = summary.get("jobName") or self._described(arn)[1]["name"].rsplit("/", 1)[-1]
        return self._names[arn]

    def found(self, summary: Members) -> tuple[str, Members]:
        """The ARN and members of what a summary is about."""
        arn, members = self._described(summary[self._kind.arn_member])
        return arn, {**members, self._kind.name_member: self.name(summary)}

    def _described(self, arn: str) -> tuple[str, Members]:
        return arn, self._gateway.describe(self._kind, arn) or {"name": arn, "status": "DELETE IN_PROGRESS"}

    def _parents_start(self) -> datetime:
        if not self._kind.newest_counts:
            return _LONG_AGO
        parent = self._gateway.describe(KINDS["dataset"], self._parent_arn) or {}
        return parent.get("creationDateTime", _LONG_AGO)


def look_up_numbered(gateway: PersonalizeGateway, wanted: Wanted) -> tuple[Found, Wanted]:
    """Give what serves, if anything does, and the wanted one with the name and arguments that it has or will have."""
    past = Past(gateway, wanted)
    serving = _newest(past) if wanted.reuse == NEWEST else _of_the_same(past, wanted) or _failed_just_now(past, wanted)
    if serving is None:
        return None, _next_attempt(past, wanted)
    return past.found(serving), replace(wanted, name=past.name(serving))


def numbered(wanted: Wanted, number: int) -> Wanted:
    """Give the attempt of this number; `wanted.name` is the name without it."""
    name = f"{wanted.name}-{number}"
    arn = parse_arn(wanted.arn).scope.arn(wanted.kind.name, name) if wanted.arn else None
    return replace(wanted, name=name, arn=arn)


def _newest(past: Past) -> Members | None:
    """The newest that is ready, else the newest that will be."""
    return next((each for each in past.usable if each["status"] == _READY), next(iter(past.usable), None))


def _of_the_same(past: Past, wanted: Wanted) -> Members | None:
    automatic: Members | None = None
    for each in past.usable[:1] if wanted.kind.newest_counts else past.usable:
        if _is_automatic(each):
            automatic = automatic or each
        elif past.name(each).startswith(wanted.accepts):
            return automatic if automatic and wanted.takes_any_request else each
    return None


def _is_automatic(summary: Members) -> bool:
    return summary.get("trainingType") == "AUTOMATIC" and summary["status"] == _READY


def _failed_just_now(past: Past, wanted: Wanted) -> Members | None:
    """This execution's own failed attempt: it is to be told, not tried again."""
    own = [each for each in past.summaries if each["creationDateTime"] >= wanted.started_at]
    failed = (each for each in own if each["status"] in _ENDED_BADLY)
    return next((each for each in failed if attempt_of(past.name(each), wanted.name)), None)


def _next_attempt(past: Past, wanted: Wanted) -> Wanted:
    attempts = (attempt_of(past.name(each), wanted.name) for each in past.summaries)
    return numbered(replace(wanted, arguments=_arguments(past, wanted)), 1 + max(attempts, default=0))


def _arguments(past: Past, wanted: Wanted) -> dict[str, Any]:
    """The first of a kind goes in full, whatever is wanted later."""
    has_one = any(each["status"] == _READY for each in past.summaries)
    first = {name: value for name, value in wanted.kind.first.items() if name in wanted.arguments}
    return dict(wanted.arguments) if has_one else {**wanted.arguments, **first}
