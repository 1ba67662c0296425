"""Signatures, with botocore's own signer as the oracle: what it signs passes, what was changed since does not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SignerCredentials
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.jobs.clock import Clock, ManualClock, SystemClock
from personalize_local.wire.gate import Gate
from personalize_local.wire.guards import AccessException, Request
from personalize_local.wire.keyring import Credentials, Keyring, KeyringError, read_keyring
from personalize_local.wire.models import find_operation, operations
from personalize_local.wire.scope import request_scope
from personalize_local.wire.signature import SignatureVerifier
from personalize_spec.arns import Scope
from tests.behaviours import EXACT, behaviour

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYRING = Keyring([Credentials(KEY, SECRET), Credentials("TEMPORARY", SECRET, "token")])
LIST_SCHEMAS = operations()["ListSchemas"]
SYSTEM = SystemClock()
COLLECTED_AT = SYSTEM.now()  # when the requests in this module's parameters are signed
GATE = Gate([SignatureVerifier(KEYRING, SystemClock()).check])


def signed(
    *, path: str = "/", query: str = "", body: bytes = b"{}", key: str = KEY, secret: str = SECRET,
    token: str | None = None, service: str = "personalize", headers: dict[str, str] | None = None,
) -> Request:  # fmt: skip
    """Sign a request with botocore, and give it as a server would see it."""
    url = f"http://localhost:4566{path}" + (f"?{query}" if query else "")
    sent = {"Host": "localhost:4566", "X-Amz-Target": "AmazonPersonalize.ListSchemas", **(headers or {})}
    request = AWSRequest("POST", url, headers=sent, data=body)
    SigV4Auth(SignerCredentials(key, secret, token), service, "eu-west-1").add_auth(request)
    return Request("POST", path, query, {name.lower(): str(value) for name, value in request.headers.items()}, body)


def changed(request: Request, **headers: str) -> Request:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(request.method, request.path, request.query, {**request.headers, **renamed}, request.body)


def check(request: Request, keyring: Keyring = KEYRING, clock: Clock = SYSTEM) -> None:
    SignatureVerifier(keyring, clock).check(LIST_SCHEMAS, request)


def refusal(request: Request, clock: Clock = SYSTEM) -> tuple[str, str]:
    with pytest.raises(AccessException) as caught:
        check(request, clock=clock)
    return caught.value.code, caught.value.message


@behaviour(
    "Who may ask",
    "Any credentials pass; with --require-signature header, scope, time and content are verified (Version 4)",
    EXACT,
    source="documented",
)
@given(
    body=st.binary(max_size=200),
    query=st.sampled_from(["", "b=2&a=1", "a=%2F%20x&a=", "flag"]),
    header=st.text(st.characters(codec="latin-1", exclude_categories=("Cc", "Cs")), max_size=20),
)
def test_what_botocore_signs_passes(body: bytes, query: str, header: str) -> None:
    check(signed(body=body, query=query, headers={"X-Amz-Anything": header.strip()}))


def test_keys_with_a_session_token_pass_with_it_only() -> None:
    check(signed(key="TEMPORARY", token="token"))
    invalid = ("UnrecognizedClientException", "The security token included in the request is invalid.")
    assert refusal(signed(key="TEMPORARY")) == invalid
    assert refusal(signed(token="token")) == invalid


def test_the_hash_that_some_clients_send_along_is_compared() -> None:
    request = signed(headers={"X-Amz-Content-SHA256": "0" * 64})
    assert refusal(request)[0] == "InvalidSignatureException"


MISMATCH = "The request signature we calculated does not match the signature you provided."


@behaviour(
    "Who may ask",
    "Each mistake has the error that the API reference names",
    EXACT,
    source="documented; the messages: observed on other services",
)
@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (Request("POST", "/", "", {}, b"{}"), "MissingAuthenticationToken", "Missing Authentication Token"),
        (signed(secret="another"), "InvalidSignatureException", MISMATCH),
        (changed(signed(), x_amz_target="AmazonPersonalize.DeleteSchema"), "InvalidSignatureException", MISMATCH),
        (Request("POST", "/", "", signed().headers, b'{"a":1}'), "InvalidSignatureException", MISMATCH),
        (Request("POST", "/", "a=1", signed().headers, b"{}"), "InvalidSignatureException", MISMATCH),
        (Request("POST", "/events", "", signed().headers, b"{}"), "InvalidSignatureException", MISMATCH),
        (
            signed(key="UNKNOWN"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            signed(service="s3"),
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'personalize'.",
        ),
        (
            changed(signed(), authorization="AWS4-HMAC-SHA256 Credential=a/20260101/x/personalize/aws4_request"),
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders'",
        ),
        (
            changed(signed(), authorization="Bearer abc"),
            "IncompleteSignature",
            "Unsupported AWS 'algorithm': 'Bearer'.",
        ),
        (
            changed(signed(), authorization="AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"),
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements",
        ),
        (changed(signed(), x_amz_date="yesterday"), "IncompleteSignature", "Date must be in ISO-8601"),
        (
            changed(signed(), x_amz_date="20200101T000000Z"),
            "InvalidSignatureException",
            "Date in Credential scope does not match",
        ),
    ],
)
def test_each_mistake_has_its_error(request_: Request, code: str, message: str) -> None:
    refused = refusal(request_, ManualClock(COLLECTED_AT))
    assert refused[0] == code
    assert refused[1].startswith(message)


@behaviour("Who may ask", "Signatures are good for five minutes", EXACT, source="documented")
@pytest.mark.parametrize(("minutes", "message"), [(6, "Signature expired: "), (-6, "Signature not yet current: ")])
def test_signatures_are_good_for_five_minutes(minutes: int, message: str) -> None:
    clock = ManualClock(SystemClock().now() + timedelta(minutes=minutes))
    with pytest.raises(AccessException) as caught:
        SignatureVerifier(KEYRING, clock).check(LIST_SCHEMAS, signed())
    assert caught.value.code == "InvalidSignatureException"
    assert caught.value.message.startswith(message) and "5 min." in caught.value.message


def presigned(*, expires: int = 3600, query: str = "", key: str = KEY, token: str | None = None) -> Request:
    """Presign a request with botocore, and give it as a server would see it."""
    url = "http://localhost:4566/recommendations" + (f"?{query}" if query else "")
    request = AWSRequest("POST", url, headers={"Host": "localhost:4566"})
    SigV4QueryAuth(SignerCredentials(key, SECRET, token), "personalize", "eu-west-1", expires).add_auth(request)
    return Request("POST", "/recommendations", urlsplit(request.url).query, {"host": "localhost:4566"}, b"")


def with_query(old: str, new: str) -> Request:
    request = presigned()
    assert old in request.query
    return Request("POST", "/recommendations", request.query.replace(old, new), request.headers, b"")


@behaviour(
    "Who may ask",
    "Presigned requests are verified in the same way, and are good as long as they say, a week at most",
    EXACT,
    source="documented",
)
@pytest.mark.parametrize("query", ["", "b=2&a=1", "a=%2F%20x&a="])
def test_what_botocore_presigns_passes_until_it_expires(query: str) -> None:
    request = presigned(query=query)
    check(request, clock=ManualClock(SYSTEM.now() + timedelta(minutes=59)))
    late = refusal(request, ManualClock(SYSTEM.now() + timedelta(minutes=61)))
    assert late[0] == "InvalidSignatureException" and late[1].startswith("Signature expired: ")
    check(presigned(key="TEMPORARY", token="token"))
    assert refusal(presigned(key="TEMPORARY"))[0] == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("X-Amz-Expires=3600", "X-Amz-Expires=3601", "InvalidSignatureException", MISMATCH),
        ("X-Amz-Expires=3600", "X-Amz-Expires=604801", "IncompleteSignature", "X-Amz-Expires must be a number"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=soon", "IncompleteSignature", "X-Amz-Expires must be a number"),
        ("X-Amz-Expires=3600&", "", "IncompleteSignature", "AWS query-string parameters must include 'X-Amz-Expires'"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", "IncompleteSignature", "Unsupported AWS 'algorithm'"),
        ("SignedHeaders=host", "SignedHeaders=date", "IncompleteSignature", "'Host' must be a 'SignedHeader'"),
        ("X-Amz-Algorithm=", "Algorithm=", "MissingAuthenticationToken", "Missing Authentication Token"),
    ],
)
def test_each_mistake_in_a_query_has_its_error(old: str, new: str, code: str, message: str) -> None:
    refused = refusal(with_query(old, new))
    assert refused[0] == code
    assert refused[1].startswith(message)


def test_a_presigned_request_is_of_the_account_and_region_that_it_names() -> None:
    request = presigned(key="123456789012")
    assert request_scope(request.headers, request.query) == Scope("eu-west-1", "123456789012")


def test_the_local_clouds_own_requests_pass_in_the_name_of_any_account() -> None:
    keyring = Keyring([Credentials(KEY, SECRET)], own_secret="own")
    check(signed(key="000000000000", secret="own"), keyring)
    with pytest.raises(AccessException, match="does not match"):
        check(signed(key="000000000000", secret="guessed"), keyring)
    assert Keyring([Credentials(KEY, SECRET)]).find("000000000000") is None


def test_every_profile_of_a_credentials_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text(
        "[default]\naws_access_key_id = A\naws_secret_access_key = 1%2\n\n"
        "[night]\naws_access_key_id = B\naws_secret_access_key = 3\naws_session_token = t\n"
    )
    keyring = read_keyring(path, {})
    assert keyring.find("A") == Credentials("A", "1%2")
    assert keyring.find("B") == Credentials("B", "3", "t")
    assert keyring.find("C") is None
    assert "1%2" not in repr(keyring.find("A"))


def test_credentials_may_come_from_the_environment() -> None:
    keyring = read_keyring(None, {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "1"})
    assert keyring.find("A") == Credentials("A", "1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "has no profiles"),
        ("[default]\naws_access_key_id = A\n", "The profile default of .* lacks aws_secret_access_key"),
        ("aws_access_key_id = A\n", "is not one of profiles"),
    ],
)
def test_a_credentials_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "credentials"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeyringError, match=message):
        read_keyring(path, {})


def test_without_credentials_it_says_where_they_are_looked_for() -> None:
    with pytest.raises(KeyringError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        read_keyring(None, {"AWS_ACCESS_KEY_ID": "A"})


@behaviour(
    "Who may ask",
    "Refusals are 400 in the control plane and 403 at run time and for events",
    EXACT,
    source="observed on other services",
)
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"x-amz-target": "AmazonPersonalize.ListSchemas"}, 400),
        ("/recommendations", {}, 403),
        ("/events", {}, 403),
    ],
)
def test_refusals_have_the_statuses_of_the_protocols(path: str, headers: dict[str, str], status: int) -> None:
    operation = find_operation("POST", path, headers)
    assert operation is not None
    response = GATE.refusal(operation, Request("POST", path, "", headers, b"{}"))
    assert response is not None and response.status == status
    assert dict(response.headers)["x-amzn-errortype"] == "MissingAuthenticationToken"
    assert json.loads(response.body) == {
        "__type": "MissingAuthenticationToken",
        "message": "Missing Authentication Token",
    }


def test_the_gate_lets_signed_requests_on() -> None:
    assert GATE.refusal(LIST_SCHEMAS, signed()) is None
