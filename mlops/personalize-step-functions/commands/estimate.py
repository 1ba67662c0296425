"""What a run and a month would cost, and how long the run would take; pure.

Source: personalize_spec.prices for the prices. Durations, and training hours where nothing was trained before, are
guesses from what others have observed (contract §2.1): they say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.amounts import GIGABYTE, Amounts
from commands.outlook import Step
from personalize_spec.parameters.entries import known_recipe
from personalize_spec.parameters.reading import (
    DEFAULT_MIN_PROVISIONED_TPS,
    campaigns_of,
    newer_key,
    schedules_of,
    solution_keys,
    traffic_of,
)
from personalize_spec.prices import PriceTable, tiered_cost
from personalize_spec.schedules import DAYS_PER_MONTH, runs_per_day

HOURS_PER_MONTH = 730
ASSUMED_USERS = 100_000
MILLION = 1_000_000
_HOURS = {"USER_PERSONALIZATION": (1.0, 2.0), "PERSONALIZED_RANKING": (1.0, 2.0)}  # at least, and per million rows
_OTHER_HOURS = (0.5, 0.5)
_TUNING_JOBS = 8
_MINUTES = {
    "dataset-import-job": 15,
    "solution-version": 60,
    "campaign": 10,
    "recommender": 60,
    "filter": 3,
    "batch-inference-job": 20,
    "batch-segment-job": 20,
}
_GUESS = "a guess: nothing was trained yet"


@dataclass(frozen=True)
class Line:
    """One thing that is paid for. `note` says what the figure rests on."""

    what: str
    amount: str
    dollars: float
    note: str = ""


@dataclass(frozen=True)
class Estimate:
    """The run's lines, those of a month with the file as it is, and the run's minutes without the soak."""

    run: tuple[Line, ...]
    month: tuple[Line, ...]
    minutes: float


def estimate(parameters: Mapping[str, Any], steps: Sequence[Step], amounts: Amounts, prices: PriceTable) -> Estimate:
    """Reckon what the steps would cost."""
    reckoner = _Reckoner(parameters, steps, amounts, prices)
    return Estimate(tuple(reckoner.run()), tuple(reckoner.month()), reckoner.minutes())


class _Reckoner:
    def __init__(
        self, parameters: Mapping[str, Any], steps: Sequence[Step], amounts: Amounts, prices: PriceTable
    ) -> None:
        self._parameters, self._steps, self._amounts, self._prices = parameters, steps, amounts, prices
        self._arns = {step.key: step.arn for step in steps}

    def run(self) -> Iterator[Line]:
        for step in self._steps:
            if step.word == "import":
                yield self._import(step.key.partition(":")[2])
            elif step.word == "train":
                yield self._training(step.definition["references"]["solutionArn"].partition(":")[2])
            elif step.word == "run":
                yield Line(f"batch job {step.name}", "per 1,000 lines of its input", self._prices.batch_per_1000)
        released = [step for step in self._steps if step.word == "release"]
        if released:
            yield self._overlap(released)

    def month(self) -> Iterator[Line]:
        yield from self._campaigns()
        yield from self._recommenders()
        yield from self._scheduled()
        gigabytes = sum(self._amounts.size_bytes.values()) / GIGABYTE
        if gigabytes:
            yield Line("data in the input bucket", f"{gigabytes:,.3f} GB", gigabytes * self._prices.stored_gb_month)

    def minutes(self) -> float:
        """The longest of each kind, one after the other: chains of a phase go side by side."""
        longest: dict[str, float] = {}
        for step in self._steps:
            if step.is_change and step.kind in _MINUTES:
                longest[step.kind] = max(longest.get(step.kind, 0), self._minutes(step))
        traffic = traffic_of(self._parameters)
        moves = any(step.word == "release" for step in self._steps)
        return sum(longest.values()) + (len(traffic.steps) * traffic.step_minutes if moves else 0)

    def _minutes(self, step: Step) -> float:
        if step.kind == "solution-version":
            solution_arn = self._arns.get(step.definition["references"]["solutionArn"], "")
            return self._amounts.training_minutes.get(solution_arn, _MINUTES[step.kind])
        return _MINUTES[step.kind]

    def _import(self, dataset_key: str) -> Line:
        gigabytes = self._amounts.size_bytes.get(dataset_key, 0) / GIGABYTE
        return Line(f"import of {dataset_key}", f"{gigabytes:,.3f} GB", gigabytes * self._prices.ingested_gb)

    def _training(self, key: str) -> Line:
        declared, solution_arn = self._solution(key), self._arns.get(f"solution:{key}", "")
        recipe, what = known_recipe(declared["recipeArn"]), f"training of {key}"
        rows = self._amounts.rows.get("Interactions", 0)
        if recipe is not None and recipe.name.endswith("-v2"):
            dollars = rows / MILLION * self._prices.v2_training_per_million
            return Line(what, f"{rows:,} interactions", dollars, "recipes of version 2 are paid by interactions")
        hours, note = self._hours(declared, solution_arn, rows)
        return Line(what, f"{hours:,.1f} training hours", hours * self._prices.training_hour, note)

    def _hours(self, declared: Mapping[str, Any], solution_arn: str, rows: int) -> tuple[float, str]:
        if solution_arn in self._amounts.training_hours:
            return self._amounts.training_hours[solution_arn], "as the newest version took"
        recipe = known_recipe(declared["recipeArn"])
        least, per_million = _HOURS.get(recipe.recipe_type if recipe else "", _OTHER_HOURS)
        tuning = declared.get("solutionConfig", {}).get("hpoConfig", {}).get("hpoResourceConfig", {})
        jobs = int(tuning.get("maxNumberOfTrainingJobs", _TUNING_JOBS)) if declared.get("performHPO") else 1
        return jobs * (least + per_million * rows / MILLION), _GUESS

    def _solution(self, key: str) -> Mapping[str, Any]:
        solutions = self._parameters["solutions"]
        return solutions[key] if key in solutions else solutions["sims"]

    def _overlap(self, released: Sequence[Step]) -> Line:
        """Both versions are served while traffic moves and the former one soaks."""
        traffic = traffic_of(self._parameters)
        hours = len(traffic.steps) * traffic.step_minutes / 60 + traffic.soak_hours
        declared = (step.definition["arguments"] for step in released)
        tps = sum(each.get("minProvisionedTPS", DEFAULT_MIN_PROVISIONED_TPS) for each in declared)
        tps_hours = tps * hours
        dollars = tps_hours * self._prices.tps_hour[0][1]
        return Line("former versions beside the new ones", f"{tps_hours:,.0f} TPS-hours", dollars)

    def _campaigns(self) -> Iterator[Line]:
        classic, v2 = 0, 0
        for key in solution_keys(self._parameters):
            recipe = known_recipe(self._parameters["solutions"][key]["recipeArn"])
            tps = sum(
                campaign.get("minProvisionedTPS", DEFAULT_MIN_PROVISIONED_TPS)
                for campaign in campaigns_of(self._parameters, key)
            )
            if recipe is not None and recipe.name.endswith("-v2"):
                v2 += tps
            else:
                classic += tps
        if classic:
            units = classic * HOURS_PER_MONTH
            cost = tiered_cost(self._prices.tps_hour, units)
            yield Line("campaigns, if not asked more than is kept ready", f"{units:,} TPS-hours", cost)
        if v2:
            requests = v2 * HOURS_PER_MONTH * 3600
            cost = requests / 1000 * self._prices.v2_per_1000
            note = "not verified: whether what is kept ready is paid when nobody asks"
            yield Line("campaigns of recipes of version 2", f"up to {requests:,} requests", cost, note)

    def _recommenders(self) -> Iterator[Line]:
        count = len(self._parameters.get("recommenders", {}))
        if count:
            users = self._amounts.rows.get("Users") or ASSUMED_USERS
            started = -(-users // int(self._prices.recommender_users))
            hours = count * HOURS_PER_MONTH
            note = "" if self._amounts.rows.get("Users") else f"for up to {ASSUMED_USERS:,} users"
            cost = hours * started * self._prices.recommender_hour
            yield Line("recommenders", f"{hours:,} recommender hours", cost, note)

    def _scheduled(self) -> Iterator[Line]:
        schedules = schedules_of(self._parameters)
        if "import" in schedules:
            times = runs_per_day(schedules["import"]) * DAYS_PER_MONTH
            gigabytes = times * sum(self._amounts.size_bytes.values()) / GIGABYTE
            cost = gigabytes * self._prices.ingested_gb
            yield Line("scheduled imports", f"{times:,.1f} times, {gigabytes:,.2f} GB", cost, "of the data as they are")
        if "train" in schedules:
            times = runs_per_day(schedules["train"]) * DAYS_PER_MONTH
            lines = [self._training(newer_key(key)) for key in solution_keys(self._parameters)]
            note = _GUESS if any(line.note == _GUESS for line in lines) else ""
            yield Line("scheduled trainings", f"{times:,.1f} times", times * sum(line.dollars for line in lines), note)
            campaigns = [step for step in self._steps if step.kind == "campaign"]
            beside = self._overlap(campaigns) if campaigns else None
            if beside is not None:
                yield Line(f"{beside.what}, each time", beside.amount, times * beside.dollars)
