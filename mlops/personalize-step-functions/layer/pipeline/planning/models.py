"""Solutions, the versions trained of them, their campaigns, and recommenders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.parameters import ResourceNames
from personalize_spec.parameters.reading import (
    campaign_arguments,
    campaigns_of,
    dataset_keys,
    newer_key,
    solution_arguments,
    solution_keys,
    training_mode,
)
from pipeline.contents import drop
from pipeline.planning.data import import_key
from pipeline.planning.definitions import GROUP, Chain, Definition, canonical, chain, define, with_successor
from pipeline.planning.run import Run
from pipeline.wanted import NEWEST, SAME

Parameters = Mapping[str, Any]

_NOT_TRAINED_ON = ("name", "tags", "performAutoTraining", "solutionConfig.autoTrainingConfig")


def plan_models(parameters: Parameters, run: Run) -> Iterator[Chain]:
    """Yield each solution with a version trained of it, and each recommender."""
    names = ResourceNames.of(parameters)
    for key in solution_keys(parameters):
        solution = _solution(parameters, run, names, key)
        yield chain(newer_key(key), solution, _version(parameters, run, key))
    for key, recommender in parameters.get("recommenders", {}).items():
        name = names.recommender(recommender["name"])
        yield chain(key, define(run, f"recommender:{key}", "recommender", name, recommender, datasetGroupArn=GROUP))


def plan_releases(parameters: Parameters, run: Run) -> list[dict[str, Any]]:
    """Give each campaign with what it is to serve: by the keys of the solution and its version."""
    names = ResourceNames.of(parameters)
    return [each for key in solution_keys(parameters) for each in _campaigns(parameters, run, names, key)]


def version_key(solution_key: str) -> str:
    """The key of a solution's version."""
    return f"version:{newer_key(solution_key)}"


def _solution_key(solution_key: str) -> str:
    return f"solution:{newer_key(solution_key)}"


def _solution(parameters: Parameters, run: Run, names: ResourceNames, key: str) -> Definition:
    declared = parameters["solutions"][key]
    arguments = solution_arguments(declared)
    name = names.solution(declared["name"])
    return with_successor(define(run, _solution_key(key), "solution", name, arguments, datasetGroupArn=GROUP))


def _version(parameters: Parameters, run: Run, key: str) -> Definition:
    """A version for what the solution trains on: its arguments and the newest imports.

    Where the run brings no data and no schedule asks for training, the newest version serves.
    """
    request = run.request("train")
    trained_on = drop(solution_arguments(parameters["solutions"][key]), _NOT_TRAINED_ON)
    brings_data = any(each in run.files for each in dataset_keys(parameters))
    return {
        "key": version_key(key),
        "kind": "solution-version",
        "name": "v",
        "arguments": {"trainingMode": training_mode(parameters, key) if request else "FULL"},
        "references": {"solutionArn": _solution_key(key)},
        "content": canonical(trained_on),
        "digest_of": [import_key(each) for each in dataset_keys(parameters)],
        "request": request,
        "reuse": SAME if request or (run.does("train") and brings_data) else NEWEST,
    }


def _campaigns(parameters: Parameters, run: Run, names: ResourceNames, key: str) -> Iterator[dict[str, Any]]:
    recipe_arn = parameters["solutions"][key]["recipeArn"]
    for number, declared in enumerate(campaigns_of(parameters, key)):
        own_key = f"campaign:{newer_key(key)}" + (f":{declared['name']}" if number else "")
        arguments = campaign_arguments(declared, recipe_arn)
        definition = define(run, own_key, "campaign", names.campaign(declared["name"]), arguments)
        definition["references"] = {"solutionVersionArn": version_key(key)}
        yield {
            "type": newer_key(key),
            "recipe_arn": recipe_arn,
            "solution": _solution_key(key),
            "version": version_key(key),
            "campaign": definition,
        }
