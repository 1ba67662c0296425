"""Find what there is to watch in one region: lists over all pages, descriptions side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from personalize_monitor.clients import FAILURES, each, error_code, pages
from personalize_monitor.resources import CAMPAIGN, RECOMMENDER, Inventory, Job, Server, Tracker
from personalize_monitor.settings import ALL, Settings
from personalize_spec.arns import parse_arn, solution_arn_of

DONE, FAILED = "ACTIVE", "CREATE FAILED"


def watched_regions(settings: Settings) -> tuple[str, ...]:
    """The parameter's regions count for what is watched as `all`; ARNs say theirs themselves."""
    named = [*settings.campaign_arns, *settings.recommender_arns]
    regions = [arn.split(":")[3] for arn in named if arn.startswith("arn:")]
    return tuple(dict.fromkeys([*(settings.regions if ALL in named else ()), *regions]))


class RegionReader:
    """Reads one region. What fails is said in `lacks`, and the rest goes on."""

    def __init__(self, client: Any, region: str, settings: Settings) -> None:
        self._client, self._region, self._settings = client, region, settings
        self._lacks: list[str] = []

    def read(self) -> Inventory:
        """Give the region's inventory."""
        groups = self._list("list_dataset_groups", "datasetGroups")
        solutions = self._solutions(groups)
        recommenders = self._recommenders()
        campaigns = [server for server in self._campaigns(solutions) if server is not None]
        servers = tuple(campaigns + recommenders)
        watched = (
            {server.group_arn for server in servers}
            if not self._watches_all()
            else {g["datasetGroupArn"] for g in groups}
        )
        jobs = self._jobs({arn: one for arn, one in solutions.items() if one["group"] in watched}, watched)
        versions = {job.version_arn for job in jobs if job.version_arn}
        return Inventory(
            servers, self._trackers(watched), tuple(jobs), self._offline_metrics(versions), tuple(self._lacks)
        )

    def _watches_all(self) -> bool:
        return ALL in (*self._settings.campaign_arns, *self._settings.recommender_arns)

    def _list(self, operation: str, member: str, **arguments: Any) -> list[Any]:
        try:
            return list(pages(self._client, operation, member, maxResults=100, **arguments))
        except FAILURES as error:
            self._lacks.append(f"{self._region}: {operation}: {error_code(error)}")
            return []

    def _each(self, call: Callable[[Any], Any], subjects: Iterable[Any], words: Callable[[Any], str]) -> list[Any]:
        results, lacks = each(call, subjects, words)
        self._lacks += lacks
        return results

    def _arns(self, named: tuple[str, ...], operation: str, member: str, arn_member: str) -> list[str]:
        own = [arn for arn in named if arn.startswith("arn:") and arn.split(":")[3] == self._region]
        listed = self._list(operation, member) if ALL in named and self._region in self._settings.regions else []
        return list(dict.fromkeys([*own, *(entry[arn_member] for entry in listed)]))

    def _solutions(self, groups: list[Any]) -> dict[str, dict[str, str]]:
        """Give group and recipe of every solution: the lists by group say both, so nothing is described."""
        solutions = {}
        for group in groups:
            for entry in self._list("list_solutions", "solutions", datasetGroupArn=group["datasetGroupArn"]):
                recipe = entry.get("recipeArn", "").rpartition("/")[2]
                solutions[entry["solutionArn"]] = {"group": group["datasetGroupArn"], "recipe": recipe}
        return solutions

    def _campaigns(self, solutions: dict[str, dict[str, str]]) -> list[Server | None]:
        arns = self._arns(self._settings.campaign_arns, "list_campaigns", "campaigns", "campaignArn")

        def describe(arn: str) -> Server | None:
            campaign = self._client.describe_campaign(campaignArn=arn)["campaign"]
            solution_arn = solution_arn_of(campaign["solutionVersionArn"])
            solution = solutions.get(solution_arn) or self._solution(solution_arn)
            return _campaign(campaign, solution_arn, solution)

        return self._each(describe, arns, str)

    def _solution(self, arn: str) -> dict[str, str]:
        solution = self._client.describe_solution(solutionArn=arn)["solution"]
        return {"group": solution["datasetGroupArn"], "recipe": solution.get("recipeArn", "").rpartition("/")[2]}

    def _recommenders(self) -> list[Server]:
        arns = self._arns(self._settings.recommender_arns, "list_recommenders", "recommenders", "recommenderArn")
        return self._each(
            lambda arn: _recommender(self._client.describe_recommender(recommenderArn=arn)["recommender"]), arns, str
        )

    def _trackers(self, groups: set[str]) -> tuple[Tracker, ...]:
        return tuple(
            Tracker(entry["eventTrackerArn"], entry["name"], group, entry["creationDateTime"])
            for group in sorted(groups)
            for entry in self._list("list_event_trackers", "eventTrackers", datasetGroupArn=group)
            if entry["status"] == DONE
        )

    def _jobs(self, solutions: dict[str, dict[str, str]], groups: set[str]) -> list[Job]:
        jobs = self._each(lambda arn: self._training(arn, solutions[arn]["group"]), solutions, str)
        for group in sorted(groups):
            jobs += [
                _last_job(
                    "import", dataset["datasetArn"], group, self._imports(dataset["datasetArn"]), "datasetImportJobArn"
                )
                for dataset in self._list("list_datasets", "datasets", datasetGroupArn=group)
            ]
        jobs += self._batches(solutions) if solutions else []
        return [job for job in jobs if job is not None]

    def _imports(self, dataset_arn: str) -> list[Any]:
        return self._list("list_dataset_import_jobs", "datasetImportJobs", datasetArn=dataset_arn)

    def _training(self, solution_arn: str, group: str) -> Job | None:
        versions = self._list("list_solution_versions", "solutionVersions", solutionArn=solution_arn)
        return _last_job("training", solution_arn, group, versions, "solutionVersionArn")

    def _batches(self, solutions: dict[str, dict[str, str]]) -> list[Job | None]:
        entries = self._list("list_batch_inference_jobs", "batchInferenceJobs")
        entries += self._list("list_batch_segment_jobs", "batchSegmentJobs")
        by_solution: dict[str, list[Any]] = {}
        for entry in entries:
            by_solution.setdefault(solution_arn_of(entry["solutionVersionArn"]), []).append(entry)
        return [
            _last_job("batch", arn, solutions[arn]["group"], found, "batchInferenceJobArn")
            for arn, found in by_solution.items()
            if arn in solutions
        ]

    def _offline_metrics(self, versions: set[str]) -> dict[str, dict[str, float]]:
        def read(arn: str) -> tuple[str, dict[str, float]]:
            return arn, self._client.get_solution_metrics(solutionVersionArn=arn).get("metrics", {})

        return dict(self._each(read, sorted(versions), str))


