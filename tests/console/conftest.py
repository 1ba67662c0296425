"""A console over a service in a folder of its own; services that are not Personalize answer as a new account's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.app import Console, ConsoleSettings
from personalize_local.console.http import Reply, Request
from tests.conftest import REGION, World

OWN_HEADERS = {"host": "localhost:4566"}


@dataclass
class FakeStepFunctions:
    """State machines with executions, in memory, in boto3's shape."""

    machines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def get_paginator(self, operation: str) -> FakeStepFunctions:
        assert operation == "list_state_machines"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        arns = [{"stateMachineArn": arn, "name": arn.rpartition(":")[2]} for arn in self.machines]
        return [{"stateMachines": arns}]

    def list_executions(self, *, stateMachineArn: str, maxResults: int) -> dict[str, Any]:
        return {"executions": self.machines[stateMachineArn][:maxResults]}


@dataclass
class Browser:
    """Sends requests to a console without a socket."""

    console: Console
    world: World
    workflows: FakeStepFunctions

    def get(self, address: str, **headers: str) -> Reply:
        parts = urlsplit(address)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.console.reply(Request("GET", parts.path, query, OWN_HEADERS | named))

    def post(self, path: str, **form: str) -> Reply:
        return self.console.reply(Request("POST", path, {}, OWN_HEADERS, form))


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Give browsers of consoles whose account is a world of its own."""
    worlds: list[World] = []

    def start(*, may_change: bool = True, **more: Any) -> Browser:
        world = World(tmp_path / f"data{len(worlds)}")
        worlds.append(world)
        workflows = FakeStepFunctions()

        def make_client(service: str) -> Any:
            if service == "stepfunctions":
                return workflows
            if service.startswith("personalize"):
                return world.client(service)
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": f"no {service} here"}}, "Any")

        settings = ConsoleSettings(place="test account", may_change=may_change)
        return Browser(Console(Account(make_client, REGION), settings, **more), world, workflows)

    yield start
    for world in worlds:
        world.close()


def text(reply: Reply) -> str:
    assert isinstance(reply.body, bytes)
    return reply.body.decode()
