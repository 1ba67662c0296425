"""The command line: start, look, stop, start again; and a local cloud that was killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cli import VERBS, main
from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.settings import CloudSettings
from tests.cloud.conftest import LocalCloud, free_port


@pytest.fixture
def cloud(settings: CloudSettings) -> Iterator[LocalCloud]:
    """A local cloud that is not up yet; stopped after the test, whatever happened."""
    cloud = LocalCloud(settings)
    yield cloud
    cloud.command("down")


def health(cloud: LocalCloud) -> dict[str, Any]:
    with urllib.request.urlopen(f"{cloud.settings.url}/_personalize/health", timeout=10) as answer:
        return json.loads(answer.read())


def kill(*process_ids: int) -> None:
    for process_id in process_ids:
        os.kill(process_id, signal.SIGKILL)


def names_of_what_exists(cloud: LocalCloud) -> dict[str, list[str]]:
    return {
        "buckets": [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]],
        "tables": cloud.client("dynamodb").list_tables()["TableNames"],
        "groups": [group["name"] for group in cloud.client("personalize").list_dataset_groups()["datasetGroups"]],
    }


def create_some_of_each(cloud: LocalCloud, name: str) -> None:
    cloud.client("s3").create_bucket(Bucket=name)
    cloud.client("s3").put_object(Bucket=name, Key="key", Body=b"content")
    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    cloud.client("personalize").create_dataset_group(name=name)


def test_up_says_how_to_use_it_and_down_keeps_everything(cloud: LocalCloud) -> None:
    up = cloud.command("up")
    assert up.returncode == 0, up.stderr
    for text in (
        f"ready: {cloud.settings.url}",
        f"AWS_ENDPOINT_URL={cloud.settings.url}",
        str(cloud.settings.log_path),
        f"personalize-local down --port {cloud.settings.port} --data-dir {cloud.settings.data_dir}",
    ):
        assert text in up.stdout
    again = cloud.command("up")
    assert (again.returncode, again.stdout.partition(":")[0]) == (0, "The local cloud runs already")
    assert cloud.command("status").returncode == 0
    create_some_of_each(cloud, "kept")
    before = names_of_what_exists(cloud)
    assert before == {"buckets": ["kept"], "tables": ["kept"], "groups": ["kept"]}

    assert cloud.command("down").stdout == "The local cloud is stopped.\n"
    stopped = cloud.command("status")
    assert (stopped.returncode, stopped.stdout.partition(" (")[0]) == (3, "The local cloud is not running")
    assert cloud.command("down").stdout == "The local cloud was not running.\n"
    assert not cloud.settings.run_path.exists()

    up = cloud.command("up")
    assert "did not end in order" not in up.stdout
    assert health(cloud)["recovery"] == ""
    assert names_of_what_exists(cloud) == before
    assert cloud.client("s3").get_object(Bucket="kept", Key="key")["Body"].read() == b"content"


def test_after_a_kill_up_tells_what_was_lost_and_the_rest_is_there(cloud: LocalCloud) -> None:
    cloud.command("up")
    create_some_of_each(cloud, "early")
    cloud.command("down")
    cloud.command("up")
    create_some_of_each(cloud, "late")
    running = health(cloud)
    kill(running["process_id"], running["emulator"]["process_id"])

    up = cloud.command("up")
    assert up.returncode == 0, up.stderr
    assert "The last local cloud of this data folder did not end in order. It was killed." in up.stdout
    assert "after that is gone. S3 objects are there, and Personalize lost nothing." in up.stdout
    assert health(cloud)["recovery"].startswith("It was killed. The emulator's state is from ")
    left = names_of_what_exists(cloud)
    assert left["groups"] == ["early", "late"]
    assert left["tables"] == ["early"]
    assert cloud.client("s3").get_object(Bucket="late", Key="key")["Body"].read() == b"content"


def test_when_only_the_gateway_is_killed_the_emulator_saves_and_nothing_is_lost(cloud: LocalCloud) -> None:
    cloud.command("up")
    create_some_of_each(cloud, "all")
    kill(health(cloud)["process_id"])

    up = cloud.command("up")
    assert up.returncode == 0, up.stderr
    assert "the emulator could still save its state at" in up.stdout
    assert names_of_what_exists(cloud) == {"buckets": ["all"], "tables": ["all"], "groups": ["all"]}


def test_when_only_the_emulator_is_killed_it_is_started_anew_while_personalize_goes_on(cloud: LocalCloud) -> None:
    cloud.command("up")
    running = health(cloud)
    kill(running["emulator"]["process_id"])
    assert cloud.client("personalize").list_recipes()["recipes"]
    assert cloud.client("s3").list_buckets()["Buckets"] == []  # waits until it is there again
    assert health(cloud)["emulator"]["process_id"] != running["emulator"]["process_id"]
    assert health(cloud)["process_id"] == running["process_id"]


def test_a_port_that_something_else_uses_is_refused(cloud: LocalCloud) -> None:
    with socket.create_server(("127.0.0.1", cloud.settings.port)) as listener:
        listener.settimeout(30)
        up = cloud.command("up")
    assert (up.returncode, up.stdout) == (1, "")
    assert f"Port {cloud.settings.port} is taken by something else" in up.stderr


def test_a_second_local_cloud_is_refused_on_the_same_port_and_on_the_same_folder(
    local_cloud: LocalCloud, tmp_path: Path
) -> None:
    same_port = local_cloud.command("up", settings=replace(local_cloud.settings, data_dir=tmp_path))
    assert same_port.returncode == 1
    assert f"serves another local cloud, that of {local_cloud.settings.data_dir}" in same_port.stderr
    same_folder = local_cloud.command("up", settings=replace(local_cloud.settings, port=free_port()))
    assert same_folder.returncode == 1
    assert f"is in use by the local cloud at {local_cloud.settings.url}" in same_folder.stderr
    foreground = local_cloud.command("serve")
    assert foreground.returncode == 1
    assert "runs already" in foreground.stderr


def test_a_server_that_cannot_start_shows_the_end_of_its_log(cloud: LocalCloud) -> None:
    cloud.settings.data_dir.joinpath("personalize").write_text("a file where a folder belongs")
    up = cloud.command("up")
    assert up.returncode == 1
    assert f"The end of its log, {cloud.settings.log_path}:" in up.stderr
    assert "personalize" in up.stderr
    assert not cloud.settings.run_path.exists()


def test_mails_are_listed_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    settings = CloudSettings(port=4566, data_dir=tmp_path)
    for name, value in settings.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["mail"]) == 0
    assert capsys.readouterr().out == f"No mails yet in {settings.mail_dir}.\n"
    for subject in ("First", "Second"):
        mail = {
            "sender": "a@example.com",
            "recipient": "b@example.com",
            "subject": subject,
            "body": f"{subject} text\n",
        }
        Outbox(settings.mail_dir).send(**mail, at=datetime.now(UTC))
    assert main(["mail"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["First", "Second"]
    assert main(["mail", "last"]) == 0
    assert capsys.readouterr().out.endswith("\n\nSecond text\n")
    assert main(["mail", "1"]) == 0
    assert capsys.readouterr().out.endswith("\n\nFirst text\n")
    assert main(["mail", "3"]) == 1
    assert capsys.readouterr().err == f"personalize-local: there is no such mail in {settings.mail_dir}\n"


def test_a_wrong_setting_is_one_line_and_no_trace(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("PERSONALIZE_LOCAL_PORT", "many")
    assert main(["status"]) == 1
    assert capsys.readouterr().err == (
        "personalize-local: PERSONALIZE_LOCAL_PORT is 'many'; it must be a port number from 1 to 65535\n"
    )


def test_help_names_every_command(capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert all(f"    {name} " in text for name in VERBS)


def test_a_data_folder_that_cannot_be_made_is_one_line_and_no_trace(cloud: LocalCloud) -> None:
    cloud.settings.data_dir.joinpath("file").touch()
    up = cloud.command("up", settings=replace(cloud.settings, data_dir=cloud.settings.data_dir / "file" / "data"))
    assert up.returncode == 1
    assert up.stderr.startswith("personalize-local: [Errno 20] Not a directory:")
    assert len(up.stderr.splitlines()) == 1