def _campaign(campaign: dict[str, Any], solution_arn: str, solution: dict[str, str]) -> Server:
    update = campaign.get("latestCampaignUpdate") or {}
    return Server(
        arn=campaign["campaignArn"],
        kind=CAMPAIGN,
        name=campaign["name"],
        group_arn=solution["group"],
        recipe_name=solution["recipe"],
        min_tps=campaign.get("minProvisionedTPS") or 1,
        status=campaign["status"],
        created_at=campaign["creationDateTime"],
        updated_at=max(
            campaign["lastUpdatedDateTime"], update.get("lastUpdatedDateTime", campaign["lastUpdatedDateTime"])
        ),
        update_status=update.get("status", DONE),
        solution_arn=solution_arn,
        solution_version_arn=campaign["solutionVersionArn"],
    )


def _recommender(recommender: dict[str, Any]) -> Server:
    update = recommender.get("latestRecommenderUpdate") or {}
    updated_at = recommender["lastUpdatedDateTime"]
    return Server(
        arn=recommender["recommenderArn"],
        kind=RECOMMENDER,
        name=recommender["name"],
        group_arn=recommender["datasetGroupArn"],
        recipe_name=recommender["recipeArn"].rpartition("/")[2],
        min_tps=(recommender.get("recommenderConfig") or {}).get("minRecommendationRequestsPerSecond") or 1,
        status=recommender["status"],
        created_at=recommender["creationDateTime"],
        updated_at=max(updated_at, update.get("lastUpdatedDateTime", updated_at)),
        update_status=update.get("status", DONE),
    )


def describe_server(client: Any, arn: str) -> Server:
    """Describe one campaign or recommender by its ARN.

    Errors: those of boto3; ValueError for an ARN of anything else.
    """
    kind = parse_arn(arn).kind
    if kind == RECOMMENDER:
        return _recommender(client.describe_recommender(recommenderArn=arn)["recommender"])
    if kind != CAMPAIGN:
        raise ValueError(f"{arn} is neither a campaign nor a recommender.")
    campaign = client.describe_campaign(campaignArn=arn)["campaign"]
    solution_arn = solution_arn_of(campaign["solutionVersionArn"])
    solution = client.describe_solution(solutionArn=solution_arn)["solution"]
    recipe = solution.get("recipeArn", "").rpartition("/")[2]
    return _campaign(campaign, solution_arn, {"group": solution["datasetGroupArn"], "recipe": recipe})


def _last_job(kind: Any, subject_arn: str, group_arn: str, entries: list[Any], arn_member: str) -> Job | None:
    """Sum up the jobs of one kind on one subject; None when none has ended."""
    ended = sorted((e for e in entries if e["status"] in (DONE, FAILED)), key=lambda entry: entry["creationDateTime"])
    if not ended:
        return None
    newest = ended[-1]
    good = next((entry for entry in reversed(ended) if entry["status"] == DONE), None)
    failed = newest["status"] == FAILED
    return Job(
        kind=kind,
        subject_arn=subject_arn,
        group_arn=group_arn,
        failed_arn=newest.get(arn_member, subject_arn) if failed else "",
        failure_reason=newest.get("failureReason", "") if failed else "",
        succeeded_at=good["lastUpdatedDateTime"] if good else None,
        duration_s=(good["lastUpdatedDateTime"] - good["creationDateTime"]).total_seconds() if good else None,
        version_arn=good["solutionVersionArn"] if good and kind == "training" else "",
    )
