"""Stand-ins for Personalize, DynamoDB and time, and an application made of them."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError
from recommendations import application, content, directory, recommender, tables
from recommendations.conversion import ALL_COLUMNS
from recommendations.settings import Settings

API = Path(__file__).parents[1]
FUNCTION = API / "functions" / "get_recommendations"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:get-recommendations"


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
        ids = answer[: call["numResults"]]
        return {"itemList": [{"itemId": item} for item in ids], "recommendationId": f"RID-{name or 'none'}"}


class FakeDynamo:
    """Tables as dicts; answers in reverse order, and leaves keys unprocessed when told to."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], keys: dict[str, str]) -> None:
        self.tables = tables
        self.keys = keys
        self.unprocessed: list[int] = []  # for each call to come: how many keys to leave
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
        left = self.unprocessed.pop(0) if self.unprocessed else 0
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


def serialize(row: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in row.items()}


Answer = tuple[int, Any, dict[str, str]]  # status, parsed body, headers


class ManualClock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Shop:
    """A whole application over fakes; change the fakes, then ask."""

    def __init__(self, personalize: FakePersonalize, dynamodb: FakeDynamo, clock: ManualClock, **changes: Any) -> None:
        self.personalize, self.dynamodb, self.clock = personalize, dynamodb, clock
        self.waits_s: list[float] = []
        self.settings = replace(default_settings(), **changes)
        tools = {"sleep": self.waits_s.append, "random": Random(7)}
        columns = [column.source for column in ALL_COLUMNS]
        self.application = application.Application(
            self.settings,
            directory=directory.BackendDirectory(dynamodb, "settings", ttl_s=self.settings.settings_ttl_s, clock=clock),
            recommender=recommender.Recommender(personalize, default_category=self.settings.default_category),
            content=content.Content(
                tables.TableReader(dynamodb, "articles", "ContentId", columns, **tools),
                tables.TableReader(dynamodb, "images", "ContentID", columns, **tools),
                ThreadPoolExecutor(max_workers=1),
            ),
            clock=clock,
        )

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.application.respond(event, FUNCTION_ARN)

    def ask(
        self, *, visitor_id: Any = "reader-1", origin: str = "", **sub_request: Any
    ) -> tuple[int, Any, dict[str, str]]:
        body = {"visitor_id": visitor_id, "sub_requests": [sub_request]}
        response = self.send(post_event(json.dumps(body), {"Origin": origin} if origin else {}))
        return response["statusCode"], json.loads(response["body"]), response["headers"]


def post_event(body: str | None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {"httpMethod": "POST", "headers": headers, "body": body, "requestContext": {"requestId": "req-1"}}


def default_settings() -> Settings:
    return Settings(
        settings_table="settings",
        content_table="articles",
        image_table="images",
        campaign_name="main",
        filters_prefix="daily",
        default_category="canada",
        allowed_origins=("theglobeandmail.com", "http://localhost:8000"),
        settings_ttl_s=15,
        deadline_s=5,
    )


def article(number: int) -> dict[str, Any]:
    return {"ContentId": f"A-{number}", "Title": f"Title {number}", "Byline": ["A. Roy"]}


IDS = [f"A-{number}" for number in range(300)]
