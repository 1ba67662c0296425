"""Home: what there is, what is live, what runs, what needs attention."""

from __future__ import annotations

from typing import Any

from personalize_local.console.attention import concerns_of, ringing_alarms
from personalize_local.console.costs import dollars_per_day
from personalize_local.console.http import Request
from personalize_local.console.inventory import Group, read_groups
from personalize_local.console.page import Page
from personalize_local.console.sources import Sources
from personalize_local.console.words import BAD, BUSY, name_of, tone
from personalize_local.console.workflows import read_machines
from personalize_spec.prices import PriceTable


def home_page(sources: Sources, request: Request) -> Page:
    """Give the home page; an empty account's says what to do first."""
    groups = read_groups(sources.account)
    machines = read_machines(sources.account)
    concerns = [concern for group in groups for concern in concerns_of(group)] + _failed_runs(machines)
    concerns += ringing_alarms(sources.account)
    costs = dollars_per_day(groups, PriceTable())
    data = {
        "groups": [_group(group, costs["by_arn"]) for group in groups],
        "costs": {"total": costs["total"], "as_of": costs["as_of"]},
        "can_roll_back": any("rollback" in machine["name"].lower() for machine in machines),
        "running": _running(groups, machines),
        "concerns": concerns,
        "machines": [machine | {"runs": machine["runs"][:5]} for machine in machines],
        "demo": None if sources.demo is None else sources.demo.status,
    }
    return Page("home.html", "Home", data)


def _group(group: Group, costs: dict[str, float]) -> dict[str, Any]:
    live = [_campaign(campaign) for campaign in group.campaigns] + [_recommender(one) for one in _live(group)]
    return {
        "name": group.name,
        "arn": group.arn,
        "status": group.status,
        "updated_at": group.updated_at,
        "live": [one | {"dollars_per_day": costs.get(one["arn"], 0.0)} for one in live],
        "dollars_per_day": sum(costs.get(one["arn"], 0.0) for one in live),
        "counts": {key: len(found) for key, found in group.parts.items()} | {"versions": len(group.versions)},
    }


def _live(group: Group) -> list[dict[str, Any]]:
    return group.parts["recommenders"]


def _campaign(campaign: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "campaign",
        "name": campaign["name"],
        "arn": campaign["campaignArn"],
        "status": campaign["status"],
        "serves": name_of(campaign["solutionVersionArn"]),
        "minimum_tps": campaign.get("minProvisionedTPS"),
        "updated_at": campaign["lastUpdatedDateTime"],
    }


def _recommender(summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "recommender",
        "name": summary["name"],
        "arn": summary["recommenderArn"],
        "status": summary["status"],
        "serves": name_of(summary["recipeArn"]),
        "minimum_tps": summary.get("recommenderConfig", {}).get("minRecommendationRequestsPerSecond"),
        "updated_at": summary["lastUpdatedDateTime"],
    }


def _running(groups: list[Group], machines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    runs = [
        {"what": f"run of {machine['name']}", "status": run["status"], "since": run["started_at"], "run": run["arn"]}
        for machine in machines
        for run in machine["runs"]
        if tone(run["status"]) == BUSY
    ]
    made = [
        {"what": name_of(arn), "status": summary["status"], "since": summary["creationDateTime"], "run": ""}
        for group in groups
        for summary in [*group.versions, *group.campaigns, *(one for part in group.parts.values() for one in part)]
        if tone(summary.get("status", "")) == BUSY
        for arn in [next(value for key, value in summary.items() if key.endswith("Arn"))]
    ]
    return runs + made


def _failed_runs(machines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only a machine's last run counts: an older failure has been dealt with."""
    return [
        {"about": f"run of {machine['name']}", "says": f"The last run {run['name']} is {run['status']}.",
         "grade": "bad", "link": "", "run": run["arn"]}
        for machine in machines
        for run in machine["runs"][:1]
        if tone(run["status"]) == BAD
    ]  # fmt: skip
