"""The two settings, and the environment of the emulator made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from personalize_local.cloud.emulator.environment import emulator_environment
from personalize_local.cloud.settings import CloudSettings, SettingsError
from tests.behaviours import APPROXIMATED, behaviour


def test_defaults_are_the_well_known_port_and_a_folder_here() -> None:
    settings = CloudSettings.from_environment({"PERSONALIZE_LOCAL_PORT": ""})
    assert (settings.port, settings.data_dir) == (4566, Path.cwd() / ".personalize-local")
    assert settings.url == "http://localhost:4566"


def test_settings_and_environment_say_the_same() -> None:
    settings = CloudSettings(port=4711, data_dir=Path("/data"))
    assert CloudSettings.from_environment(settings.environment) == settings


@pytest.mark.parametrize("text", ["0", "65536", "-1", "port", "4566.0", "٤"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"PERSONALIZE_LOCAL_PORT is .*; it must be a port number from 1 to 65535"):
        CloudSettings.from_environment({"PERSONALIZE_LOCAL_PORT": text})


def test_the_emulator_sees_nothing_of_the_callers_aws_set_up() -> None:
    caller = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "key",
        "LAMBDA_EXECUTOR": "docker",
        "PATH": "/bin",
        "NO_PROXY": "intranet",
    }
    environment = emulator_environment(CloudSettings(port=4711, data_dir=Path("/data")), caller)
    assert not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID"} & environment.keys()
    assert environment["PATH"] == "/bin"
    assert environment["LAMBDA_EXECUTOR"] == "local"
    assert environment["GATEWAY_PORT"] == "4711"
    assert environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"


@behaviour(
    "Beside Personalize",
    "Waits and retry intervals of Step Functions run at a sixtieth of their time",
    APPROXIMATED,
    source="inferred",
)
def test_a_wait_of_a_minute_takes_about_a_second() -> None:
    environment = emulator_environment(CloudSettings(port=4711, data_dir=Path("/data")), {})
    assert 60 * float(environment["SFN_WAIT_SCALE"]) == pytest.approx(1.0, rel=0.01)
