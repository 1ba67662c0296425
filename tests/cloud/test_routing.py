"""Who answers which request, and the order in which the parts start and stop."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from personalize_local.cloud.asgi import send_json
from personalize_local.cloud.router import CloudApp, signed_service
from tests.cloud.asgi_calls import ask, http_scope

PRESIGNED = "X-Amz-Credential=key%2F20260101%2Fus-east-1%2Fpersonalize%2Faws4_request&X-Amz-Date=20260101"
SIGNATURE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def signed(service: str) -> dict[str, str]:
    return {"Authorization": SIGNATURE.format(service)}


def named(name: str) -> Any:
    """An application that answers with its name."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send_json(send, 200, name)

    return app


class RecordingPart:
    """A part that tells when it starts and stops; `fault` is raised at the start."""

    def __init__(self, name: str, told: list[str], fault: Exception | None = None) -> None:
        self._name, self._told, self._fault = name, told, fault

    async def start(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._told.append(f"start {self._name}")

    async def stop(self) -> None:
        self._told.append(f"stop {self._name}")


def create_cloud(*parts: RecordingPart) -> CloudApp:
    return CloudApp(personalize=named("personalize"), pages=named("pages"), elsewhere=named("elsewhere"), parts=parts)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (http_scope("POST", "/", signed("personalize")), "personalize"),
        (http_scope("POST", "/recommendations", signed("personalize")), "personalize"),
        (http_scope("POST", "/", {"X-Amz-Target": "AmazonPersonalize.ListRecipes"}), "personalize"),
        (http_scope("GET", "/", query=PRESIGNED), "personalize"),
        (http_scope("GET", "/_personalize/health"), "pages"),
        (http_scope("GET", "/_personalize/mail/1"), "pages"),
        (http_scope("PUT", "/_personalize-bucket/key", signed("s3")), "elsewhere"),
        (http_scope("PUT", "/personalize/us-east-1/personalize/key", signed("s3")), "elsewhere"),
        (http_scope("POST", "/", signed("dynamodb") | {"X-Amz-Target": "DynamoDB_20120810.PutItem"}), "elsewhere"),
        (http_scope("POST", "/Prod/recommendations", {"Host": "0a1b2c3d.execute-api.localhost:4566"}), "elsewhere"),
        (http_scope("GET", "/"), "elsewhere"),
    ],
)  # fmt: skip
def test_each_request_reaches_the_one_it_is_for(scope: dict[str, Any], expected: str) -> None:
    status, _, body = ask(create_cloud(), scope)
    assert (status, json.loads(body)) == (200, expected)


def test_the_service_is_read_from_a_scope_without_region() -> None:
    header = "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/personalize/aws4_request, SignedHeaders=host, Signature=0"
    assert signed_service(http_scope(headers={"authorization": header})) == b"personalize"


def test_parts_start_in_order_and_stop_in_reverse() -> None:
    told: list[str] = []
    sent = live(create_cloud(RecordingPart("a", told), RecordingPart("b", told)))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert told == ["start a", "start b", "stop b", "stop a"]


def test_a_part_that_does_not_start_stops_the_others_and_is_told() -> None:
    told: list[str] = []
    cloud = create_cloud(RecordingPart("a", told), RecordingPart("b", told, RuntimeError("no room")))
    sent: list[dict[str, Any]] = []
    with pytest.raises(RuntimeError, match="no room"):
        live(cloud, sent)
    assert told == ["start a", "stop a"]
    assert sent == [{"type": "lifespan.startup.failed", "message": "no room"}]


def live(cloud: CloudApp, sent: list[dict[str, Any]] | None = None) -> list[str]:
    """Take the application through its life span; return the types of what it said."""
    said: list[dict[str, Any]] = sent if sent is not None else []
    received = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    asyncio.run(cloud({"type": "lifespan"}, receive, send))
    return [message["type"] for message in said]
