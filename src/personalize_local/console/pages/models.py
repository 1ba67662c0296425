"""Models: a solution's versions side by side, with the metrics of each against the live one and popularity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.console.drawing.charts import grouped_bars, lines
from personalize_local.console.experiments import read_arms
from personalize_local.console.http import Request
from personalize_local.console.inventory import Group, read_groups, solution_of
from personalize_local.console.page import NotFoundError, Page
from personalize_local.console.sources import Sources
from personalize_local.console.versions import compare, read_versions
from personalize_local.console.words import name_of

CAMPAIGN_COLUMNS = ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")
SHELVES = ("most read", "2", "3", "4", "5", "6", "7", "8", "9", "least")
SHELF_SERIES = (("recommended", "recommended"), ("read", "read"), ("popularity", "by popularity"))


def models_page(sources: Sources, request: Request) -> Page:
    """Give the versions of one solution; without any, what is missing."""
    groups = [group for group in read_groups(sources.account) if group.parts["solutions"]]
    if not groups:
        return Page("readers_empty.html", "Models", {}, section="models")
    group, solution_arn = _choose(groups, request.query)
    versions = read_versions(sources.account, sources.inside, group, solution_arn)
    live = _live(sources, group, versions)
    data = {
        "solutions": [
            {"arn": one["solutionArn"], "name": one["name"], "group": each.name}
            for each in groups
            for one in each.parts["solutions"]
        ],
        "solution": solution_arn,
        "name": name_of(solution_arn),
        "live": live,
        "versions": versions,
        "metrics": compare(versions, live),
        "has_errors": any((one["inside"] or {}).get("errors") for one in versions),
        "has_popularity": any((one["inside"] or {}).get("popularity") for one in versions),
        "changed": _changed(versions),
        "parts": _parts(versions),
    }
    if not request.path.endswith(".json"):
        data["figures"] = _figures(versions)
    return Page("models.html", "Models", data, section="models")


def _choose(groups: list[Group], query: Mapping[str, str]) -> tuple[Group, str]:
    """Give the solution asked for, the one of the version asked for, or the first that is live.

    Errors: NotFoundError.
    """
    wanted = solution_of(query["version"]) if query.get("version") else query.get("solution", "")
    arns = [(group, one["solutionArn"]) for group in groups for one in group.parts["solutions"]]
    if wanted:
        found = next(((group, arn) for group, arn in arns if arn == wanted), None)
        if found is None:
            raise NotFoundError(f"There is no solution {name_of(wanted)} here.")
        return found
    live = {solution_of(one["solutionVersionArn"]) for group in groups for one in group.campaigns}
    return max(arns, key=lambda pair: (pair[1] in live, _version_count(*pair)))


def _live(sources: Sources, group: Group, versions: list[dict[str, Any]]) -> str:
    """Give the version that most readers meet: by the settings table, else that of the first campaign in a row."""
    shares: dict[str, float] = {}
    for stack in sources.api_stacks.find():
        for row in read_arms(sources.account, stack):
            for column in CAMPAIGN_COLUMNS:
                shares[row.get(column, "")] = max(shares.get(row.get(column, ""), 0.0), row["share"])
    shown = {one["arn"] for one in versions}
    own = [one for one in group.campaigns if one["solutionVersionArn"] in shown]
    own.sort(key=lambda one: (-shares.get(one["campaignArn"], 0.0), one["creationDateTime"]))
    return own[0]["solutionVersionArn"] if own else ""


def _version_count(group: Group, solution_arn: str) -> int:
    return sum(solution_of(one["solutionVersionArn"]) == solution_arn for one in group.versions)


def _changed(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the settings of the versions, those first that differ among them."""
    names = list(dict.fromkeys(name for one in versions for name in one["parameters"]))
    rows = [{"name": name, "values": [one["parameters"].get(name) for one in versions]} for name in names]
    rows = [row | {"differs": len(set(row["values"])) > 1} for row in rows]
    return sorted(rows, key=lambda row: not row["differs"])


def _parts(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the weight of each part of the blend in each version, the heaviest of the newest first."""
    weights = [(one["inside"] or {}).get("weights", {}) for one in versions]
    names = list(dict.fromkeys(name for found in weights for name in found))
    top = max((weight for found in weights for weight in found.values()), default=0.0) or 1.0
    return [
        {"name": name, "weights": [found.get(name) for found in weights], "shares": [
            100 * found.get(name, 0.0) / top for found in weights]}
        for name in names
    ]  # fmt: skip


def _figures(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw for each version that says how it came about the learning curve and who gets recommended."""
    return [
        {"name": one["name"], "curve": _curve(one), "shelves": _shelf_bars(one), "table": one["inside"]["shelves"]}
        for one in versions
        if one["inside"]
    ]


def _curve(version: Mapping[str, Any]) -> str:
    points = [(float(seen), float(likelihood)) for seen, likelihood in version["inside"]["curve"]]
    title = f"Learning curve of {version['name']}: mean log likelihood of what came next, by events seen"
    return lines([("likelihood", points)], title, unit="events") if len(points) > 1 else ""


def _shelf_bars(version: Mapping[str, Any]) -> str:
    shelves = version["inside"]["shelves"]
    series = [(label, shelves[key]) for key, label in SHELF_SERIES]
    first = f"{shelves['recommended'][0]:.0%} of the places, {shelves['read'][0]:.0%} of the reads"
    return grouped_bars(SHELVES, series, f"Popularity bias of {version['name']}: the most read tenth has {first}")
