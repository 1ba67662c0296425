"""A resource as the plan wants it, with what was made before filled in.

A definition is `{key, kind, name, arn?, successor?, arguments, references?, …}`: `key` is what later definitions and
the mail call it, `references` the arguments that hold ARNs of resources made before, by their keys.

Jobs and solution versions are made again and again, so their names say of what they were made: a definition's own
name is followed by a digest of its `content` and of the names of what `digest_of` lists, then by the `request`, if a
schedule asked, or "upload"; last comes the number of the attempt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.errors import NotMadeError
from pipeline.kinds import KINDS, ResourceKind

Members = Mapping[str, Any]

UPLOAD = "upload"  # in the place of a schedule's request
SAME, NEWEST = "same", "newest"  # what may be used again: what was made of the same, or whatever is newest
_DIGEST_LENGTH = 8
_ATTEMPT = re.compile(r"-\d{1,3}$")


@dataclass(frozen=True)
class Wanted:
    """A resource as the plan defines it.

    `arn` is None where it does not follow from the name; `successor` is the name to take when the own one is taken by
    other contents, None for kinds that are refused then. For jobs and versions `accepts` begins the names of those
    that may be used again, `reuse` says which, and `optional` that none is needed.
    """

    kind: ResourceKind
    name: str
    arn: str | None
    arguments: Members
    started_at: datetime
    successor: str | None = None
    key: str = ""
    accepts: str = ""
    reuse: str = SAME
    optional: bool = False

    @classmethod
    def from_event(cls, event: Members) -> Wanted:
        """Read the definition, and fill in the ARNs and names of what was made before.

        Errors: NotMadeError when something it refers to was not made.
        """
        definition, made = event["definition"], event.get("made", {})
        references = {member: _made(made, key, definition)["arn"] for member, key in _references(definition).items()}
        name, accepts = _names(definition, made)
        started_at = event.get("started_at") or event["execution"]["StartTime"]
        return cls(
            kind=KINDS[definition["kind"]],
            name=name,
            arn=definition.get("arn"),
            arguments={**definition["arguments"], **references, **event.get("references", {})},
            started_at=datetime.fromisoformat(started_at),
            successor=definition.get("successor"),
            key=definition.get("key", ""),
            accepts=accepts,
            reuse=definition.get("reuse", SAME),
            optional=definition.get("optional", False),
        )

    @property
    def takes_any_request(self) -> bool:
        """An upload takes what a schedule has made of the same since; a schedule asks for one of its own."""
        return self.accepts != f"{self.name}-"


def without_attempt(name: str) -> str:
    """Give a job's or version's name without the number of the attempt."""
    return _ATTEMPT.sub("", name)


def attempt_of(name: str, base: str) -> int:
    """Give the number of an attempt at `base`; 0 for what is none."""
    rest = name.removeprefix(f"{base}-")
    return int(rest) if rest != name and rest.isdigit() else 0


def digest(parts: Iterable[str]) -> str:
    """Give a short hash of texts, in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_DIGEST_LENGTH]


def _names(definition: Members, made: Members) -> tuple[str, str]:
    """The name without the attempt's number, and the beginning of the names that are as good."""
    content, request = definition["name"], definition.get("request")
    if "content" in definition:
        names = [without_attempt(_made(made, key, definition)["name"]) for key in definition.get("digest_of", [])]
        content = f"{content}-{digest([definition['content'], *names])}"
    if "request" not in definition:
        return content, f"{content}-"
    return (f"{content}-{request}", f"{content}-{request}-") if request else (f"{content}-{UPLOAD}", f"{content}-")


def _references(definition: Members) -> Mapping[str, str]:
    return definition.get("references", {})


def _made(made: Members, key: str, definition: Members) -> Members:
    if key not in made:
        raise NotMadeError(f"{definition['kind']} {definition['name']} needs {key}, which was not made.")
    return made[key]
