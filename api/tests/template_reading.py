"""The API's template as data, and what tests ask of it."""

from typing import Any

import yaml
from recommendations_fakes import API


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as {tag: value}."""


def short_form(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True),
        yaml.MappingNode: lambda n: loader.construct_mapping(n, deep=True),
    }
    return {suffix: construct[type(node)](node)}


Loader.add_multi_constructor("!", short_form)


def read_template() -> dict[str, Any]:
    return yaml.load((API / "template.yaml").read_text(), Loader)


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    return template["Resources"][name]["Properties"]


def statements(template: dict[str, Any], name: str) -> list[dict[str, Any]]:
    policies = properties(template, f"{name}Function").get("Policies")
    if policies is None:
        return []
    (policy,) = policies
    return [entry["If"][1] if "If" in entry else entry for entry in policy["Statement"]]


def actions(template: dict[str, Any], name: str) -> set[str]:
    found = [statement["Action"] for statement in statements(template, name)]
    return {action for entry in found for action in ([entry] if isinstance(entry, str) else entry)}


def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    every = template["Resources"].items()
    return {name: entry["Properties"] for name, entry in every if entry["Type"] == "AWS::CloudWatch::Alarm"}
