"""A good parameter file as values: what the pipeline and the examples read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_spec.parameters.check import check_parameters
from personalize_spec.parameters.datasets import DATASET_TYPES
from personalize_spec.parameters.finding import ERROR, Finding, has_errors
from personalize_spec.parameters.format import ALIASES, CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.resource_names import ResourceNames

DEFAULT_TRAFFIC_RATIO = 1  # as the API takes a row without one


class ParametersError(ValueError):
    """The parameter file has mistakes; `findings` lists them all."""

    def __init__(self, findings: list[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == ERROR]
        lines = "\n".join(f"{finding.path or 'the file'}: {finding.message}" for finding in errors)
        super().__init__(f"The parameter file has {len(errors)} mistake(s):\n{lines}")
        self.findings = findings


@dataclass(frozen=True)
class Dataset:
    """A dataset: its type as in the file ("Interactions"), its name and its Avro schema."""

    dataset_type: str
    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Solution:
    """A solution: `kind` is its key in the file, `arguments` CreateSolution's, without the dataset group."""

    kind: str
    name: str
    recipe_arn: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Campaign:
    """A campaign: `kind` is its solution's key; the traffic ratio is the API's, not Personalize's."""

    kind: str
    name: str
    min_provisioned_tps: int
    config: Mapping[str, Any]
    traffic_ratio: int = DEFAULT_TRAFFIC_RATIO


@dataclass(frozen=True)
class FilterEntry:
    """A filter with the hints for the API. `context` is None where the filter serves none by that key."""

    name: str
    expression: str
    context: str | None = None
    filter_values: tuple[str, ...] = ()
    limit_time_range: bool = True
    include_time_range_for_sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameters:
    """The parameters of one dataset group's pipeline. Solutions and campaigns are by the newer keys."""

    group: str
    datasets: Mapping[str, Dataset]
    solutions: Mapping[str, Solution]
    campaigns: Mapping[str, Campaign]
    filters: tuple[FilterEntry, ...] = ()
    event_tracker: str | None = None
    training_mode: str = "FULL"
    domain: str | None = None
    names: ResourceNames = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", ResourceNames(self.group))

    @classmethod
    def from_data(cls, data: Any) -> Parameters:
        """Read a parsed parameter file.

        Errors: ParametersError when the file has a mistake that is more than a warning.
        """
        findings = check_parameters(data)
        if has_errors(findings):
            raise ParametersError(findings)
        return cls(
            group=data["datasetGroup"]["name"],
            domain=data["datasetGroup"].get("domain"),
            datasets={
                name: _dataset(name, data["datasets"][name]) for name in DATASET_TYPES if name in data["datasets"]
            },
            solutions=_solutions(data.get("solutions", {})),
            campaigns=_campaigns(data.get("campaigns", {})),
            filters=tuple(_filter(each) for each in data.get("filters", [])),
            event_tracker=data.get("eventTracker", {}).get("name"),
            training_mode=data.get("userPersonalizationUpdates", {}).get("trainingMode", "FULL"),
        )


def _dataset(name: str, data: Mapping[str, Any]) -> Dataset:
    return Dataset(name, data["name"], data["schema"])


def _solutions(data: Mapping[str, Any]) -> dict[str, Solution]:
    solutions = {}
    for kind in CAMPAIGN_OF_SOLUTION:
        if kind in data:
            arguments, newer = data[kind], ALIASES.get(kind, kind)
            solutions[newer] = Solution(newer, arguments["name"], arguments["recipeArn"], arguments)
    return solutions


def _campaigns(data: Mapping[str, Any]) -> dict[str, Campaign]:
    return {
        ALIASES.get(kind, kind): Campaign(
            ALIASES.get(kind, kind),
            data[key]["name"],
            data[key].get("minProvisionedTPS", 1),
            data[key].get("campaignConfig", {}),
            data[key].get("trafficRatio", DEFAULT_TRAFFIC_RATIO),
        )
        for kind, key in CAMPAIGN_OF_SOLUTION.items()
        if key in data
    }


def _filter(data: Mapping[str, Any]) -> FilterEntry:
    return FilterEntry(
        data["name"],
        data["filterExpression"],
        data.get("context"),
        tuple(data.get("filter_values", ())),
        data.get("limit_time_range", True),
        tuple(data.get("include_time_range_for_sections", ())),
    )
