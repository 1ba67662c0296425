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
    lacks: list[str] = []

    def attempt(call: Callable[[], list[Any]]) -> list[Any]:
        try:
            return call()
        except FAILURES as error:
            lacks.append(f"{region}: state machines and APIs: {error_code(error)}")
            return []

    is_home, is_listed = region == settings.home_region, region in settings.regions
    arns = [arn for arn in settings.state_machine_arns if arn.startswith("arn:") and arn.split(":")[3] == region]
    names = [name for name in settings.api_names if name != ALL and is_home]
    if ALL in settings.state_machine_arns and is_listed:
        tagged, unread = _tagged_machines(clients, region, attempt)
        arns += tagged
        lacks += unread
    if ALL in settings.api_names and is_listed:
        names += attempt(lambda: _tagged_apis(clients, region))
    workflows = tuple(Workflow(arn) for arn in dict.fromkeys(arns))
    return Inventory(
        workflows=workflows, apis=tuple(Api(name, region) for name in dict.fromkeys(names)), lacks=tuple(lacks)
    )


def _tagged_machines(
    clients: Clients, region: str, attempt: Callable[[Callable[[], list[Any]]], list[Any]]
) -> tuple[list[str], list[str]]:
    """Lists do not say tags: each machine is asked for its own."""
    client = clients.get("stepfunctions", region)
    listed = attempt(lambda: list(pages(client, "list_state_machines", "stateMachines", maxResults=100)))

    def tagged(arn: str) -> tuple[str, bool]:
        tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
        return arn, any(tag["key"] == TAG for tag in tags)

    answers, lacks = each(tagged, [machine["stateMachineArn"] for machine in listed], str)
    return [arn for arn, is_ours in answers if is_ours], lacks


def _tagged_apis(clients: Clients, region: str) -> list[str]:
    client = clients.get("apigateway", region)
    return [api["name"] for api in pages(client, "get_rest_apis", "items", "position", limit=500) if _has_tag(api)]


def _has_tag(api: dict[str, Any]) -> bool:
    return TAG in (api.get("tags") or {})
