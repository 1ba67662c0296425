"""The operations that go this way, and how their answers are read. All of them may be sent twice without harm.

Source: the service models of botocore; a test compares each with what botocore sends and reads.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, HTTPClientError

from signed_calls.connections import Reply

BINARY = (b'"B"', b'"BS"')  # kinds of DynamoDB's values that are base64 on the way


class Operation(NamedTuple):
    """An operation whose arguments are its body, as JSON."""

    name: str
    method: str  # of the boto3 client
    path: str
    headers: Mapping[str, str]
    has_binary: bool  # whether its answer may hold binary values


def rest_json(name: str, method: str, path: str) -> Operation:
    """Describe an operation of Personalize Runtime."""
    return Operation(name, method, path, {"content-type": "application/json"}, has_binary=False)


def dynamodb(name: str, method: str) -> Operation:
    """Describe an operation of DynamoDB."""
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{name}"}
    return Operation(name, method, "/", headers, has_binary=True)


PERSONALIZE = (
    rest_json("GetRecommendations", "get_recommendations", "/recommendations"),
    rest_json("GetPersonalizedRanking", "get_personalized_ranking", "/personalize-ranking"),
)
DYNAMODB = (
    dynamodb("BatchGetItem", "batch_get_item"),
    dynamodb("PutItem", "put_item"),
    dynamodb("BatchWriteItem", "batch_write_item"),
)


def read_reply(operation: Operation, reply: Reply) -> dict[str, Any]:
    """Read an answer.

    Errors: ClientError with AWS's code; HTTPClientError for what is no answer of AWS's, or has changed on its way.
    """
    checksum = reply.headers.get("x-amz-crc32")
    if checksum and int(checksum) != zlib.crc32(reply.body):
        raise HTTPClientError(error="the answer's checksum is wrong")
    if reply.status >= 300:
        raise ClientError(described_error(reply), operation.name)
    try:
        answer = dict(json.loads(reply.body or b"{}"))
        return with_bytes(answer) if operation.has_binary and any(kind in reply.body for kind in BINARY) else answer
    except (ValueError, TypeError) as error:
        raise HTTPClientError(error=f"the answer is no JSON object: {type(error).__name__}") from None


def described_error(reply: Reply) -> dict[str, Any]:
    """Give an error in botocore's shape; the code is in a header, or in the body, or is the status."""
    try:
        body = json.loads(reply.body)
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    code = reply.headers.get("x-amzn-errortype") or body.get("__type") or body.get("code") or str(reply.status)
    message = body.get("message") or body.get("Message") or ""
    plain = str(code).partition(":")[0].rpartition("#")[2]
    return {
        "Error": {"Code": plain, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": reply.status, "HTTPHeaders": reply.headers},
    }


def with_bytes(value: Any) -> Any:
    """Decode the binary attribute values in a part of DynamoDB's answer."""
    if isinstance(value, list):
        return [with_bytes(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((kind, content),) = value.items()
        if kind == "B" and isinstance(content, str):
            return {"B": base64.b64decode(content)}
        if kind == "BS" and isinstance(content, list):
            return {"BS": [base64.b64decode(entry) for entry in content]}
    return {name: with_bytes(entry) for name, entry in value.items()}
