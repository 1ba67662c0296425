"""A command whose reader has enough, as in `personalize-local status | head -1`, ends without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("arguments", [("status",), ("mail",)])
def test_a_reader_that_has_gone_is_no_mistake(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "personalize_local.cli", *arguments],
        env=os.environ | {"PERSONALIZE_LOCAL_DATA_DIR": str(tmp_path), "PERSONALIZE_LOCAL_PORT": "1"},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")
