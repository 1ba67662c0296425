"""The whole plan of a parameter file; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.parameters.reading import schedules_of
from pipeline.planning.batch import plan_batch
from pipeline.planning.data import plan_datasets
from pipeline.planning.definitions import Chain
from pipeline.planning.models import plan_models, plan_releases
from pipeline.planning.run import Run
from pipeline.planning.serving import plan_filter_names, plan_serving
from pipeline.planning.settings import plan_settings

REPLACEABLE = ("filter", "schema")
PHASES = ("datasets", "serving", "models", "batch")


def plan_resources(parameters: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Give the chains of definitions by phase, in the order of the work, and what follows when they are made.

    `replaceable` are filters and schemas, whose successors make them superfluous; `settings` is the API's row, None
    where there is none to write; `releases` the campaigns and what they are to serve; `gate` and `traffic` are the
    file's own.
    """
    chains = {
        "datasets": plan_datasets(parameters, run),
        "serving": plan_serving(parameters, run),
        "models": plan_models(parameters, run),
        "batch": plan_batch(parameters, run),
    }
    found = {phase: list(each) for phase, each in chains.items()}
    return {
        "dataset_group": parameters["datasetGroup"]["name"],
        "chains": found,
        "replaceable": list(_replaceable(found)),
        "filters": plan_filter_names(parameters),
        "settings": plan_settings(parameters, run.scope),
        "releases": plan_releases(parameters, run),
        "schedules": schedules_of(parameters),
        "gate": parameters.get("gate", {}),
        "traffic": parameters.get("traffic", {}),
    }


def _replaceable(chains: Mapping[str, list[Chain]]) -> Iterator[dict[str, str]]:
    for each in (chain for found in chains.values() for chain in found):
        yield from (
            {"kind": step["kind"], "name": step["name"]} for step in each["steps"] if step["kind"] in REPLACEABLE
        )
