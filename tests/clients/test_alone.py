"""The service without the emulator: S3 from elsewhere, readers beside one writer, signatures, other addresses."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviours import REFUSED, behaviour
from tests.clients.journey import Journey
from tests.clients.servers import Server, clean_environment, free_port, poll, running
from tests.clients.worlds import BUCKET, interactions_csv

EVENT = {"eventType": "click", "sentAt": 1_700_000_000}
CREDENTIALS = "[default]\naws_access_key_id = READER\naws_secret_access_key = secret/of+reader\n"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An S3-compatible endpoint that is not the service's own: a whole local cloud, used for its S3 only."""
    with running(tmp_path_factory.mktemp("bucket")) as cloud:
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        cloud.client("s3").put_object(Bucket=BUCKET, Key="interactions.csv", Body=interactions_csv().encode())
        yield cloud


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory, bucket: Server) -> Iterator[Server]:
    """A server alone, with its S3 elsewhere."""
    environment = {
        "AWS_ENDPOINT_URL_S3": bucket.url,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with running(tmp_path_factory.mktemp("alone"), "--alone", environment=environment) as server:
        yield server


@pytest.fixture(scope="module")
def reader(writer: Server) -> Iterator[Server]:
    """A second server on the writer's data folder."""
    with running(writer.data_dir, "--read-only") as server:
        yield server


@pytest.fixture(scope="module")
def journey(writer: Server, reader: Server) -> Journey:
    """A campaign made through the writer while the reader runs."""
    journey = Journey(writer, "alone", dataset_types=("Interactions",))
    journey.deploy()
    return journey


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "personalize_local.cli", *arguments],
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_alone_it_imports_from_another_s3_and_recommends(journey: Journey) -> None:
    answer = journey.recommend("reader-1")
    assert len(answer["itemList"]) == 25


