"""The short way of AWS calls beside botocore's own, the oracle: the same requests, answers and errors."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st
from signed_calls.client import SignedClient, shortened
from signed_calls.connections import Connections
from signed_calls.operations import DYNAMODB, PERSONALIZE
from signed_calls.signature import Signer

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/c"
ROW = {"ContentId": {"S": "A-1"}, "Sponsored": {"BOOL": True}, "B": {"S": "a name"}, "WordCount": {"N": "412"}}
CALLS: dict[str, dict[str, Any]] = {
    "get_recommendations": {
        "campaignArn": CAMPAIGN,
        "userId": "Zoë",
        "numResults": 20,
        "context": {"visitor_type": "Subscribed"},
        "filterArn": CAMPAIGN.replace("campaign", "filter"),
        "filterValues": {"category": '"a","b\\"c"'},
        "metadataColumns": {"ITEMS": ["CATEGORY"]},
    },
    "get_personalized_ranking": {"campaignArn": CAMPAIGN, "userId": "u", "inputList": ["a", "b"]},
    "batch_get_item": {"RequestItems": {"articles": {"Keys": [{"ContentId": {"S": "A-1"}}]}}},
    "put_item": {"TableName": "exposures", "Item": {"recommendationId": {"S": "R"}, "expiresAt": {"N": "1"}}},
    "batch_write_item": {"RequestItems": {"exposures": [{"PutRequest": {"Item": {"recommendationId": {"S": "R"}}}}]}},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "get_recommendations": {
        "itemList": [{"itemId": "A-1", "score": 0.25, "metadata": {"B": "one", "CATEGORY": "é"}}],
        "recommendationId": "RID",
    },
    "get_personalized_ranking": {"personalizedRanking": [{"itemId": "b", "score": 0.9}], "recommendationId": "RID"},
    "batch_get_item": {
        "Responses": {"articles": [ROW, {"Packed": {"B": "aGk="}, "Many": {"BS": ["aGk=", "eW8="]}}]},
        "UnprocessedKeys": {"articles": {"Keys": [{"ContentId": {"S": "A-2"}}]}},
    },
    "put_item": {},
    "batch_write_item": {"UnprocessedItems": {}},
}


class Endpoint(ThreadingHTTPServer):
    """An AWS endpoint that answers as it is told, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
        self.faults: list[str] = []  # for the requests to come

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault == "close":
            self.close_connection = True
            return
        if fault == "wait":
            threading.Event().wait(0.5)
        status, headers, content = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        if fault == "close afterwards":
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def session() -> Session:
    made = Session()
    made.set_credentials("AKID", "secret", "token")
    return made


