"""What the stack calls when it goes: removes what the runs made in every region, and nobody else's."""

import json
import os
import urllib.request
from typing import Any

from aws_lambda_powertools import Logger
from personalize_monitor.clients import FAILURES, Clients, error_code
from personalize_monitor.cloudwatch import CloudWatch
from personalize_monitor.inventory import watched_regions
from personalize_monitor.settings import Settings, read_settings
from personalize_monitor.topics import Topics

CLIENTS = Clients()
LOGGER = Logger(service="personalize-monitor")


def lambda_handler(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation always: a stack must never hang because something cannot be removed."""
    problems = []
    if event["RequestType"] == "Delete":
        settings = read_settings(os.environ)
        for region in dict.fromkeys((settings.home_region, *watched_regions(settings))):
            problems += clean(settings, region)
    elif event["RequestType"] == "Update":
        problems += clean_former(read_settings(os.environ), event.get("OldResourceProperties", {}))
    for problem in problems:
        LOGGER.warning(problem)
    answer(event, "; ".join(problems))


def clean_former(settings: Settings, old: dict[str, Any]) -> list[str]:
    """Clean the regions that are not watched any more."""
    former = [region for region in old.get("Regions", "").split(",") if region]
    gone = [region for region in former if region not in watched_regions(settings) and region != settings.home_region]
    return [problem for region in gone for problem in clean(settings, region)]


def clean(settings: Settings, region: str) -> list[str]:
    """Remove an installation's alarms, dashboards and topic of one region; give what could not be."""
    cloudwatch = CloudWatch(CLIENTS)
    steps = {
        "alarms": lambda: cloudwatch.remove_alarms(region, settings.prefix),
        "dashboards": lambda: cloudwatch.remove_dashboards(region, settings.prefix),
        "topic": lambda: Topics(CLIENTS, settings).remove(region),
    }
    problems = []
    for words, step in steps.items():
        try:
            step()
        except FAILURES as error:
            problems.append(f"{words} of {region} stay: {error_code(error)}")
    return problems


def answer(event: dict[str, Any], reason: str) -> None:
    """Tell CloudFormation that it may go on; what stays is in the log and in the reason."""
    body = {
        "Status": "SUCCESS",
        "Reason": reason or "clean",
        "PhysicalResourceId": event.get("PhysicalResourceId") or f"{event['LogicalResourceId']}-made",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=20).close()
