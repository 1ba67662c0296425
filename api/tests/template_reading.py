"""The API's template as data, and what tests ask of it."""

from typing import Any

import yaml
from recommendations_fakes import API
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


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


class NoPolicies:
    """The managed policies that SAM looks up by name: the template names none."""

    def load(self) -> dict[str, str]:
        return {}


def deployed(**parameters: str) -> dict[str, dict[str, Any]]:
    """Give the resources that CloudFormation gets from SAM with these parameters, conditions decided."""
    template = yaml_parse((API / "template.yaml").read_text())
    given = {name: str(entry["Default"]) for name, entry in template["Parameters"].items()} | parameters
    template["Globals"]["Function"].pop("CodeUri")
    for entry in template["Resources"].values():
        if entry["Type"] == "AWS::Serverless::Function":
            entry["Properties"]["CodeUri"] = "s3://code/package"
    decided = {name: holds(rule, given) for name, rule in template["Conditions"].items()}
    made = transform(template, dict(given), NoPolicies())["Resources"]
    return {name: chosen(entry, decided) for name, entry in made.items() if decided.get(entry.get("Condition"), True)}


def holds(rule: dict[str, Any], given: dict[str, str]) -> bool:
    """Decide a condition."""
    ((kind, entries),) = rule.items()
    if kind == "Fn::Not":
        return not holds(entries[0], given)
    assert kind == "Fn::Equals", "the template has no other conditions"
    left, right = (given[side["Ref"]] if isinstance(side, dict) else str(side) for side in entries)
    return left == right


def chosen(value: Any, decided: dict[str, bool]) -> Any:
    """Replace every Fn::If by its side; what is AWS::NoValue is left out."""
    if isinstance(value, list):
        return [one for entry in value if (one := chosen(entry, decided)) is not None]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::NoValue"}:
        return None
    if value.keys() == {"Fn::If"}:
        name, yes, no = value["Fn::If"]
        return chosen(yes if decided[name] else no, decided)
    return {name: one for name, entry in value.items() if (one := chosen(entry, decided)) is not None}
