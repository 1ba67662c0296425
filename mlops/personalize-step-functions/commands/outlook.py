"""What a run would do: the pipeline's own plan, each definition looked up as the pipeline would, and nothing done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pipeline.comparison import CREATE, LEAVE, SUCCESSOR, UPDATE, Decision, look_up
from pipeline.errors import PipelineError
from pipeline.gateway import PersonalizeGateway
from pipeline.planning import Run, plan_resources
from pipeline.wanted import Wanted

from personalize_spec.arns import Scope
from personalize_spec.parameters import second_slot

REFUSED = "REFUSED"
_VERSION = "solutionVersionArn"
_NEW = "new"
_WORDS = {
    (CREATE, "dataset-import-job"): "import",
    (CREATE, "solution-version"): "train",
    (CREATE, "batch-inference-job"): "run",
    (CREATE, "batch-segment-job"): "run",
    (SUCCESSOR, ""): "replace",
}

Definition = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """What would be done for one resource. `detail` says what of it changes, or why it cannot be."""

    key: str
    kind: str
    name: str
    action: str
    detail: str = ""
    arn: str = ""
    definition: Definition = field(default_factory=dict, compare=False)

    @property
    def word(self) -> str:
        """The action as one says it of the kind."""
        if self.action == UPDATE and self.kind == "campaign" and _VERSION in self.detail:
            return "release"
        return _WORDS.get((self.action, self.kind)) or _WORDS.get((self.action, "")) or self.action.lower()

    @property
    def is_change(self) -> bool:
        """Tell whether anything would be done."""
        return self.action not in (LEAVE, REFUSED)


def outlook(
    gateway: PersonalizeGateway, parameters: Mapping[str, Any], run: Run, ways: Mapping[str, str]
) -> list[Step]:
    """Give the steps in the order of the work. What is not there yet is taken as made, for what refers to it.

    `ways` says how each campaign is released, by its name.
    """
    steps = _Walk(gateway, run.scope).steps(plan_resources(parameters, run))
    return [_with_way(step, ways) for step in steps]


def _with_way(step: Step, ways: Mapping[str, str]) -> Step:
    """Say of a release whether it is tried beside the live one."""
    if step.kind != "campaign" or step.word != "release":
        return step
    return replace(step, detail=f"{step.detail}, {ways[step.definition['name']]}")


class _Walk:
    """Looks up definition by definition; `_made` is what they would find of those before them."""

    def __init__(self, gateway: PersonalizeGateway, scope: Scope) -> None:
        self._gateway, self._scope = gateway, scope
        self._made: dict[str, dict[str, Any]] = {}
        self._new: set[str] = set()

    def steps(self, plan: Mapping[str, Any]) -> Iterator[Step]:
        for definition in _definitions(plan):
            if definition["key"] not in self._made:
                yield self._step(definition)

    def _step(self, definition: Definition) -> Step:
        key, kind = definition["key"], definition["kind"]
        wanted = Wanted.from_event({"definition": definition, "made": self._made, "started_at": _now()})
        try:
            decision = self._decide(definition, wanted)
        except PipelineError as error:
            self._keep(key, wanted, wanted.arn, is_new=False)
            return Step(key, kind, wanted.name, REFUSED, str(error), definition=definition)
        is_new = decision.action in (CREATE, SUCCESSOR)
        self._keep(key, decision.wanted, decision.arn or decision.wanted.arn, is_new=is_new)
        detail = ", ".join(_paths(decision.changes))
        return Step(key, kind, decision.name, decision.action, detail, decision.arn or "", definition)

    def _decide(self, definition: Definition, wanted: Wanted) -> Decision:
        """Below something new there can be nothing; a campaign may be in either of its slots."""
        if wanted.kind.listing is not None and self._is_below_new(definition, wanted):
            optional = wanted.optional
            return Decision(LEAVE, replace(wanted, name="")) if optional else Decision(CREATE, _first(wanted))
        decision = look_up(self._gateway, wanted)
        return self._other_slot(wanted, decision) if wanted.kind.name == "campaign" else decision

    def _is_below_new(self, definition: Definition, wanted: Wanted) -> bool:
        return definition.get("references", {}).get(wanted.kind.parent_member) in self._new

    def _other_slot(self, wanted: Wanted, decision: Decision) -> Decision:
        if decision.action == LEAVE:
            return decision
        name = second_slot(wanted.name)
        other = look_up(self._gateway, replace(wanted, name=name, arn=self._scope.arn("campaign", name)))
        return other if other.action == LEAVE or (decision.action == CREATE != other.action) else decision

    def _keep(self, key: str, wanted: Wanted, arn: str | None, *, is_new: bool) -> None:
        parent = wanted.arguments.get("solutionArn", "")
        self._made[key] = {"arn": arn or f"{parent}/{_NEW}", "name": wanted.name}
        if is_new:
            self._new.add(key)


def _definitions(plan: Mapping[str, Any]) -> Iterator[Definition]:
    for chains in plan["chains"].values():
        for chain in chains:
            yield from chain["steps"]
    for release in plan.get("releases", ()):
        yield release["campaign"]


def _first(wanted: Wanted) -> Wanted:
    return replace(wanted, name=f"{wanted.name}-1") if wanted.kind.numbered else wanted


def _paths(changes: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in changes.items():
        place = f"{path}{key}"
        if isinstance(value, Mapping) and not place.endswith("Config"):
            yield from _paths(value, f"{place}.")
        else:
            yield place


def _now() -> str:
    return datetime.now(UTC).isoformat()