def clients(session: Session, url: str, **config: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give both ways to make each call."""
    config = {"retries": {"total_max_attempts": 1}, "user_agent": "news", "parameter_validation": False} | config
    long, short = {}, {}
    for service, operations in (("personalize-runtime", PERSONALIZE), ("dynamodb", DYNAMODB)):
        client = session.create_client(service, "us-east-1", endpoint_url=url, config=Config(**config))
        made = SignedClient(client, session, operations)
        long |= {operation.method: getattr(client, operation.method) for operation in operations}
        short |= {operation.method: getattr(made, operation.method) for operation in operations}
    return long, short


def outcome(call: Any, arguments: dict[str, Any]) -> Any:
    """Give what a call returns or raises, but for the notes on the answer."""
    try:
        return {name: value for name, value in call(**arguments).items() if name != "ResponseMetadata"}
    except ClientError as error:
        return error.response["Error"], error.operation_name


@pytest.mark.parametrize("method", CALLS)
def test_requests_and_answers_are_botocores(endpoint, session, method):
    content = json.dumps(ANSWERS[method]).encode()
    endpoint.answer = (200, {"x-amz-crc32": str(crc32(content))}, content)
    long, short = clients(session, endpoint.url + "/base")
    assert outcome(short[method], CALLS[method]) == outcome(long[method], CALLS[method])
    (path, headers, body), (its_path, its_headers, its_body) = endpoint.requests
    assert (path, json.loads(body)) == (its_path, json.loads(its_body))
    for name in ("content-type", "x-amz-target", "host", "x-amz-security-token", "accept-encoding"):
        assert (name, headers.get(name)) == (name, its_headers.get(name))
    assert its_headers["user-agent"].startswith(headers["user-agent"])  # Powertools adds its own name to botocore's
    assert headers["authorization"].partition("SignedHeaders")[0] == its_headers["authorization"].partition("Signed")[0]


ERRORS = (
    (400, {"x-amzn-ErrorType": "ThrottlingException:http://x/"}, {"message": "slow down"}),
    (400, {}, {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "Message": "gone"}),
    (500, {}, {"__type": "InternalServerError", "message": "ours"}),
    (503, {}, {}),
)


@pytest.mark.parametrize("method", ["get_recommendations", "batch_get_item"])
@pytest.mark.parametrize("error", ERRORS)
def test_errors_are_botocores(endpoint, session, method, error):
    status, headers, body = error
    if method == "batch_get_item" and "x-amzn-ErrorType" in headers:
        headers, body = {}, {"__type": "ThrottlingException", "message": "slow down"}
    endpoint.answer = (status, headers, json.dumps(body).encode())
    long, short = clients(session, endpoint.url)
    assert outcome(short[method], CALLS[method]) == outcome(long[method], CALLS[method])


def test_what_is_no_answer_of_aws_is_an_error_of_the_connection(endpoint, session):
    _, short = clients(session, endpoint.url)
    for answer in (b"<html>", b"[1]", b"\xff"):
        endpoint.answer = (200, {}, answer)
        with pytest.raises(HTTPClientError, match="no JSON object"):
            short["batch_get_item"](**CALLS["batch_get_item"])
    endpoint.answer = (502, {}, b"<html>")
    with pytest.raises(ClientError) as raised:
        short["batch_get_item"](**CALLS["batch_get_item"])
    assert raised.value.response["Error"]["Code"] == "502"


def test_an_answer_that_changed_on_its_way_is_refused(endpoint, session):
    endpoint.answer = (200, {"x-amz-crc32": "1"}, b"{}")
    with pytest.raises(HTTPClientError, match="checksum is wrong"):
        clients(session, endpoint.url)[1]["put_item"](**CALLS["put_item"])


TEXTS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=20).map(str.strip)
PATHS = st.sampled_from(["/", "/recommendations", "/a b/ü", "/~x/y"])


@given(body=st.binary(max_size=200), path=PATHS, token=st.sampled_from(["", "token"]), target=TEXTS)
def test_signatures_are_botocores(body, path, token, target):
    now = datetime(2026, 11, 30, 12, 30, 5, tzinfo=UTC)
    credentials = ReadOnlyCredentials("AKID", "secret", token)
    headers = {"host": "reco.example.com", "content-type": "application/json", "x-amz-target": target}
    signed = Signer("personalize", "us-east-1", now=lambda: now).sign(credentials, path, headers, body)
    request = AWSRequest("POST", f"https://reco.example.com{path}", headers=headers, data=body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        botocore.auth.SigV4Auth(credentials, "personalize", "us-east-1").add_auth(request)
    assert signed["authorization"] == request.headers["Authorization"]


def test_the_key_is_derived_anew_for_another_day_and_another_secret():
    today, tomorrow = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    days = iter([today, tomorrow, tomorrow])
    signer = Signer("dynamodb", "us-east-1", now=lambda: next(days))
    signed = [
        signer.sign(ReadOnlyCredentials("AKID", secret, None), "/", {"host": "h"}, b"")["authorization"]
        for secret in ("one", "one", "other")
    ]
    assert len({text.rpartition("=")[2] for text in signed}) == 3


def test_connections_are_kept_and_closed_ones_replaced(endpoint, session):
    _, short = clients(session, endpoint.url)
    endpoint.faults = ["", "", "close", "", "close afterwards", ""]
    for _ in range(5):
        short["put_item"](**CALLS["put_item"])
    assert len(endpoint.requests) == 6  # one was sent again
    assert endpoint.connections == 3


def test_a_connection_that_closes_at_once_again_is_an_error(endpoint, session):
    endpoint.faults = ["", "close", "close"]
    _, short = clients(session, endpoint.url)
    short["put_item"](**CALLS["put_item"])
    with pytest.raises(ConnectionClosedError):
        short["put_item"](**CALLS["put_item"])


def test_slow_and_absent_endpoints_are_botocores_errors(endpoint, session):
    endpoint.faults = ["wait"]
    with pytest.raises(ReadTimeoutError):
        clients(session, endpoint.url, read_timeout=0.05)[1]["put_item"](**CALLS["put_item"])
    with pytest.raises(EndpointConnectionError):
        clients(session, "http://127.0.0.1:1")[1]["put_item"](**CALLS["put_item"])
    with pytest.raises(SSLError):
        clients(session, endpoint.url.replace("http", "https"))[1]["put_item"](**CALLS["put_item"])


def test_endpoints_are_checked_with_the_certificates_that_are_named(session, monkeypatch):
    asked = []
    monkeypatch.setattr(ssl, "create_default_context", lambda cafile: asked.append(cafile))
    monkeypatch.setenv("AWS_CA_BUNDLE", "own.pem")
    clients(session, "https://127.0.0.1:1")
    assert asked == ["own.pem"] * 2


def test_without_credentials_it_says_so(endpoint, monkeypatch):
    session = Session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(NoCredentialsError):
        clients(session, endpoint.url)[1]["put_item"](**CALLS["put_item"])


def test_proxies_and_other_operations_are_left_to_botocore(endpoint, session, monkeypatch):
    client = session.create_client("dynamodb", "us-east-1", endpoint_url=endpoint.url)
    short = shortened(client, session, DYNAMODB)
    assert isinstance(short, SignedClient) and short.scan == client.scan
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:2")
    monkeypatch.setenv("NO_PROXY", "")
    assert shortened(client, session, DYNAMODB) is client


def test_the_trace_goes_on_in_lambda(endpoint, session, monkeypatch):
    _, short = clients(session, endpoint.url)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2")
    short["put_item"](**CALLS["put_item"])
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    short["put_item"](**CALLS["put_item"])
    assert [headers.get("x-amzn-trace-id") for _, headers, _ in endpoint.requests] == [None, "Root=1-2"]


def test_many_threads_share_the_connections(endpoint):
    kept = Connections(endpoint.url, connect_timeout_s=5, read_timeout_s=5, most_kept=2, ca_file="")
    threads = [threading.Thread(target=lambda: [kept.post("/", {}, b"{}") for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(endpoint.requests) == 80 and len(kept._kept) <= 4
