"""docs/cli.md names every command, every option and every environment variable, and none that there is not."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from personalize_local.cli import VERBS, create_parser
from personalize_local.cloud.settings import CloudSettings
from personalize_local.jobs.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SETTINGS = (*fields(CloudSettings), *fields(Settings))
VARIABLE = re.compile(r"\bPERSONALIZE_LOCAL_[A-Z_]+|\bAWS_ENDPOINT_URL(?:_[A-Z0-9]+)?")


def options() -> set[str]:
    return {option for parser in _parsers() for action in parser._actions for option in action.option_strings} - {
        "-h",
        "--help",
    }


def _parsers() -> Iterator[argparse.ArgumentParser]:
    for action in create_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_a_row(verb: str) -> None:
    assert re.search(rf"^\| `{verb}[ `]", PAGE, re.MULTILINE)


def test_every_command_that_has_a_row_exists() -> None:
    table = PAGE.partition("## ")[0]
    assert set(re.findall(r"^\| `(\w+)", table, re.MULTILINE)) == set(VERBS)


def test_every_option_is_described_and_every_described_one_exists() -> None:
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) == options()


@pytest.mark.parametrize("variable", [setting.metadata["variable"] for setting in SETTINGS])
def test_every_variable_of_the_settings_has_a_row(variable: str) -> None:
    assert re.search(rf"^\|.*`{variable}`", PAGE, re.MULTILINE)


def test_every_variable_that_the_code_reads_is_there_and_no_other() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "personalize_local").rglob("*.py"))
    assert set(VARIABLE.findall(PAGE)) == set(VARIABLE.findall(sources))


def test_defaults_are_the_services() -> None:
    for setting in fields(Settings):
        row = re.search(rf"^\| `{setting.metadata['variable']}` \| (\S+) \| (.+) \|$", PAGE, re.MULTILINE)
        assert row is not None
        default = setting.default
        written = "on" if default is True else default if isinstance(default, str) else f"{default:g}"
        assert row[1] == written
        assert row[2] == setting.metadata["meaning"]
