"""The plan: every resource of the parameter file as a definition that ensure_resource understands; pure.

A definition is `{kind, name, arn?, successor?, arguments}`: the arguments of the create call, without the ARNs of
resources made by the same execution, which the state machine adds; `successor` is the name to take when the name is
taken by other contents. Definitions are grouped the way the state machine works through them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.contents import drop
from pipeline.kinds import KINDS
from settings import plan_settings

from personalize_spec.arns import Scope
from personalize_spec.limits import NAME_MAX_LENGTH
from personalize_spec.parameters import (
    ALIASES,
    CAMPAIGN_OF_SOLUTION,
    ResourceNames,
    canonical_schema,
    schema_variant_name,
)
from personalize_spec.recipes import get_recipe

Parameters = Mapping[str, Any]
Definition = dict[str, Any]

DATASET_TYPES = ("Interactions", "Items", "Users")
_JOB_TOKEN_LENGTH = 40
_HASH_LENGTH = 8


@dataclass(frozen=True)
class Run:
    """What a plan depends on besides the file: where, and for which execution."""

    scope: Scope
    bucket: str
    execution_name: str
    role_arn: str

    @property
    def token(self) -> str:
        """The execution's name, as a part of resource names: shortened to a hash where it is too long."""
        token = re.sub(r"[^a-zA-Z0-9_-]", "-", self.execution_name)
        if token == self.execution_name and len(token) <= _JOB_TOKEN_LENGTH:
            return token
        digest = hashlib.sha256(self.execution_name.encode()).hexdigest()[:12]
        return f"{token[: _JOB_TOKEN_LENGTH - 13]}-{digest}"


def plan_resources(parameters: Parameters, run: Run) -> dict[str, Any]:
    """Give the definitions in the order of the work, and the settings row for the API where there is one to write."""
    group = parameters["datasetGroup"]["name"]
    names = ResourceNames(group)
    solutions = parameters.get("solutions", {})
    settings = plan_settings(parameters, run.scope)
    return {
        "dataset_group": _define(run, "dataset-group", group, parameters["datasetGroup"]),
        "datasets": [
            _plan_dataset(parameters, run, dataset_type)
            for dataset_type in DATASET_TYPES
            if dataset_type in parameters["datasets"]
        ],
        "solutions": [
            _plan_solution(names, run, key, solutions[key], parameters["campaigns"][campaign])
            for key, campaign in CAMPAIGN_OF_SOLUTION.items()
            if key in solutions
        ],
        "event_trackers": _plan_event_trackers(names, parameters.get("eventTracker")),
        "filters": [_plan_filter(names, run, entry) for entry in parameters.get("filters", [])],
        **({"settings": settings} if settings else {}),
    }


def _plan_dataset(parameters: Parameters, run: Run, dataset_type: str) -> dict[str, Any]:
    group = parameters["datasetGroup"]
    declared = parameters["datasets"][dataset_type]
    domain = {"domain": group["domain"]} if "domain" in group else {}
    source = {
        "dataSource": {"dataLocation": f"s3://{run.bucket}/{dataset_type}/"},
        "roleArn": run.role_arn,
        "importMode": "FULL",
    }
    schema = {"schema": canonical_schema(declared["schema"]), **domain}
    return {
        "type": dataset_type,
        "schema": {
            **_define(run, "schema", declared["schema"]["name"], schema),
            "successor": _fit(declared["schema"]["name"], schema_variant_name(declared["schema"])[-_HASH_LENGTH:]),
        },
        "dataset": {
            "kind": "dataset",
            "name": declared["name"],
            "arn": run.scope.dataset_arn(group["name"], dataset_type),
            "arguments": {"datasetType": dataset_type},
        },
        "import_job": _define(run, "dataset-import-job", _job_name(group["name"], dataset_type, run), source),
    }


def _job_name(group: str, dataset_type: str, run: Run) -> str:
    """Names of jobs can never be used again: the execution's name makes each one new."""
    return _fit(group, f"{dataset_type.lower()}-{run.token}")


def _plan_solution(
    names: ResourceNames, run: Run, key: str, solution: Parameters, campaign: Parameters
) -> dict[str, Any]:
    """A solution, a version of it trained by this execution, and its campaign.

    Automatic training is off unless the file asks for it: Personalize would train every seven days on top.
    """
    declared = {"performAutoTraining": False, **solution}
    campaign_arguments = _campaign_arguments(campaign, solution["recipeArn"])
    return {
        "type": ALIASES.get(key, key),
        "solution": _with_successor(_define(run, "solution", names.solution(solution["name"]), declared)),
        "solution_version": {
            "kind": "solution-version",
            "name": run.token,
            "arguments": {"trainingMode": "FULL"},
        },
        "campaign": _define(run, "campaign", names.campaign(campaign["name"]), campaign_arguments),
    }


def _campaign_arguments(campaign: Parameters, recipe_arn: str) -> dict[str, Any]:
    """The create call's arguments: exploration goes only to recipes that explore, the traffic ratio to the API."""
    arguments = {key: value for key, value in campaign.items() if key not in ("trafficRatio", "campaignConfig")}
    config = dict(campaign.get("campaignConfig", {}))
    if not get_recipe(recipe_arn).supports_exploration_config:
        config.pop("itemExplorationConfig", None)
    return arguments | ({"campaignConfig": config} if config else {})


def _plan_event_trackers(names: ResourceNames, tracker: Parameters | None) -> list[Definition]:
    """The group's event tracker, whose ARN Personalize chooses; none where the file names none."""
    if not tracker:
        return []
    name = names.event_tracker(tracker["name"])
    return [{"kind": "event-tracker", "name": name, "arguments": _arguments(tracker)}]


def _plan_filter(names: ResourceNames, run: Run, entry: Parameters) -> Definition:
    arguments = {"filterExpression": entry["filterExpression"]}
    return _with_successor(_define(run, "filter", names.filter(entry["name"]), arguments))


def _define(run: Run, kind: str, name: str, arguments: Parameters) -> Definition:
    return {"kind": kind, "name": name, "arn": run.scope.arn(kind, name), "arguments": _arguments(arguments)}


def _arguments(members: Parameters) -> dict[str, Any]:
    """The members without the name, which the definition carries itself."""
    return {key: value for key, value in members.items() if key != "name"}


def _with_successor(definition: Definition) -> Definition:
    """Add the name for the case that the own one is taken: with a hash of all that cannot be changed later."""
    kind = KINDS[definition["kind"]]
    lasting = drop(definition["arguments"], kind.changeable)
    fixed = canonical_schema({name: lasting.get(name) for name in kind.fixed})
    digest = hashlib.sha256(fixed.encode()).hexdigest()[:_HASH_LENGTH]
    return {**definition, "successor": _fit(definition["name"], digest)}


def _fit(name: str, suffix: str) -> str:
    """Put the suffix behind the name, shortening the name where both are too long together."""
    return f"{name[: NAME_MAX_LENGTH - len(suffix) - 1]}-{suffix}"
