"""The mixed load of benchmarks/crash.py: clients that write, and remember what they were told is done."""

from __future__ import annotations

import http.client
import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/personalize"
RECIPES = ("aws-user-personalization", "aws-popularity-count", "aws-similar-items")
EVENT_PATHS = {"PutEvents": "/events", "PutItems": "/items", "PutUsers": "/users"}
THERE, LEAVING = "there", "leaving"


class GoneError(Exception):
    """The server went before it answered."""


class Client:
    """Requests over one connection, unsigned."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, operation: str, request: Mapping[str, Any]) -> tuple[int, Any]:
        """Ask for an operation: status and answer.

        Errors: GoneError.
        """
        path = EVENT_PATHS.get(operation, "/")
        headers = {} if path != "/" else {"X-Amz-Target": f"AmazonPersonalize.{operation}"}
        try:
            self._connection.request("POST", path, json.dumps(request), headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise GoneError from error
        return response.status, json.loads(body) if body else {}


@dataclass
class Facts:
    """What the server acknowledged so far. `troubles` are answers that should not have been."""

    events: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    resources: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Stage:
    """The resources that the load plays on."""

    group_arn: str
    interactions_arn: str
    items_arn: str
    users_arn: str
    tracking_id: str
    solution_arns: tuple[str, ...]


class Load:
    """One client's work: acts chosen at random until the server is gone."""

    def __init__(self, port: int, stage: Stage, facts: Facts, seed: int) -> None:
        self._client = Client(port)
        self._stage = stage
        self._facts = facts
        self._random = random.Random(seed)
        self._acts: Mapping[Callable[[], None], int] = {
            self._put_events: 20,
            self._put_items: 14,
            self._put_users: 14,
            self._create_schema: 8,
            self._create_group: 6,
            self._create_filter: 8,
            self._delete: 12,
            self._import: 1,
            self._train: 1,
        }

    def run(self) -> None:
        """Act until the server is gone."""
        acts, weights = list(self._acts), list(self._acts.values())
        try:
            while True:
                self._random.choices(acts, weights)[0]()
        except GoneError:
            return

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """Ask; None when the service refused, which a busy one may for AWS's reasons but never with a 500."""
        status, answer = self._client.call(operation, request)
        with self._facts.lock:
            self._facts.calls[operation if status == 200 else f"{operation} refused"] += 1
            if status >= 500:
                self._facts.troubles.append(f"{operation} answered {status}: {answer}")
        return answer if status == 200 else None

    def _put_events(self) -> None:
        ids = [uuid.uuid4().hex for _ in range(self._random.randint(1, 10))]
        events = [
            {
                "eventId": event_id,
                "eventType": "click",
                "itemId": f"i{self._random.randrange(40)}",
                "sentAt": 1_700_000_000 + self._random.randrange(10**6),
            }
            for event_id in ids
        ]
        user_id = f"u{self._random.randrange(50)}"
        request = {"trackingId": self._stage.tracking_id, "userId": user_id, "sessionId": "s", "eventList": events}
        if self._call("PutEvents", request) is not None:
            with self._facts.lock:
                self._facts.events.update(ids)

    def _put_items(self) -> None:
        self._put("PutItems", "items", "itemId", self._stage.items_arn, '{"category": "news"}')

    def _put_users(self) -> None:
        self._put("PutUsers", "users", "userId", self._stage.users_arn, '{"membership": "gold"}')

    def _put(self, operation: str, member: str, id_member: str, dataset_arn: str, properties: str) -> None:
        ids = [uuid.uuid4().hex for _ in range(self._random.randint(1, 10))]
        records = [{id_member: record_id, "properties": properties} for record_id in ids]
        if self._call(operation, {"datasetArn": dataset_arn, member: records}) is not None:
            with self._facts.lock:
                self._facts.records.update(ids)

    def _create_schema(self) -> None:
        self._create("CreateSchema", "schemaArn", {"name": _name(), "schema": schema_text("Users")})

    def _create_group(self) -> None:
        self._create("CreateDatasetGroup", "datasetGroupArn", {"name": _name()})

    def _create_filter(self) -> None:
        expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")'
        request = {"name": _name(), "datasetGroupArn": self._stage.group_arn, "filterExpression": expression}
        self._create("CreateFilter", "filterArn", request)

    def _import(self) -> None:
        request = {
            "jobName": _name(),
            "datasetArn": self._stage.interactions_arn,
            "dataSource": {"dataLocation": "s3://data/interactions.csv"},
            "roleArn": ROLE,
        }
        self._create("CreateDatasetImportJob", "datasetImportJobArn", request)

    def _train(self) -> None:
        request = {"solutionArn": self._random.choice(self._stage.solution_arns)}
        self._create("CreateSolutionVersion", "solutionVersionArn", request)

    def _create(self, operation: str, member: str, request: Mapping[str, Any]) -> None:
        answer = self._call(operation, request)
        if answer is not None:
            with self._facts.lock:
                self._facts.resources[answer[member]] = THERE

    def _delete(self) -> None:
        """Delete one of the schemas, groups and filters made before; whether it was done is open until the answer."""
        operations = {"schema": "DeleteSchema", "dataset-group": "DeleteDatasetGroup", "filter": "DeleteFilter"}
        with self._facts.lock:
            found = [
                arn for arn, state in self._facts.resources.items() if state == THERE and kind_of(arn) in operations
            ]
            if not found:
                return
            arn = self._random.choice(found)
            del self._facts.resources[arn]
        operation = operations[kind_of(arn)]
        member = operation.removeprefix("Delete")
        state = LEAVING if self._call(operation, {f"{member[0].lower()}{member[1:]}Arn": arn}) is not None else THERE
        with self._facts.lock:
            self._facts.resources[arn] = state


def kind_of(arn: str) -> str:
    """Give the kind of resource that an ARN names."""
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    return "solution-version" if kind == "solution" and "/" in rest else kind


def schema_text(dataset_type: str) -> str:
    """Give the Avro schema of a dataset type."""
    columns = {
        "Interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("EVENT_TYPE", "string"), ("TIMESTAMP", "long")],
        "Items": [("ITEM_ID", "string"), ("CATEGORY", "string")],
        "Users": [("USER_ID", "string"), ("MEMBERSHIP", "string")],
    }[dataset_type]
    fields = [
        {"name": name, "type": kind, **({"categorical": True} if name in ("CATEGORY", "MEMBERSHIP") else {})}
        for name, kind in columns
    ]
    return json.dumps({"type": "record", "name": dataset_type, "fields": fields, "version": "1.0"})


def _name() -> str:
    return f"n{uuid.uuid4().hex}"
