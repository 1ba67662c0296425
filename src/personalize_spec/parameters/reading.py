"""Read a good parameter file: what it says, and the defaults for what it leaves out; pure.

Everything that works from a file uses these functions, so that a default has one place. They take the parsed file as
it is, of which `check_parameters` has found no error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from personalize_spec.parameters.format import (
    ALIASES,
    CAMPAIGN_OF_SOLUTION,
    DATASET_TYPE_OF,
    DEFAULT_IMPORT_MODE,
    DEFAULT_MINIMUM_COVERAGE,
    DEFAULT_SMOKE_USERS,
    DEFAULT_SOAK_HOURS,
    DEFAULT_STEP_MINUTES,
    DEFAULT_STEPS,
    DEFAULT_TOLERANCE,
    DEFAULT_TRAINING_MODE,
    SOLUTION_ARGUMENTS,
)
from personalize_spec.recipes import get_recipe

Data = Mapping[str, Any]

DEFAULT_TRAFFIC_RATIO = 1  # as the API takes a row without one
DEFAULT_MIN_PROVISIONED_TPS = 1


@dataclass(frozen=True)
class Gate:
    """What a new version must reach. `metric` is None where each recipe's own is taken."""

    metric: str | None = None
    tolerance: float = DEFAULT_TOLERANCE
    minimum_coverage: float = DEFAULT_MINIMUM_COVERAGE
    smoke_users: int = DEFAULT_SMOKE_USERS


@dataclass(frozen=True)
class Traffic:
    """How traffic moves. Units: steps are percent of the traffic; `alarms` are CloudWatch alarm names."""

    steps: tuple[int, ...] = DEFAULT_STEPS
    step_minutes: float = DEFAULT_STEP_MINUTES
    soak_hours: float = DEFAULT_SOAK_HOURS
    alarms: tuple[str, ...] = ()


def dataset_keys(data: Data) -> tuple[str, ...]:
    """Give the keys of the datasets that the file has, such as "Interactions", in the order of the work."""
    return tuple(key for key in DATASET_TYPE_OF if key in data["datasets"])


def import_mode(data: Data, dataset_key: str) -> str:
    """Say how imports of a dataset go."""
    return data["datasets"][dataset_key].get("importMode", DEFAULT_IMPORT_MODE)


def solution_keys(data: Data) -> tuple[str, ...]:
    """Give the keys of the solutions as in the file: the newspaper's first, then those of one's own choice."""
    solutions = data.get("solutions", {})
    known = [key for key in CAMPAIGN_OF_SOLUTION if key in solutions]
    return (*known, *(key for key in solutions if key not in CAMPAIGN_OF_SOLUTION))


def newer_key(solution_key: str) -> str:
    """Give a solution's key in its newer spelling: `similarItems` for `sims`."""
    return ALIASES.get(solution_key, solution_key)


def solution_arguments(solution: Data) -> dict[str, Any]:
    """Give CreateSolution's arguments: automatic training is off unless asked for, as it would come on top."""
    declared = {key: value for key, value in solution.items() if key in SOLUTION_ARGUMENTS}
    return {"performAutoTraining": False, **declared}


def campaigns_of(data: Data, solution_key: str) -> Iterator[dict[str, Any]]:
    """Yield the campaigns of a solution as the file declares them: that of `campaigns`, then those in the solution."""
    older = data.get("campaigns", {}).get(CAMPAIGN_OF_SOLUTION.get(solution_key, ""))
    if older is not None:
        yield older
    yield from data["solutions"][solution_key].get("campaigns", ())


def campaign_arguments(campaign: Data, recipe_arn: str) -> dict[str, Any]:
    """Give CreateCampaign's arguments: exploration goes only to recipes that explore, the traffic ratio to the API."""
    arguments = {key: value for key, value in campaign.items() if key not in ("trafficRatio", "campaignConfig")}
    config = dict(campaign.get("campaignConfig", {}))
    if not get_recipe(recipe_arn).supports_exploration_config:
        config.pop("itemExplorationConfig", None)
    return arguments | ({"campaignConfig": config} if config else {})


def training_mode(data: Data, solution_key: str) -> str:
    """Say how scheduled trainings of a solution go."""
    own = data["solutions"][solution_key].get("trainingMode")
    updates = data.get("userPersonalizationUpdates", {}) if solution_key == "userPersonalization" else {}
    return own or updates.get("trainingMode", DEFAULT_TRAINING_MODE)


def batch_output(solution_key: str, job: Data) -> str:
    """Give the folder of a batch job's results: a key of the input bucket or an s3:// address."""
    return job.get("output") or f"batch-output/{newer_key(solution_key)}/{job['name']}/"


def s3_address(place: str, bucket: str) -> str:
    """Give the s3:// address of a place that is one already, or a key of a bucket."""
    return place if place.startswith("s3://") else f"s3://{bucket}/{place}"


def schedules_of(data: Data) -> dict[str, str]:
    """Give the schedules that the file asks for, by kind of work."""
    return dict(data.get("schedules", {}))


def gate_of(data: Data) -> Gate:
    """Give the gate, complete with defaults."""
    declared = data.get("gate", {})
    return Gate(
        declared.get("metric"),
        declared.get("tolerance", DEFAULT_TOLERANCE),
        declared.get("minimumCoverage", DEFAULT_MINIMUM_COVERAGE),
        declared.get("smokeUsers", DEFAULT_SMOKE_USERS),
    )


def traffic_of(data: Data) -> Traffic:
    """Give the traffic's steps, complete with defaults."""
    declared = data.get("traffic", {})
    return Traffic(
        tuple(declared.get("steps", DEFAULT_STEPS)),
        declared.get("stepMinutes", DEFAULT_STEP_MINUTES),
        declared.get("soakHours", DEFAULT_SOAK_HOURS),
        tuple(declared.get("alarms", ())),
    )
