"""The settings as options of the commands: the same names, readers and meanings as their environment variables."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from personalize_local.cloud.settings import CloudSettings, read_setting, setting_metadata

PLACE = ("port", "data_dir")
SERVING = (*PLACE, "host", "alone", "require_signature", "credentials_path")
_SWITCHES = frozenset({"alone", "require_signature"})
_METAVARS = {"port": "NUMBER", "data_dir": "FOLDER", "host": "ADDRESS", "credentials_path": "FILE"}


def add_settings(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Declare options for some of the settings."""
    for name in names:
        setting = setting_metadata(name)
        help_text = f"{setting['meaning']}; {setting['variable']} says the same"
        how: Mapping[str, Any] = (
            {"action": "store_const", "const": "1"} if name in _SWITCHES else {"metavar": _METAVARS[name]}
        )
        parser.add_argument(setting["option"], dest=name, help=help_text, **how)


def apply_options(settings: CloudSettings, options: argparse.Namespace) -> CloudSettings:
    """Give the settings with what the command line says in place of the environment.

    Errors: SettingsError naming the option whose value cannot be used.
    """
    given = {name: text for name in SERVING if (text := getattr(options, name, None)) is not None}
    values = {name: read_setting(name, text, setting_metadata(name)["option"]) for name, text in given.items()}
    return replace(settings, **values)
