"""How a definition is written (see pipeline.wanted for what it means)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_spec.limits import NAME_MAX_LENGTH
from personalize_spec.parameters import canonical_schema
from pipeline.contents import drop
from pipeline.kinds import KINDS
from pipeline.planning.run import Run
from pipeline.wanted import digest

Definition = dict[str, Any]
Chain = dict[str, Any]

GROUP = "dataset-group"
_JOB_NAME_LENGTH = 41  # leaves room for the contents, the request and the attempt


def define(run: Run, key: str, kind: str, name: str, arguments: Mapping[str, Any], **references: str) -> Definition:
    """Define a resource whose ARN follows from its name; `references` are arguments by the keys they refer to."""
    return {
        "key": key,
        "kind": kind,
        "name": name,
        "arn": run.scope.arn(kind, name),
        "arguments": without_name(arguments),
        "references": references,
    }


def without_name(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members without the name, which the definition carries itself."""
    return {key: value for key, value in members.items() if key != "name"}


def with_successor(definition: Definition) -> Definition:
    """Add the name for the case that the own one is taken: with a hash of all that cannot be changed later."""
    kind = KINDS[definition["kind"]]
    lasting = drop(definition["arguments"], kind.changeable)
    fixed = canonical({name: lasting.get(name) for name in kind.fixed})
    return {**definition, "successor": fit(definition["name"], digest([fixed]))}


def job_name(name: str) -> str:
    """Shorten a name that contents, request and attempt will follow."""
    return name if len(name) <= _JOB_NAME_LENGTH else fit(name, digest([name]), _JOB_NAME_LENGTH)


def fit(name: str, suffix: str, longest: int = NAME_MAX_LENGTH) -> str:
    """Put the suffix behind the name, shortening the name where both are too long together."""
    return f"{name[: longest - len(suffix) - 1]}-{suffix}"


def canonical(contents: Mapping[str, Any]) -> str:
    """Write contents so that equal ones give equal texts."""
    return canonical_schema(contents)


def chain(name: str, *steps: Definition) -> Chain:
    """Put definitions in a row: each is made when the one before is ready."""
    return {"name": name, "steps": list(steps)}
