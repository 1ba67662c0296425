"""The probe: what it says of our service, of an endpoint that does everything wrong, and of none at all."""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize_local.cli import main
from personalize_local.probe.endpoint import Answer, Endpoint, EndpointError
from personalize_local.probe.lifecycles import lifecycle_checks
from personalize_local.probe.report import Report, probe, reading_checks
from personalize_local.wire.models import operations
from tests.clients.servers import Server, free_port, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("probed"), "--alone") as server:
        yield server


@pytest.fixture(scope="module")
def report(server: Server) -> Report:
    return probe(Endpoint(server.url), write=True)


class Wrong(http.server.BaseHTTPRequestHandler):
    """Answers everything with a success that has a null."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"recipes": [{"name": None}], "schemas": "none", "nextToken": "again"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wrong)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_our_service_is_what_it_says_it_is(report: Report) -> None:
    failed = {finding.name: finding.detail for finding in report.findings if finding.outcome != "pass"}
    assert not failed


def test_every_operation_of_the_three_apis_is_asked() -> None:
    asked = Counter(check.name for check in reading_checks() if check.area == "operations")
    assert asked == Counter(list(operations()))


def test_nothing_is_left_behind(server: Server, report: Report) -> None:
    personalize = server.client("personalize")
    assert personalize.list_schemas()["schemas"] == []
    assert personalize.list_dataset_groups()["datasetGroups"] == []


def test_reading_creates_nothing_even_where_everything_is_accepted(server: Server) -> None:
    before = {check.name for check in lifecycle_checks()}
    findings = probe(Endpoint(server.url)).findings
    assert not before & {finding.name for finding in findings}
    assert server.client("personalize").list_schemas()["schemas"] == []


def test_an_endpoint_that_does_everything_wrong_passes_nothing_that_matters(wrong: str) -> None:
    report = probe(Endpoint(wrong), write=True)
    failed = {finding.area for finding in report.findings if finding.outcome == "fail"}
    assert failed == {"operations", "errors", "validation", "pages", "recipes", "lifecycles"}
    assert not report.is_conformant
    details = {finding.name: finding.detail for finding in report.findings}
    assert details["ListSchemas"] == "answer.schemas should be of type list, not str"
    assert details["unknown operation"] == "answered 200 in place of UnknownOperationException"


def test_the_command_prints_a_table_and_fails(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", wrong, "--failures"]) == 1
    printed = capsys.readouterr().out
    assert "  fail  ListSchemas " in printed and "  pass  " not in printed
    assert "lifecycles: " in printed and "not asked: --write asks" in printed
    assert f"{len(reading_checks())} checks: " in printed.splitlines()[-1]


def test_the_command_prints_json(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", wrong, "--json", "--region", "eu-west-1"]) == 1
    content = json.loads(capsys.readouterr().out)
    assert (content["url"], content["region"]) == (wrong, "eu-west-1")
    assert sum(content["counts"].values()) == len(content["findings"])
    assert set(content["findings"][0]) == {"area", "name", "source", "outcome", "detail"}


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://localhost"])
def test_what_is_no_address_is_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", url]) == 2
    assert "is no address: give one such as http://localhost:4566" in capsys.readouterr().err


def test_no_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"http://127.0.0.1:{free_port()}"]) == 2
    assert "does not answer" in capsys.readouterr().err


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("no_credentials")
def test_aws_is_not_asked_without_credentials() -> None:
    with pytest.raises(EndpointError, match="There are no credentials for AWS"):
        Endpoint("https://personalize.eu-west-1.amazonaws.com")


def test_one_address_of_aws_names_its_three_apis_and_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    endpoint = Endpoint("https://personalize-runtime.cn-north-1.amazonaws.com.cn")
    assert (endpoint.is_aws, endpoint.region) == (True, "cn-north-1")
    urls = {api: endpoint.client(api).meta.endpoint_url for api in ("personalize", "personalize-events")}
    assert urls == {
        "personalize": "https://personalize.cn-north-1.amazonaws.com.cn",
        "personalize-events": "https://personalize-events.cn-north-1.amazonaws.com.cn",
    }


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-amzn-errortype": "ThrottlingException:http://internal"}, b""),
        ({}, b'{"__type": "com.amazonaws.personalize#ThrottlingException", "Message": "Rate exceeded"}'),
        ({}, b'{"code": "ThrottlingException"}'),
    ],
)
def test_an_errors_name_is_found_wherever_it_stands(headers: dict[str, str], body: bytes) -> None:
    assert Answer(400, headers, body).code == "ThrottlingException"
