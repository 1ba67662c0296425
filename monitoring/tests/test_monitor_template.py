"""The template says what the code reads and the page explains."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from personalize_monitor.settings import REPORT, read_settings

PROJECT = Path(__file__).parents[1]
# The public monitor's parameters, with the default that it has or a safer one.
PEERS = {
    "CampaignARNs": "all", "RecommenderARNs": "all", "Regions": "", "AutoCreateUtilizationAlarms": "Yes",
    "UtilizationThresholdAlarmLowerBound": 100, "AutoAdjustMinTPS": REPORT, "AutoCreateIdleAlarms": "Yes",
    "IdleThresholdHours": 24, "AutoDeleteOrStopIdleResources": REPORT, "NotificationEndpoint": None,
}  # fmt: skip


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as their arguments."""


def _argument(loader: Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    build = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
    return build(node, deep=True)


Loader.add_multi_constructor("!", _argument)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return yaml.load((PROJECT / "template.yaml").read_text(), Loader)


def test_every_parameter_of_the_public_monitor_is_there_and_nothing_acts_unasked(template: dict[str, Any]) -> None:
    parameters = template["Parameters"]
    assert {name: parameters[name].get("Default") for name in PEERS} == PEERS


def test_the_code_reads_every_parameter_with_the_same_default(template: dict[str, Any]) -> None:
    """GIVEN the template's defaults as variables WHEN read THEN they are those of the code without any."""
    bare = {"INSTALLATION": "watch", "AWS_REGION": "us-east-1"}
    defaults = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    assert read_settings(bare | defaults) == read_settings(bare)
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(template["Parameters"]) <= {*variables.values()}


def test_the_page_explains_every_parameter(template: dict[str, Any]) -> None:
    page = (PROJECT / "README.md").read_text()
    assert {name for name in template["Parameters"] if f"`{name}`" not in page} == set()


def test_only_one_function_may_change_personalize_and_nothing_has_a_fixed_name(template: dict[str, Any]) -> None:
    text = (PROJECT / "template.yaml").read_text()
    assert not re.search(
        r"^\s+(TopicName|TableName|FunctionName|DashboardName|AlarmName|RoleName|LogGroupName):", text, re.M
    )
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            (policy,) = resource["Properties"]["Policies"]
            actions = {action for one in policy["Statement"] for action in _list(one["Action"])}
            changing = {one for one in actions if re.match(r"personalize:(?!List|Describe|Get)", one)}
            assert bool(changing) == (name == "ChangeResourceFunction")
            assert not any("*" in action for action in actions)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
