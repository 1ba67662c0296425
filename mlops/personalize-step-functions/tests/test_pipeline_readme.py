"""The README names every parameter, output and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from personalize_spec.parameters import CAMPAIGN_OF_SOLUTION, FILE

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text()
TEMPLATE = yaml.safe_load(re.sub(r"!(Ref|Sub|GetAtt|Not|Equals) ", "", (PROJECT / "template.yaml").read_text()))
FILTER_KEYS = FILE.keys["filters"].item.keys
KEYS = [*FILE.keys, *FILTER_KEYS, *CAMPAIGN_OF_SOLUTION, *CAMPAIGN_OF_SOLUTION.values(), "trafficRatio", "trainingMode"]


@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_parameters_and_outputs_are_described(section: str) -> None:
    for name in TEMPLATE[section]:
        assert f"| `{name}` |" in README


def test_defaults_are_the_templates() -> None:
    for name, parameter in TEMPLATE["Parameters"].items():
        default = f"`{parameter['Default']}`" if parameter.get("Default") else "none"
        default += "" if "Default" in parameter else ", required"
        assert f"| `{name}` | {default} |" in README


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_parameter_file_is_described(key: str) -> None:
    assert re.search(rf"[`.\[]{re.escape(key)}\b", README)
