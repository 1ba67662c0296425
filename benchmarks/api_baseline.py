"""A plain handler that does what the newspaper's did, for comparison: five calls, one after the other, nothing kept.

Written from the facts (newspaper system §4.3 to §4.5): scan the settings, draw a backend, ask Personalize, read the
content table, read the image table, in DynamoDB's order.
"""

from __future__ import annotations

import json
import random
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from benchmarks.api_cloud import CONTENT, IMAGES, SETTINGS

CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 2})


class PlainHandler:
    """Answers proxy events."""

    def __init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb", config=CLIENT_CONFIG)
        self.personalize = boto3.client("personalize-runtime", config=CLIENT_CONFIG)

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        request = json.loads(event["body"])
        asked = request["sub_requests"][0]
        rows = [plain(row) for row in self.dynamodb.scan(TableName=SETTINGS)["Items"]]
        active = [row for row in rows if row["status"] == "active"]
        drawn = random.choices(active, [int(row["trafficRatio"]) % 100 + 1 for row in active])[0]
        answer = self.personalize.get_recommendations(
            campaignArn=drawn["campaignArn"], userId=request["visitor_id"], numResults=asked["limit"] + 1
        )
        ids = [item["itemId"] for item in answer["itemList"]]
        articles = self._read(CONTENT, "ContentId", ids)
        pictures = {row["ContentID"]: row for row in self._read(IMAGES, "ContentID", ids)}
        recommendations = [article | pictures.get(article["ContentId"], {}) for article in articles][: asked["limit"]]
        body = [{"recommendations": recommendations, "recommendationId": answer["recommendationId"]}]
        return {"statusCode": 200, "body": json.dumps(body, default=float)}

    def _read(self, table: str, key: str, ids: list[str]) -> list[dict[str, Any]]:
        asked = {table: {"Keys": [{key: {"S": item}} for item in ids]}}
        return [plain(row) for row in self.dynamodb.batch_get_item(RequestItems=asked)["Responses"][table]]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Turn DynamoDB's types into Python's."""
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in row.items()}
