"""The kinds of Personalize resources the pipeline makes, as a table: what may change, how long each takes.

Source: contract §1.4 (operations), §1.8 (structures), §2.1 (durations and statuses), §4.4 (what can be updated).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE_S = 60
HOUR_S = 3600


@dataclass(frozen=True)
class Wait:
    """How often to look whether a resource is ready, and when to give up.

    The wait between two looks is a twelfth of the time already spent, within the two bounds: little is lost where
    things are quick, and ten trainings of a day and a half stay within the 25,000 events an execution may have.
    """

    shortest_s: int
    longest_s: int
    limit_s: int

    def next_s(self, spent_s: float) -> int:
        """How long to wait when so much time was spent. Units: seconds."""
        return int(min(max(spent_s / 12, self.shortest_s), self.longest_s))


QUICK = Wait(shortest_s=2, longest_s=MINUTE_S, limit_s=HOUR_S)
JOB = Wait(shortest_s=3, longest_s=5 * MINUTE_S, limit_s=36 * HOUR_S)
TRAINING = Wait(shortest_s=3, longest_s=15 * MINUTE_S, limit_s=36 * HOUR_S)


@dataclass(frozen=True)
class Listing:
    """The list operation that finds a resource whose ARN does not follow from its name."""

    operation: str
    parent_member: str
    result_member: str


@dataclass(frozen=True)
class ResourceKind:
    """One kind of resource; operation and member names follow from the kind's own by the API's rule.

    `fixed` members are decided at creation: what exists with others gets a successor under a new name where the plan
    gives one, and is refused elsewhere. `changeable` maps a member's path to its path in the update call. `outputs`
    are members for later steps. `numbered` kinds are made anew for new contents (see pipeline.numbered); of those
    where `newest_counts`, an older one serves no more; `first` is how the first one goes.
    """

    name: str
    wait: Wait | None = QUICK
    fixed: tuple[str, ...] = ()
    changeable: Mapping[str, str] = field(default_factory=dict)
    update_summary: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    listing: Listing | None = None
    numbered: bool = False
    newest_counts: bool = False
    first: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""

    @property
    def words(self) -> str:
        """The kind as one writes it in a sentence."""
        return self.name.replace("-", " ")

    @property
    def member(self) -> str:
        """The member of the describe reply that holds the resource, such as `datasetGroup`."""
        first, *rest = self.name.split("-")
        return first + "".join(word.capitalize() for word in rest)

    @property
    def arn_member(self) -> str:
        """The member that holds the ARN, such as `datasetGroupArn`."""
        return f"{self.member}Arn"

    @property
    def name_member(self) -> str:
        """The member of the create call that holds the name."""
        return "jobName" if self.name.endswith("-job") else "name"

    @property
    def parent_member(self) -> str:
        """The argument that names the parent under which the listing finds resources of this kind."""
        if self.listing is None:
            raise ValueError(f"{self.words} is found by its name, not in a list")
        return self.listing.parent_member

    @property
    def summaries_member(self) -> str:
        """The member of the list reply that holds the summaries; the API writes that of filters in another way."""
        return "Filters" if self.name == "filter" else f"{self.member}s"

    def operation(self, verb: str) -> str:
        """The boto3 method for a verb: operation("create") is `create_dataset_group`."""
        return f"{verb}_{self.name.replace('-', '_')}"


def _batch_job(name: str) -> ResourceKind:
    """A kind of batch job; the API writes both alike."""
    member = ResourceKind(name).member
    return ResourceKind(
        name,
        wait=JOB,
        listing=Listing(f"list_{name.replace('-', '_')}s", "solutionVersionArn", f"{member}s"),
        numbered=True,
        advice="Correct the job's input file in the bucket, or the job in the parameter file, then upload it again.",
    )


_KINDS = (
    ResourceKind(
        "dataset-group",
        fixed=("domain", "kmsKeyArn"),
        advice="Give datasetGroup another name, or delete the dataset group with all it contains first.",
    ),
    ResourceKind(
        "schema",
        wait=None,
        fixed=("schema",),
        advice="Correct the schema in the parameter file.",
    ),
    ResourceKind(
        "dataset",
        changeable={"schemaArn": "schemaArn"},
        update_summary="latestDatasetUpdate",
        advice="The schema of a dataset can only gain nullable columns, and an Interactions schema cannot change at "
        "all: put the old columns back, or give datasetGroup another name.",
    ),
    ResourceKind(
        "dataset-import-job",
        wait=Wait(shortest_s=3, longest_s=5 * MINUTE_S, limit_s=6 * HOUR_S),
        listing=Listing("list_dataset_import_jobs", "datasetArn", "datasetImportJobs"),
        numbered=True,
        newest_counts=True,
        first={"importMode": "FULL"},
        advice="Correct the CSV files in the input bucket (the header has the columns of the schema), then upload the "
        "parameter file again.",
    ),
    ResourceKind(
        "solution",
        fixed=("recipeArn", "performHPO", "performAutoML", "eventType", "solutionConfig"),
        changeable={
            "performAutoTraining": "performAutoTraining",
            "performIncrementalUpdate": "performIncrementalUpdate",
            "solutionConfig.autoTrainingConfig": "solutionUpdateConfig.autoTrainingConfig",
            "solutionConfig.eventsConfig": "solutionUpdateConfig.eventsConfig",
        },
        update_summary="latestSolutionUpdate",
        advice="Correct the solution in the parameter file.",
    ),
    ResourceKind(
        "solution-version",
        wait=TRAINING,
        listing=Listing("list_solution_versions", "solutionArn", "solutionVersions"),
        numbered=True,
        first={"trainingMode": "FULL"},
        advice="Training needs at least 1,000 interactions of at least 25 users with two or more each: check the data "
        "and the solution's eventType, then upload the parameter file again.",
    ),
    ResourceKind(
        "campaign",
        wait=Wait(shortest_s=2, longest_s=MINUTE_S, limit_s=3 * HOUR_S),
        changeable={
            "solutionVersionArn": "solutionVersionArn",
            "minProvisionedTPS": "minProvisionedTPS",
            "campaignConfig": "campaignConfig",
        },
        update_summary="latestCampaignUpdate",
        advice="Correct the campaign in the parameter file, then upload it again.",
    ),
    ResourceKind(
        "recommender",
        wait=TRAINING,
        fixed=("recipeArn",),
        changeable={"recommenderConfig": "recommenderConfig"},
        update_summary="latestRecommenderUpdate",
        advice="Correct the recommender in the parameter file, or give it another name.",
    ),
    _batch_job("batch-inference-job"),
    _batch_job("batch-segment-job"),
    ResourceKind(
        "event-tracker",
        outputs={"tracking_id": "trackingId"},
        listing=Listing("list_event_trackers", "datasetGroupArn", "eventTrackers"),
        advice="A dataset group has one event tracker, and its name is unique in the account: give it another name.",
    ),
    ResourceKind(
        "filter",
        fixed=("filterExpression",),
        advice="Correct the filter's expression in the parameter file.",
    ),
)
KINDS: Mapping[str, ResourceKind] = {kind.name: kind for kind in _KINDS}
