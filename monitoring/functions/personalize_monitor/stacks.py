"""Find the state machines and REST APIs to watch in one region: those tagged `personalize-monitor`, or named ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from personalize_monitor.clients import FAILURES, Clients, each, error_code, pages
from personalize_monitor.resources import Api, Inventory, Workflow
from personalize_monitor.settings import ALL, Settings

TAG = "personalize-monitor"


def read_stacks(clients: Clients, region: str, settings: Settings) -> Inventory:
    """Give an inventory of state machines and APIs alone; what could not be read is said in its `lacks`."""
    arns = [arn for arn in settings.state_machine_arns if arn.startswith("arn:") and arn.split(":")[3] == region]
    names = [name for name in settings.api_names if name != ALL and region == settings.home_region]
    lacks: list[str] = []
    for wanted, find, found in (
        (settings.state_machine_arns, _tagged_machines, arns),
        (settings.api_names, _tagged_apis, names),
    ):
        if ALL in wanted and region in settings.regions:
            tagged, unread = _attempt(find, clients, region)
            found += tagged
            lacks += unread
    return Inventory(
        workflows=tuple(Workflow(arn) for arn in dict.fromkeys(arns)),
        apis=tuple(Api(name, region) for name in dict.fromkeys(names)),
        lacks=tuple(lacks),
    )


Found = tuple[list[str], list[str]]  # what is tagged, and in words what could not be read


def _attempt(find: Callable[[Clients, str], Found], clients: Clients, region: str) -> Found:
    try:
        return find(clients, region)
    except FAILURES as error:
        return [], [f"{region}: state machines and APIs: {error_code(error)}"]


def _tagged_machines(clients: Clients, region: str) -> Found:
    """Lists do not say tags: each machine is asked for its own."""
    client = clients.get("stepfunctions", region)

    def tagged(arn: str) -> tuple[str, bool]:
        tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
        return arn, any(tag["key"] == TAG for tag in tags)

    listed = pages(client, "list_state_machines", "stateMachines", maxResults=100)
    answers, lacks = each(tagged, [machine["stateMachineArn"] for machine in listed], str)
    return [arn for arn, is_ours in answers if is_ours], lacks


def _tagged_apis(clients: Clients, region: str) -> Found:
    """An API counts when it is tagged or one of its stages is: SAM tags the stage alone."""
    client = clients.get("apigateway", region)

    def tagged(api: dict[str, Any]) -> tuple[str, bool]:
        stages = [] if _has_tag(api) else client.get_stages(restApiId=api["id"])["item"]
        return api["name"], any(_has_tag(one) for one in (api, *stages))

    apis = list(pages(client, "get_rest_apis", "items", "position", limit=500))
    answers, lacks = each(tagged, apis, lambda api: api["name"])
    return [name for name, is_ours in answers if is_ours], lacks


def _has_tag(thing: dict[str, Any]) -> bool:
    return TAG in (thing.get("tags") or {})