def test_alone_unsigned_requests_are_personalizes_too(writer: Server) -> None:
    request = urllib.request.Request(f"{writer.url}/recommendations", b"{}", {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code == 400
    assert caught.value.headers["x-amzn-errortype"] == "InvalidInputException"


def test_alone_a_second_writer_is_refused(writer: Server) -> None:
    place = {"PERSONALIZE_LOCAL_PORT": str(free_port()), "PERSONALIZE_LOCAL_DATA_DIR": str(writer.data_dir)}
    refused = command("serve", "--alone", **place)
    assert refused.returncode == 1
    assert "is in use by another local cloud" in refused.stderr


def test_a_reader_answers_from_the_writers_folder(journey: Journey, reader: Server) -> None:
    assert (reader.health() or {}).get("mode") == "read-only"
    described = reader.client("personalize").describe_campaign(campaignArn=journey.campaign_arn)["campaign"]
    assert described["status"] == "ACTIVE"
    assert len(Journey(reader, "alone").recommend("reader-1", journey.campaign_arn)["itemList"]) == 25


def test_a_reader_sees_an_event_within_a_second_or_so(journey: Journey, reader: Server) -> None:
    tracking_id = journey.create_tracker()
    seen = Journey(reader, "alone")
    filter_arn = journey.create_filter("unread", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")')

    def items() -> list[str]:
        answer = seen.recommend("newcomer", journey.campaign_arn, filterArn=filter_arn)
        return [item["itemId"] for item in answer["itemList"]]

    first = items()[0]
    journey.put_event(tracking_id, "newcomer", first)
    poll(lambda: first not in items(), within_s=5)


def test_a_reader_sees_a_new_version_at_once(journey: Journey, reader: Server) -> None:
    version_arn = journey.train()
    journey.update_campaign(version_arn)
    described = reader.client("personalize").describe_campaign(campaignArn=journey.campaign_arn)["campaign"]
    assert described["solutionVersionArn"] == version_arn
    assert Journey(reader, "alone").recommend("reader-2", journey.campaign_arn)["itemList"]


@behaviour(
    "Who may ask",
    "Servers that read beside one that writes refuse what writes with AccessDeniedException; AWS has nothing like them",
    REFUSED,
    source="inferred",
)
@pytest.mark.parametrize(
    ("api", "operation", "members"),
    [
        ("personalize", "create_dataset_group", {"name": "refused"}),
        ("personalize", "delete_schema", {"schemaArn": "arn:aws:personalize:us-east-1:000000000000:schema/x"}),
        ("personalize-events", "put_events", {"trackingId": "t", "sessionId": "s", "eventList": [EVENT]}),
    ],
)
def test_a_reader_refuses_to_write_and_names_the_writer(
    journey: Journey, writer: Server, reader: Server, api: str, operation: str, members: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(reader.client(api), operation)(**members)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    message = caught.value.response["Error"]["Message"]
    assert f"http://localhost:{writer.port} (process {writer.process.pid})" in message


def test_a_reader_outlives_its_writer_and_follows_the_next(tmp_path: Path) -> None:
    with contextlib.ExitStack() as servers:
        with running(tmp_path, "--alone", is_killed=True) as first:
            first.client("personalize").create_dataset_group(name="kept")
            reader = servers.enter_context(running(tmp_path, "--read-only"))
        seen = reader.client("personalize")
        assert [group["name"] for group in seen.list_dataset_groups()["datasetGroups"]] == ["kept"]
        with pytest.raises(ClientError, match=r"No server writes to .* now"):
            seen.create_dataset_group(name="refused")
        second = servers.enter_context(running(tmp_path, "--alone"))
        second.client("personalize").create_dataset_group(name="later")
        assert [group["name"] for group in seen.list_dataset_groups()["datasetGroups"]] == ["kept", "later"]


def test_without_data_a_reader_says_what_to_start_first(tmp_path: Path) -> None:
    refused = command("serve", "--read-only", "--port", str(free_port()), "--data-dir", str(tmp_path))
    assert refused.returncode == 1
    assert "There is nothing to read yet" in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows one reader."""
    folder = tmp_path_factory.mktemp("guarded")
    path = folder / "credentials"
    path.write_text(CREDENTIALS)
    with running(folder / "data", "--alone", "--require-signature", "--credentials", str(path)) as server:
        yield server


@pytest.mark.parametrize(
    ("api", "operation", "members"),
    [
        ("personalize", "list_schemas", {}),
        ("personalize", "create_dataset_group", {"name": "café", "tags": []}),
        ("personalize-runtime", "get_recommendations", {"campaignArn": "x", "userId": "é"}),
    ],
)
def test_boto3s_signature_passes(guarded: Server, api: str, operation: str, members: dict[str, Any]) -> None:
    known = guarded.client(api, key="READER", secret="secret/of+reader")
    try:
        getattr(known, operation)(**members)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidInputException"


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("STRANGER", "secret/of+reader", "UnrecognizedClientException"),
        ("READER", "guessed", "InvalidSignatureException"),
        ("000000000000", "test", "UnrecognizedClientException"),
    ],
)
def test_other_signatures_do_not(guarded: Server, key: str, secret: str, code: str) -> None:
    for api, operation, members in (
        ("personalize", "list_schemas", {}),
        ("personalize-runtime", "get_recommendations", {"campaignArn": "x"}),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(guarded.client(api, key=key, secret=secret), operation)(**members)
        assert caught.value.response["Error"]["Code"] == code


def test_unsigned_requests_do_not_pass_but_the_health_page_does(guarded: Server) -> None:
    request = urllib.request.Request(guarded.url, b"{}", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert json.loads(caught.value.read())["__type"] == "MissingAuthenticationToken"
    assert (guarded.health() or {}).get("status") == "ok"


def test_required_signatures_need_credentials(tmp_path: Path) -> None:
    refused = command(
        "serve", "--alone", "--require-signature", "--port", str(free_port()), "--data-dir", str(tmp_path)
    )
    assert refused.returncode == 1
    assert "There are no credentials to verify signatures with" in refused.stderr


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # no packet is sent: this asks for the address that would be used
        return probe.getsockname()[0]


def test_other_addresses_are_served_only_when_asked(tmp_path: Path) -> None:
    address = own_address()
    with running(tmp_path / "a", "--alone") as server, pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, server.port), timeout=5)
    with running(tmp_path / "b", "--alone", "--host", address) as server:
        socket.create_connection((address, server.port), timeout=5).close()
        assert server.health()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    place = ("--port", str(free_port()), "--data-dir", str(tmp_path))
    refused = command("serve", "--alone", "--host", "192.0.2.1", *place)
    assert refused.returncode == 1
    assert "192.0.2.1 cannot be used" in refused.stderr


def test_up_and_down_take_the_same_options(tmp_path: Path) -> None:
    place = ("--port", str(free_port()), "--data-dir", str(tmp_path))
    started = command("up", "--alone", *place)
    assert started.returncode == 0, started.stderr
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["alone"] and command("status", *place).returncode == 0
    assert command("down", *place).stdout == "The local cloud is stopped.\n"
    assert not (tmp_path / "run.json").exists()
