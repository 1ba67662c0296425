"""The main job as a newcomer sees it: the demo, with the real tools, on a small newspaper."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PERSONALIZE_LOCAL = Path(sys.executable).with_name("personalize-local")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give a port and a data folder of the test's own; stop what was started there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = {"PERSONALIZE_LOCAL_PORT": str(port), "PERSONALIZE_LOCAL_DATA_DIR": str(tmp_path / "data")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | mine
    yield environment
    subprocess.run([PERSONALIZE_LOCAL, "down"], env=environment, check=True, timeout=120)


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_demo_goes_from_nothing_to_recommendations_that_change(environment: dict[str, str]) -> None:
    """GIVEN nothing WHEN the demo runs THEN it ends well, having shown the mail, two lists and how to stop."""
    command = [sys.executable, "-m", "examples.demo", "--events", "20000"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=840, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    for shown in ("SUCCEEDED in", "are ready", "aws s3 cp --no-progress ./params.json", "x-api-key", "make down"):
        assert shown in run.stdout
