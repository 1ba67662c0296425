"""MiniStack's private names are what we take them for. If this fails, MiniStack has changed: see names.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from personalize_local.cloud.emulator.environment import emulator_environment
from personalize_local.cloud.emulator.names import PINNED_VERSION, private
from personalize_local.cloud.settings import CloudSettings

REPOSITORY = Path(__file__).parents[2]


def run_in_emulator(code: str, folder: Path) -> object:
    """Evaluate code in a process with the emulator's environment (MiniStack reads it on import); return its JSON."""
    environment = emulator_environment(CloudSettings(port=4566, data_dir=folder), os.environ)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_pin_is_installed_and_locked() -> None:
    assert version("ministack") == PINNED_VERSION
    assert f"ministack=={PINNED_VERSION} " in (REPOSITORY / "requirements" / "server.txt").read_text()
    assert f'"ministack=={PINNED_VERSION}"' in (REPOSITORY / "pyproject.toml").read_text()


def test_every_private_name_is_there_and_takes_what_we_give(tmp_path: Path) -> None:
    code = "import json; from personalize_local.cloud.emulator.names import *; print(json.dumps(find_changed_names()))"
    assert run_in_emulator(code, tmp_path) == []


def test_changed_names_are_found(tmp_path: Path) -> None:
    code = """
import json
from personalize_local.cloud.emulator import names
names.PRIVATE_NAMES["ministack.services.sns:_fanout"] = ("topic_arn",)
names.PRIVATE_NAMES["ministack.app:_gone"] = None
print(json.dumps([text.partition(" takes")[0] for text in names.find_changed_names()]))
"""
    assert run_in_emulator(code, tmp_path) == ["ministack.services.sns:_fanout", "ministack.app:_gone is gone"]


def test_only_names_of_the_table_are_used() -> None:
    with pytest.raises(KeyError):
        private("ministack.app:main")


def test_step_functions_read_the_wait_scale_and_the_sdk_table_has_the_shape_we_add_to(tmp_path: Path) -> None:
    code = """
import json
from ministack.services import stepfunctions
table = stepfunctions._AWS_SDK_SERVICE_MAP
print(json.dumps([stepfunctions._SFN_WAIT_SCALE * 60, table["ssm"], stepfunctions._AWS_SDK_ERROR_PREFIX["ssm"]]))
"""
    wait_s, entry, prefix = run_in_emulator(code, tmp_path)
    assert wait_s == pytest.approx(1, rel=0.01)
    assert entry == {"target_prefix": "AmazonSSM", "protocol": "json"}
    assert prefix == "Ssm"
