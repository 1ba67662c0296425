"""A simulated fortnight over campaigns of different habits in two regions, and the week after, for hindsight."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_aws import ACCOUNT, FakeAws

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
END = START + timedelta(days=14)  # a Friday at noon
WINDOW = timedelta(minutes=5)
HINDSIGHT = timedelta(days=7)  # what grows is judged again long before
HOME, NORTH = "us-east-1", "ca-central-1"
USER_PERSONALIZATION = "aws-user-personalization-v2"
NATIVE, API = "AWS/Personalize", "news"
STATE_MACHINE = f"arn:aws:states:{HOME}:{ACCOUNT}:stateMachine:Deploy"
Value = tuple[str, str, list[dict[str, str]], datetime, float]  # namespace, metric, dimensions, time, value
Tps = Callable[[datetime, random.Random], float]


@dataclass(frozen=True)
class Habit:
    """One server, and how it is used: TPS at a time."""

    name: str
    region: str
    recipe: str
    min_tps: int
    tps: Tps
    alarms: tuple[str, ...] = ()  # what should fire at the end, before anything is changed
    action: str = "none"
    age: timedelta = timedelta(days=60)

    @property
    def metric(self) -> str:
        return "GetPersonalizedRanking" if "ranking" in self.recipe else "GetRecommendations"


def _day(at: datetime, rng: random.Random) -> float:
    """A newspaper's day: quiet at four in the morning, busy at four in the afternoon."""
    return 0.6 + 0.4 * math.sin((at.hour + at.minute / 60 - 10) / 24 * 2 * math.pi) + rng.uniform(-0.03, 0.03)


def _nothing(at: datetime, rng: random.Random) -> float:
    return 0.0


HABITS = (
    Habit("busy", HOME, USER_PERSONALIZATION, 20, lambda t, r: 9 * _day(t, r), ("LowCampaignUtilization",), "update"),
    Habit("idle", HOME, USER_PERSONALIZATION, 3, _nothing, ("LowCampaignUtilization", "IdleCampaign"), "remove"),
    Habit("night", HOME, USER_PERSONALIZATION, 6, lambda t, r: r.uniform(3.6, 4) if t.hour < 5 else 0.0,
          ("LowCampaignUtilization",), "update"),
    Habit("bursty", HOME, USER_PERSONALIZATION, 1, lambda t, r: r.uniform(14.2, 15) if t.hour % 9 == 0 and t.minute < 20
          else 0.2, ("Throttling",), "update"),
    Habit("new", HOME, USER_PERSONALIZATION, 5, _nothing, (), age=timedelta(hours=3)),
    Habit("ranking", HOME, "aws-personalized-ranking-v2", 12, lambda t, r: 5 * _day(t, r),
          ("LowCampaignUtilization", "Errors", "Latency"), "update"),
    Habit("recommender", NORTH, "aws-ecomm-recommended-for-you", 8, lambda t, r: 2.4 * _day(t, r),
          ("LowRecommenderUtilization",), "update"),
    Habit("growing", NORTH, USER_PERSONALIZATION, 4, lambda t, r: 7 * _day(t, r) * 1.12 ** ((t - START).days / 7),
          (), "update"),
    Habit("weekend", NORTH, USER_PERSONALIZATION, 9, lambda t, r: r.uniform(8.2, 9) if t.weekday() > 4 else 0.0,
          ("LowCampaignUtilization", "IdleCampaign")),
    Habit("live", NORTH, USER_PERSONALIZATION, 2, _nothing, ("LowCampaignUtilization", "IdleCampaign"), "update"),
)  # fmt: skip


def used_tps(habit: Habit, start: datetime, end: datetime) -> dict[datetime, float]:
    """Give the TPS of every window in which the server was asked."""
    rng = random.Random(f"{habit.name} {start}")
    windows = int((end - start) / WINDOW)
    used = {start + number * WINDOW: habit.tps(start + number * WINDOW, rng) for number in range(windows)}
    return {at: tps for at, tps in used.items() if tps > 0}


def build() -> tuple[FakeAws, dict[str, str]]:
    """Give an AWS in which the fortnight has happened, and the servers' ARNs by name."""
    aws = FakeAws(HOME, NORTH)
    arns = {}
    for habit in HABITS:
        personalize, created_at = aws.personalize[habit.region], END - habit.age
        if "ecomm" in habit.recipe:
            arns[habit.name] = personalize.add_recommender(habit.name, habit.min_tps, created_at)
        else:
            arns[habit.name] = personalize.add_campaign(habit.name, habit.recipe, habit.min_tps, created_at)
        serve(aws, habit, arns[habit.name], START, END)
    add_jobs(aws)
    group = aws.personalize[HOME].groups[0]
    for late in [*failing_lately(arns["ranking"], arns["bursty"]), *stopped_events(group), *failing_stacks()]:
        aws.cloudwatch[HOME].add(*late)
    aws.states[HOME].machines[STATE_MACHINE] = {"personalize-monitor": "pipeline"}
    aws.gateways[HOME].apis[API] = {"personalize-monitor": "api"}
    row = {"status": {"S": "active"}, "campaignArn": {"S": arns["live"]}}
    aws.dynamodb.tables["tgam-personalize-dev-api-settings"] = {"news": row}
    return aws, arns


