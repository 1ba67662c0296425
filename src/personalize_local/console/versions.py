"""Solution versions with what is known of each: status, time, parameters, offline metrics, and what looks inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.inside import Inside
from personalize_local.console.inventory import Group, solution_of
from personalize_local.console.words import name_of

SHOWN_VERSIONS = 8
SMALLER_IS_BETTER = frozenset({"average_rank", "root_mean_square_error"})


def read_versions(account: Account, inside: Inside, group: Group, solution_arn: str) -> list[dict[str, Any]]:
    """Give a solution's versions, newest first, and the campaigns that each serves."""
    own = [one for one in group.versions if solution_of(one["solutionVersionArn"]) == solution_arn]
    arns = [one["solutionVersionArn"] for one in own[:SHOWN_VERSIONS]]
    described = account.side_by_side(lambda arn: _describe(account, arn), arns)
    serving: dict[str, list[str]] = {}
    for campaign in group.campaigns:
        serving.setdefault(campaign["solutionVersionArn"], []).append(campaign["name"])
    return [
        one | {"campaigns": serving.get(one["arn"], []), "inside": inside.training(one["arn"])} for one in described
    ]


def compare(versions: list[dict[str, Any]], live_arn: str) -> list[dict[str, Any]]:
    """Give a row per metric: its value of each version with its error where known, the difference to the live one's.

    A difference counts as clear beyond twice its standard error, when both errors are known; both versions were
    measured on users of their own, so the errors are taken as independent.
    """
    names = sorted({name for one in versions for name in one["metrics"]}, key=_in_order)
    live = next((one for one in versions if one["arn"] == live_arn), None)
    return [{"name": name, "cells": [_cell(name, one, live) for one in versions]} for name in names]


def _in_order(name: str) -> tuple[str, int]:
    """Sort at_5 before at_10."""
    text, _, number = name.rpartition("_")
    return (text, int(number)) if number.isdigit() else (name, 0)


def _cell(name: str, version: Mapping[str, Any], live: Mapping[str, Any] | None) -> dict[str, Any]:
    value, error = version["metrics"].get(name), _error(version, name)
    popular = (version["inside"] or {}).get("popularity", {})
    cell = {"value": value, "error": error, "difference": None, "is_known": False, "is_clear": False}
    cell["is_better"] = False
    cell["popularity"] = popular.get("metrics", {}).get(name)
    if value is None or live is None or version["arn"] == live["arn"] or live["metrics"].get(name) is None:
        return cell
    difference, other = value - live["metrics"][name], _error(live, name)
    known = error is not None and other is not None
    spread = (error**2 + other**2) ** 0.5 if known else 0.0
    return cell | {
        "difference": difference,
        "is_known": known,
        "is_clear": known and abs(difference) > 2 * spread,
        "is_better": (difference < 0) == (name in SMALLER_IS_BETTER),
    }


def _error(version: Mapping[str, Any], name: str) -> float | None:
    return (version["inside"] or {}).get("errors", {}).get(name)


def _describe(account: Account, arn: str) -> dict[str, Any]:
    personalize = account.client("personalize")
    version = personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    metrics: dict[str, float] = {}
    if version["status"] == "ACTIVE":
        try:
            metrics = personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
        except ClientError:  # a recipe that is not measured
            metrics = {}
    config = version.get("solutionConfig", {})
    return {
        "arn": arn,
        "name": (version.get("name") or arn).rpartition("/")[2],
        "status": version["status"],
        "failure": version.get("failureReason", ""),
        "recipe": name_of(version.get("recipeArn", "")),
        "created_at": version["creationDateTime"],
        "training_mode": version.get("trainingMode", "FULL"),
        "training_hours": version.get("trainingHours"),
        "parameters": _flat(config, "") | _flat(version.get("tunedHPOParams", {}), "tuned"),
        "metrics": dict(sorted(metrics.items())),
    }


def _flat(value: Any, name: str) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {key: text for inner, found in value.items() for key, text in _flat(found, _join(name, inner)).items()}
    if isinstance(value, list):
        return {key: text for place, one in enumerate(value) for key, text in _flat(one, f"{name}[{place}]").items()}
    return {name: str(value)}


def _join(name: str, inner: str) -> str:
    """Name a setting by its path, without the words that every one has."""
    short = "" if inner in ("algorithmHyperParameters", "featureTransformationParameters") else inner
    return " ".join(filter(None, (name, short)))
