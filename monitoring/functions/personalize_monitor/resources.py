"""What is watched, as Personalize describes it; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from personalize_spec.arns import parse_arn
from personalize_spec.recipes import RECIPES
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS, PERSONALIZED_RANKING

CAMPAIGN, RECOMMENDER = "campaign", "recommender"
RECOMMENDATIONS, RANKING = "GetRecommendations", "GetPersonalizedRanking"
SETTLED = ("ACTIVE", "CREATE FAILED")


@dataclass(frozen=True)
class Server:
    """A campaign or a recommender: what answers requests and costs money while it exists.

    Units: min_tps in transactions per second; updated_at is the last change by anybody, created_at without one.
    """

    arn: str
    kind: Literal["campaign", "recommender"]
    name: str
    group_arn: str
    recipe_name: str
    min_tps: int
    status: str
    created_at: datetime
    updated_at: datetime
    update_status: str = "ACTIVE"
    solution_arn: str = ""
    solution_version_arn: str = ""

    @property
    def region(self) -> str:
        """Where it is: alarms and topics must be there too."""
        return parse_arn(self.arn).region

    @property
    def dimension(self) -> str:
        """The name of its dimension in CloudWatch."""
        return "CampaignArn" if self.kind == CAMPAIGN else "RecommenderArn"

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is being done with it."""
        return self.status in SETTLED and self.update_status in SETTLED

    @property
    def request_metrics(self) -> tuple[str, ...]:
        """The metrics that count its requests; none where AWS documents none.

        A recipe that nobody knows yet may be asked in either way, so both count.
        Source: contract §8.2; next-best-action's requests have no documented metric.
        """
        if self.kind == RECOMMENDER:
            return (RECOMMENDATIONS,)
        recipe = RECIPES.get(self.recipe_name)
        if recipe is None:
            return (RECOMMENDATIONS, RANKING)
        if recipe.recipe_type == PERSONALIZED_ACTIONS:
            return ()
        return (RANKING,) if recipe.recipe_type == PERSONALIZED_RANKING else (RECOMMENDATIONS,)

    @property
    def is_measurable(self) -> bool:
        """Tell whether no requests counted means that there were none: only then may it be called idle."""
        return bool(self.request_metrics) and (self.kind == RECOMMENDER or self.recipe_name in RECIPES)


@dataclass(frozen=True)
class Tracker:
    """An event tracker."""

    arn: str
    name: str
    group_arn: str
    created_at: datetime


@dataclass(frozen=True)
class Job:
    """The last ending of something repeated: a dataset's imports, a solution's trainings, its batch jobs.

    `subject_arn` is the dataset or the solution; `failed_arn` the last job when it failed, else empty.
    Units: duration_s of the last success in seconds.
    """

    kind: Literal["import", "training", "batch"]
    subject_arn: str
    group_arn: str
    failed_arn: str = ""
    failure_reason: str = ""
    succeeded_at: datetime | None = None
    duration_s: float | None = None
    version_arn: str = ""


@dataclass(frozen=True)
class Workflow:
    """A state machine of a pipeline."""

    arn: str

    @property
    def name(self) -> str:
        """Its name, which the stack gave it."""
        return self.arn.rpartition(":")[2]

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.arn.split(":")[3]


@dataclass(frozen=True)
class Api:
    """A REST API; CloudWatch knows it by its name."""

    name: str
    region: str


@dataclass(frozen=True)
class Inventory:
    """All that a run found, and in words what it could not see."""

    servers: tuple[Server, ...] = ()
    trackers: tuple[Tracker, ...] = ()
    jobs: tuple[Job, ...] = ()
    offline_metrics: dict[str, dict[str, float]] = field(default_factory=dict)  # by solution version's ARN
    lacks: tuple[str, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    apis: tuple[Api, ...] = ()

    def __add__(self, other: Inventory) -> Inventory:
        return Inventory(
            self.servers + other.servers,
            self.trackers + other.trackers,
            self.jobs + other.jobs,
            self.offline_metrics | other.offline_metrics,
            self.lacks + other.lacks,
            self.workflows + other.workflows,
            self.apis + other.apis,
        )
