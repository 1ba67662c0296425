"""The mixed load of benchmarks/crash.py: clients that write, and remember what they were told is done."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.crash_client import LEAVING, THERE, Client, Facts, GoneError, new_name
from benchmarks.crash_jobs import Customer, Orders
from benchmarks.crash_stage import Stage, kind_of, schema_text

DELETIONS = {
    "schema": "DeleteSchema",
    "dataset-group": "DeleteDatasetGroup",
    "filter": "DeleteFilter",
    "campaign": "DeleteCampaign",
    "recommender": "DeleteRecommender",
}


class Load:
    """One client's work: acts chosen at random until the server is gone."""

    def __init__(self, port: int, stage: Stage, facts: Facts, orders: Orders, seed: int) -> None:
        self._client = Client(port)
        self._stage = stage
        self._facts = facts
        self._random = random.Random(seed)
        customer = Customer(self._call, stage, facts, orders, self._random)
        self._acts: Mapping[Callable[[], None], int] = {
            self._put_events: 20,
            self._put_items: 14,
            self._put_users: 14,
            self._create_schema: 8,
            self._create_group: 6,
            self._create_filter: 8,
            self._delete: 12,
            customer.order_job: 6,
            customer.update: 2,
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
        self._create("CreateSchema", "schemaArn", {"name": new_name(), "schema": schema_text("Users")})

    def _create_group(self) -> None:
        self._create("CreateDatasetGroup", "datasetGroupArn", {"name": new_name()})

    def _create_filter(self) -> None:
        expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")'
        request = {"name": new_name(), "datasetGroupArn": self._stage.group_arn, "filterExpression": expression}
        self._create("CreateFilter", "filterArn", request)

    def _create(self, operation: str, member: str, request: Mapping[str, Any]) -> None:
        answer = self._call(operation, request)
        if answer is not None:
            self._facts.keep(answer[member])

    def _delete(self) -> None:
        """Delete something made before; whether it was done is open until the answer."""
        with self._facts.lock:
            found = [
                arn for arn, state in self._facts.resources.items() if state == THERE and kind_of(arn) in DELETIONS
            ]
            if not found:
                return
            arn = self._random.choice(found)
            del self._facts.resources[arn]
        operation = DELETIONS[kind_of(arn)]
        member = operation.removeprefix("Delete")
        state = LEAVING if self._call(operation, {f"{member[0].lower()}{member[1:]}Arn": arn}) is not None else THERE
        with self._facts.lock:
            self._facts.resources[arn] = state