def serve(aws: FakeAws, habit: Habit, arn: str, start: datetime, end: datetime) -> None:
    """Count the requests of a habit in CloudWatch."""
    for value in requests(habit, arn, start, end):
        aws.cloudwatch[habit.region].add(*value)


def requests(habit: Habit, arn: str, start: datetime, end: datetime) -> Iterator[Value]:
    """Yield how often a server was asked, window by window."""
    dimensions = listed(**{"RecommenderArn" if ":recommender/" in arn else "CampaignArn": arn})
    for at, tps in used_tps(habit, start, end).items():
        yield NATIVE, habit.metric, dimensions, at, tps * 300


def failing_lately(failing_arn: str, throttled_arn: str) -> Iterator[Value]:
    """In the last half hour a fifth of one's requests failed, the others took long; many of another's were refused."""
    for number in range(6):
        at, dimensions = END - (number + 1) * WINDOW, listed(CampaignArn=failing_arn)
        yield NATIVE, "GetPersonalizedRanking5xxErrors", dimensions, at, 250
        yield NATIVE, "GetPersonalizedRankingLatency", dimensions, at, 900
        yield NATIVE, "GetRecommendations4xxErrors", listed(CampaignArn=throttled_arn), at, 600


def stopped_events(group: str) -> Iterator[Value]:
    """Events came every hour until seven hours ago."""
    dataset, tracker = tracked(group)
    for hour in range(8, 200):
        dimensions = listed(DatasetGroupArn=group, DatasetArn=dataset, EventTrackerArn=tracker)
        yield NATIVE, "PutEventsRequests", dimensions, END - timedelta(hours=hour), 100


def failing_stacks() -> Iterator[Value]:
    """A moment ago an execution failed, another took too long, and a tenth of the API's answers were errors."""
    at = END - timedelta(minutes=1)
    for metric in ("ExecutionsFailed", "ExecutionsTimedOut"):
        yield "AWS/States", metric, listed(StateMachineArn=STATE_MACHINE), at, 1
    for number in range(3):
        yield "AWS/ApiGateway", "5XXError", listed(ApiName=API), at - number * WINDOW, 0.1


def listed(**dimensions: str) -> list[dict[str, str]]:
    """Give dimensions as CloudWatch takes them."""
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def tracked(group: str) -> tuple[str, str]:
    """Give the ARNs of the dataset and the tracker that a group's events go to."""
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    return dataset, group.replace("dataset-group/news", "event-tracker/clicks")


def add_jobs(aws: FakeAws) -> None:
    """A failed import, a failed training of a stale model, a failed batch job, and a tracker."""
    personalize = aws.personalize[HOME]
    group, solution = personalize.groups[0], next(iter(personalize.solutions))
    dataset, tracker = tracked(group)

    def job(name: str, parent: str, parent_member: str, days: int, status: str) -> dict[str, Any]:
        at = END - timedelta(days=days)
        return {name: f"{parent}/{days}", parent_member: parent, "status": status, "creationDateTime": at,
                "lastUpdatedDateTime": at + timedelta(hours=1)}  # fmt: skip

    personalize.lists |= {
        "list_datasets": [{"datasetArn": dataset, "datasetGroupArn": group}],
        "list_dataset_import_jobs": [
            job("datasetImportJobArn", dataset, "datasetArn", 2, "ACTIVE"),
            job("datasetImportJobArn", dataset, "datasetArn", 1, "CREATE FAILED"),
        ],
        "list_solution_versions": [
            job("solutionVersionArn", solution, "solutionArn", 10, "ACTIVE"),
            job("solutionVersionArn", solution, "solutionArn", 3, "CREATE FAILED"),
        ],
        "list_batch_inference_jobs": [
            job("batchInferenceJobArn", f"{solution}/10", "solutionVersionArn", 2, "CREATE FAILED")
        ],
        "list_event_trackers": [
            {"eventTrackerArn": tracker, "datasetGroupArn": group, "name": "clicks", "status": "ACTIVE",
             "creationDateTime": END - timedelta(days=30)}
        ],
    }  # fmt: skip


EXPECTED_ALARMS = {
    HOME: {"watch_FailedImport-news/INTERACTIONS", "watch_FailedTraining-busy-solution",
           "watch_FailedBatchJob-busy-solution", "watch_StaleModel-busy-solution", "watch_NoEvents-clicks",
           "watch_FailedExecution-Deploy", "watch_TimedOutExecution-Deploy", "watch_ApiErrors-news", "watch_Spend-all"},
    NORTH: set(),
}  # fmt: skip


def best_constant(habit: Habit) -> int:
    """The smallest whole minimum that the week after stays within: known in hindsight only."""
    return max(1, math.ceil(max(used_tps(habit, END, END + HINDSIGHT).values(), default=0)))


def charged_tps(habit: Habit, minimum: int) -> float:
    """Give the TPS that are charged on average in the week after: the larger of the minimum and the use."""
    used = used_tps(habit, END, END + HINDSIGHT)
    windows = HINDSIGHT // WINDOW
    return (sum(max(minimum, tps) for tps in used.values()) + minimum * (windows - len(used))) / windows
