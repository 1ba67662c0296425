"""What the cloud's tests share: a free port, and a local cloud run by its command line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from personalize_local.cloud.settings import CloudSettings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass(frozen=True)
class LocalCloud:
    """A local cloud of a test: its settings, its command line, and clients of it."""

    settings: CloudSettings

    def command(self, *arguments: str, settings: CloudSettings | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "personalize_local.cli", *arguments],
            env=os.environ | (settings or self.settings).environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.settings.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, proxies={}),
        )


@pytest.fixture(scope="module")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud that is up, for all tests of a module."""
    cloud = LocalCloud(CloudSettings(port=free_port(), data_dir=tmp_path_factory.mktemp("cloud").resolve()))
    started = cloud.command("up")
    assert started.returncode == 0, started.stderr
    yield cloud
    cloud.command("down")


@pytest.fixture
def settings(tmp_path: Path) -> CloudSettings:
    return CloudSettings(port=free_port(), data_dir=tmp_path)
