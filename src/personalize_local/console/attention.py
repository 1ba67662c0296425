"""What somebody should look at: failures, alarms, and newer models that are not live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.console.account import Account
from personalize_local.console.inventory import Group, solution_of
from personalize_local.console.links import address_of
from personalize_local.console.page import PREFIX
from personalize_local.console.words import BAD, name_of, tone

Concern = dict[str, Any]


def concerns_of(group: Group) -> Iterator[Concern]:
    """Give a group's concerns, each with what it is about and what to do."""
    yield from _failures(group)
    yield from _newer_models(group)


def _failures(group: Group) -> Iterator[Concern]:
    summaries = [summary for part in group.parts.values() for summary in part]
    for summary in [*summaries, *group.versions, *group.campaigns]:
        if tone(summary.get("status", "")) == BAD:
            arn = next(value for key, value in summary.items() if key.endswith("Arn"))
            reason = summary.get("failureReason") or f"It is {summary['status']}."
            yield {"about": name_of(arn), "says": reason, "grade": "bad", "link": address_of(arn), "run": ""}


def _newer_models(group: Group) -> Iterator[Concern]:
    for campaign in group.campaigns:
        solution = solution_of(campaign["solutionVersionArn"])
        ready = [one for one in group.versions if one["status"] == "ACTIVE"]
        newest = next((one for one in ready if solution_of(one["solutionVersionArn"]) == solution), None)
        if newest is not None and newest["solutionVersionArn"] != campaign["solutionVersionArn"]:
            says = f"{name_of(newest['solutionVersionArn'])} is trained; the campaign serves an older version."
            yield {
                "about": f"campaign {campaign['name']}",
                "says": says,
                "grade": "",
                "link": address_of(newest["solutionVersionArn"]),
                "run": "",
            }


def ringing_alarms(account: Account) -> list[Concern]:
    """Give CloudWatch's alarms that are in ALARM; none where the account has no such right."""
    try:
        found = account.list("cloudwatch", "describe_alarms", "MetricAlarms", StateValue="ALARM")
    except (ClientError, BotoCoreError):
        return []
    return [
        {
            "about": f"alarm {alarm['AlarmName']}",
            "says": alarm.get("AlarmDescription") or alarm.get("StateReason", "It is in ALARM."),
            "grade": "bad",
            "link": PREFIX + "dashboards",
            "run": "",
        }
        for alarm in found
    ]
