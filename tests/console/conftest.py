"""A console over a service in a folder of its own; services that are not Personalize answer as a new account's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from personalize_local.cloud.inside import PersonalizeInside
from personalize_local.console.account import Account
from personalize_local.console.app import Console, ConsoleSettings
from personalize_local.console.http import Reply, Request
from personalize_local.runtime.engine import Engine
from tests.conftest import REGION, FakeS3, World
from tests.town import CSV, copy_town

MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:deploy"
RUN_ARN = "arn:aws:states:us-east-1:123456789012:execution:deploy:"
OWN_HEADERS = {"host": "localhost:4566"}


@dataclass
class FakeStepFunctions:
    """One state machine with executions, in memory, in boto3's shape. Executions stand newest first."""

    definition: dict[str, Any] = field(default_factory=dict)
    executions: list[dict[str, Any]] = field(default_factory=list)
    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)
    other_machines: list[str] = field(default_factory=list)

    def get_paginator(self, operation: str) -> SimpleNamespace:
        answers = {"list_state_machines": self._machines, "get_execution_history": self._history}
        return SimpleNamespace(paginate=lambda **asked: [answers[operation](**asked)])

    def _machines(self) -> dict[str, Any]:
        names = [*(["deploy"] if self.definition else []), *self.other_machines]
        prefix = MACHINE_ARN.removesuffix("deploy")
        return {"stateMachines": [{"stateMachineArn": prefix + name, "name": name} for name in names]}

    def _history(self, *, executionArn: str) -> dict[str, Any]:
        return {"events": self.histories[executionArn]}

    def get_execution_history(self, *, executionArn: str, reverseOrder: bool, maxResults: int) -> dict[str, Any]:
        assert reverseOrder
        return {"events": self.histories[executionArn][::-1][:maxResults]}

    def list_executions(self, *, stateMachineArn: str, maxResults: int) -> dict[str, Any]:
        own = [one for one in self.executions if one["stateMachineArn"] == stateMachineArn]
        return {"executions": own[:maxResults]}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        found = [one for one in self.executions if one["executionArn"] == executionArn]
        if not found:
            raise ClientError({"Error": {"Code": "ExecutionDoesNotExist", "Message": executionArn}}, "Describe")
        return dict(found[0])

    def describe_state_machine_for_execution(self, *, executionArn: str) -> dict[str, Any]:
        return {"definition": json.dumps(self.definition)}

    def stop_execution(self, *, executionArn: str, cause: str) -> None:
        self.stopped.append(executionArn)

    def start_execution(self, **request: Any) -> dict[str, Any]:
        self.started.append(request)
        return {"executionArn": f"{RUN_ARN}new"}


@dataclass
class FakeDynamoDB:
    """The content table of the API's template, in memory, in boto3's shape."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = RequestItems.items()
        ids = [key["ContentId"]["S"] for key in wanted["Keys"]]
        return {"Responses": {table: [self.rows[one] for one in ids if one in self.rows]}}


@dataclass
class Browser:
    """Sends requests to a console without a socket."""

    console: Console
    world: World
    workflows: FakeStepFunctions
    dynamodb: FakeDynamoDB

    def get(self, address: str, **headers: str) -> Reply:
        parts = urlsplit(address)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.console.reply(Request("GET", parts.path, query, OWN_HEADERS | named))

    def json(self, address: str) -> dict[str, Any]:
        reply = self.get(address)
        assert (reply.status, reply.content_type) == (200, "application/json")
        return json.loads(text(reply))

    def post(self, path: str, **form: str) -> Reply:
        return self.console.reply(Request("POST", path, {}, OWN_HEADERS, form))


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Give browsers of consoles whose account is a world of its own."""
    worlds: list[World] = []

    def start(
        *, may_change: bool = True, town: bool = False, inside: bool = False, versions: int = 1,
        services: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **more: Any,
    ) -> Browser:  # fmt: skip
        folder = tmp_path / f"data{len(worlds)}"
        world = _town(folder, versions) if town else World(folder)
        worlds.append(world)
        workflows, s3, dynamodb = FakeStepFunctions(), FakeS3(), FakeDynamoDB()
        s3.buckets.add("bucket")
        for dataset_type, rows in CSV.items():
            s3.put("bucket", f"{dataset_type}.csv", rows)
        others = {"stepfunctions": workflows, "s3": s3, "dynamodb": dynamodb} | (services or {})

        def make_client(service: str, region: str | None = None) -> Any:
            if service in others:
                return others[service]
            if service.startswith("personalize"):
                return world.client(service)
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": f"no {service} here"}}, "Any")

        chosen = ConsoleSettings(place="test account", may_change=may_change, look_every_s=0.01, **(settings or {}))
        looks = {"inside": PersonalizeInside(Engine(world.service))} if inside else {}
        return Browser(Console(Account(make_client, REGION), chosen, **looks, **more), world, workflows, dynamodb)

    yield start
    for world in worlds:
        world.close()


def _town(folder: Path, versions: int) -> World:
    """Give a town whose front page has so many versions, each behind a campaign."""
    town = copy_town(folder)
    for _ in range(versions - 1):
        solution = town.world.personalize.list_solutions()["solutions"]
        front = next(one["solutionArn"] for one in solution if one["name"] == "front-page")
        town.world.create_campaign(town.train(front), "front-page-b")
        town.world.settle()
    return town.world


def text(reply: Reply) -> str:
    return reply.body.decode()
