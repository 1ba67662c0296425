"""What an endpoint says to requests that cannot be understood, and the form of every error."""

from __future__ import annotations

from personalize_local.probe.check import (
    DOCUMENTED,
    MODEL,
    OBSERVED,
    Check,
    describe,
    expect,
    expect_error,
    expect_success,
)
from personalize_local.probe.endpoint import Endpoint
from personalize_local.wire.models import CONTROL, EVENTS, RUNTIME

AREA = "errors"
NOT_FOUND = "ResourceNotFoundException"
JSON_HEADERS = {"Content-Type": "application/json"}
MALFORMED = {"cut off": b'{"name":', "no JSON": b"name=x", "a list": b"[]"}


def error_checks() -> list[Check]:
    """Give the checks of what is refused before any operation looks at it, and of the errors' form."""
    return [
        Check(AREA, "unknown operation", OBSERVED, _unknown_operation),
        Check(AREA, "unknown path, runtime", OBSERVED, lambda endpoint: _unknown_path(endpoint, RUNTIME)),
        Check(AREA, "unknown path, events", OBSERVED, lambda endpoint: _unknown_path(endpoint, EVENTS)),
        *(
            Check(AREA, f"malformed body, {name}", OBSERVED, lambda endpoint, body=body: _malformed(endpoint, body))
            for name, body in MALFORMED.items()
        ),
        Check(AREA, "a member of the wrong type", OBSERVED, _wrong_type),
        Check(AREA, "unknown members are ignored", DOCUMENTED, _unknown_members),
        Check(AREA, "the control plane's errors", MODEL, _control_form),
        Check(AREA, "the runtime's errors", MODEL, _runtime_form),
    ]


def _unknown_operation(endpoint: Endpoint) -> None:
    expect_error(endpoint.send_target("NoSuchOperation"), "UnknownOperationException")


def _unknown_path(endpoint: Endpoint, api: str) -> None:
    answer = endpoint.post(api, "/no-such-path", b"{}", JSON_HEADERS)
    expect(answer.status in (403, 404), f"answered {describe(answer)} in place of 404 or 403")


def _malformed(endpoint: Endpoint, body: bytes) -> None:
    expect_error(endpoint.send("ListSchemas", body), "SerializationException")


def _wrong_type(endpoint: Endpoint) -> None:
    expect_error(endpoint.call("ListSchemas", {"maxResults": "ten"}), "SerializationException")


def _unknown_members(endpoint: Endpoint) -> None:
    expect_success(endpoint.call("ListSchemas", {"noSuchMember": {"of": "any kind"}}))


def _control_form(endpoint: Endpoint) -> None:
    answer = endpoint.call("DescribeSchema", {"schemaArn": endpoint.arn("schema/no-such-resource")})
    expect_error(answer, NOT_FOUND)
    expect("__type" in answer.members, "the body has no __type")
    expect("message" in answer.members, "the body's text is not under 'message'")
    _expect_headers(answer.headers, "application/x-amz-json-1.1")


def _runtime_form(endpoint: Endpoint) -> None:
    members = {"campaignArn": endpoint.arn("campaign/no-such-resource"), "userId": "reader"}
    answer = endpoint.call("GetRecommendations", members)
    expect_error(answer, NOT_FOUND, status=404)
    expect("x-amzn-errortype" in answer.headers, "there is no x-amzn-ErrorType header")
    _expect_headers(answer.headers, "application/json")


def _expect_headers(headers: object, content_type: str) -> None:
    found = dict(headers)  # type: ignore[call-overload]
    expect(found.get("content-type", "").startswith(content_type), f"the type is {found.get('content-type')}")
    expect("x-amzn-requestid" in found, f"there is no x-amzn-RequestId header ({CONTROL})")
