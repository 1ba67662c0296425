"""Stand-ins for Personalize, DynamoDB and time, and an application made of them."""

import copy
import json
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError
from recommendations.application import Clients, build_application
from recommendations.messages import HttpRequest, HttpResponse
from recommendations.meters import collecting
from recommendations.settings import Settings

API = Path(__file__).parents[1]
FUNCTIONS = API / "functions"


def client_error(code: str, operation: str = "GetRecommendations", message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakePersonalize:
    """Answers each filter, by name ("" is none), with ids or with an error."""

    def __init__(self, answers: dict[str, list[str] | Exception], broken: dict[str, Exception] | None = None) -> None:
        self.answers = answers
        self.broken = broken or {}  # campaign name → error
        self.calls: list[dict[str, Any]] = []

    def get_recommendations(self, **call: Any) -> dict[str, Any]:
        self.calls.append(call)
        campaign = call["campaignArn"].partition("campaign/")[2]
        name = call.get("filterArn", "").partition("filter/")[2]
        answer = self.broken.get(campaign) or self.answers.get(name, [])
        if isinstance(answer, Exception):
            raise answer
        ids = [item for item in answer if item != call.get("itemId")][: call["numResults"]]
        return {"itemList": [{"itemId": item} for item in ids], "recommendationId": f"RID-{name or 'none'}"}

    def get_personalized_ranking(self, **call: Any) -> dict[str, Any]:
        self.calls.append(call)
        if error := self.broken.get(call["campaignArn"].partition("campaign/")[2]):
            raise error
        ranked = sorted(call["inputList"], reverse=True)
        return {"personalizedRanking": [{"itemId": item} for item in ranked], "recommendationId": "RID-rank"}


class FakeDynamo:
    """Tables as dicts; answers in reverse order, and leaves keys unprocessed when told to."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], keys: dict[str, str]) -> None:
        self.tables = tables
        self.keys = keys
        self.unprocessed: dict[str, list[int]] = {}  # table → for each call to come: how many keys to leave
        self.stored: dict[str, dict[str, dict[str, Any]]] = {}  # table → key → item, as put
        self.errors: dict[str, Exception] = {}  # table → error
        self.calls: list[dict[str, Any]] = []
        self.page_size = 100

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(copy.deepcopy(RequestItems))
        ((table, asked),) = RequestItems.items()
        if table in self.errors:
            raise self.errors[table]
        key = self.keys[table]
        wanted = [entry[key]["S"] for entry in asked["Keys"]]
        assert len(wanted) == len(set(wanted)) <= 100, "DynamoDB refuses duplicates and more than 100 keys"
        left = self.unprocessed[table].pop(0) if self.unprocessed.get(table) else 0
        done = wanted[: len(wanted) - left]
        rows = [row for row in self.tables[table] if row[key] in done]
        shown = set(asked["ExpressionAttributeNames"].values())
        items = [serialize({name: row[name] for name in row if name in shown}) for row in reversed(rows)]
        later = {table: {**asked, "Keys": asked["Keys"][len(done) :]}} if left else {}
        return {"Responses": {table: items}, "UnprocessedKeys": later}

    def scan(self, *, TableName: str, ExclusiveStartKey: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
        self.calls.append({"scan": TableName})
        if TableName in self.errors:
            raise self.errors[TableName]
        start = int(ExclusiveStartKey["at"]["N"]) if ExclusiveStartKey else 0
        end = start + self.page_size
        rows = self.tables.get(TableName, [])
        more = {"LastEvaluatedKey": {"at": {"N": str(end)}}} if end < len(rows) else {}
        return {"Items": [serialize(row) for row in rows[start:end] if row["status"] == "active"], **more}

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:
        self._check(TableName)
        (key,) = [Item[name]["S"] for name in ("name", "recommendationId") if name in Item]
        self.stored.setdefault(TableName, {})[key] = Item

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        ((table, requests),) = RequestItems.items()
        assert 1 <= len(requests) <= 25
        self.calls.append({"batch": table})
        left = self.unprocessed[table].pop(0) if self.unprocessed.get(table) else 0
        done = len(requests) - left
        for request in requests[:done]:
            self.put_item(TableName=table, Item=request["PutRequest"]["Item"])
        return {"UnprocessedItems": {table: requests[done:]} if left else {}}

    def get_item(self, *, TableName: str, Key: dict[str, Any], **_: Any) -> dict[str, Any]:
        self._check(TableName)
        ((_, key),) = Key.items()
        item = self.stored.get(TableName, {}).get(key["S"])
        return {"Item": item} if item else {}

    def update_item(self, *, TableName: str, Key: dict[str, Any], ExpressionAttributeValues: Any, **_: Any) -> None:
        item = self.get_item(TableName=TableName, Key=Key).get("Item")
        if item is None or "followedAt" in item:
            raise client_error("ConditionalCheckFailedException", "UpdateItem")
        item["followedAt"] = ExpressionAttributeValues[":now"]

    def _check(self, table: str) -> None:
        if table in self.errors:
            raise self.errors[table]


def serialize(row: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in row.items()}


Answer = tuple[int, Any, dict[str, str]]  # status, parsed body, headers


class ManualClock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class FakeEvents:
    """Takes events and items; refuses those of a kind, or everything for a while."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[Exception] = []  # for the calls to come
        self.poison = ""  # an event or item with this id is refused

    def put_events(self, **call: Any) -> None:
        self._take("PutEvents", call, [event["itemId"] for event in call["eventList"]])

    def put_items(self, **call: Any) -> None:
        self._take("PutItems", call, [item["itemId"] for item in call["items"]])

    def _take(self, operation: str, call: dict[str, Any], ids: list[str]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if self.poison in ids:
            raise client_error("InvalidInputException", operation)
        self.calls.append((operation, copy.deepcopy(call)))


class FakeQueue:
    """An SQS queue that may be out of order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.error: Exception | None = None

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert 1 <= len(Entries) <= 10
        if self.error:
            raise self.error
        self.messages += [json.loads(entry["MessageBody"]) for entry in Entries]
        return {}


class FakeKinesis:
    """A stream that counts."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        self.records += Records
        return {"FailedRecordCount": 0}


class Shop:
    """A whole application over fakes; change the fakes, then ask."""

    def __init__(self, personalize: FakePersonalize, dynamodb: FakeDynamo, clock: ManualClock, **changes: Any) -> None:
        self.personalize, self.dynamodb, self.clock = personalize, dynamodb, clock
        self.events, self.queue, self.kinesis = FakeEvents(), FakeQueue(), FakeKinesis()
        self.waits_s: list[float] = []
        self.settings = Settings.from_environment(ENVIRONMENT | {name: str(value) for name, value in changes.items()})
        clients = Clients(dynamodb, personalize, self.events, self.kinesis, self.queue)
        self.application = build_application(
            self.settings, clients, clock=clock, now_epoch_s=lambda: NOW_EPOCH_S, sleep=self.waits_s.append
        )

    def send(self, request: HttpRequest) -> HttpResponse:
        with collecting() as self.measured:
            return self.application.api.handle(request)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: str):
        data = b"" if body is None else json.dumps(body).encode()
        response = self.send(HttpRequest(method, path, headers or {}, query, data, "req-1"))
        return response.status, json.loads(response.body) if response.body else None, response.headers

    def ask(
        self, *, visitor_id: Any = "reader-1", origin: str = "", headers: dict[str, str] | None = None, **sub: Any
    ) -> tuple[int, Any, dict[str, str]]:
        body = {"visitor_id": visitor_id, "sub_requests": [sub]}
        return self.call("POST", "/recommendations", body, (headers or {}) | ({"origin": origin} if origin else {}))

    def values(self, name: str) -> list[float]:
        return [measurement.value for measurement in self.measured if measurement.metric.name == name]

    def refresh_popular(self) -> int:
        return self.application.service.refresh_popular(self.application.service.deadline(5))


ENVIRONMENT = {
    "SETTINGS_TABLE": "settings",
    "CONTENT_TABLE": "articles",
    "IMAGE_TABLE": "images",
    "EXPOSURES_TABLE": "exposures",
    "FALLBACK_TABLE": "fallback",
    "CAMPAIGN_NAME": "main",
    "RELATED_CAMPAIGN_NAME": "alike",
    "RANKING_CAMPAIGN_NAME": "rank",
    "FILTERS_PREFIX": "daily",
    "TRACKER_ID": "tracker-main",
    "CONTENT_DATASET": "daily",
    "ALLOWED_ORIGINS": "theglobeandmail.com,http://localhost:8000",
    "ARN_PREFIX": "arn:aws:personalize:us-east-1:123456789012",
    "CONTENT_TTL_S": "0",
    "DEAD_LETTER_QUEUE_URL": "queue",
    "EVENT_STREAM": "",
}
NOW_EPOCH_S = 1_635_900_000.0  # 2021-11-03 00:40 UTC


def article(number: int, **columns: Any) -> dict[str, Any]:
    return {"ContentId": f"A-{number}", "Title": f"Title {number}", "Byline": ["A. Roy"], **columns}


IDS = [f"A-{number}" for number in range(300)]
