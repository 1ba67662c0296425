"""The template, the code and the README say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from recommendations import errors
from recommendations.application import CLIENT_CONFIG
from recommendations.conversion import ALL_COLUMNS
from recommendations.sections import CATEGORY_ALIASES
from recommendations_fakes import API

LONGEST_CALL_S = CLIENT_CONFIG.retries["total_max_attempts"] * (
    CLIENT_CONFIG.connect_timeout + CLIENT_CONFIG.read_timeout
)
README = (API / "README.md").read_text()


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


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return yaml.load((API / "template.yaml").read_text(), Loader)


def function(template: dict[str, Any]) -> dict[str, Any]:
    return template["Resources"]["GetRecommendationsFunction"]["Properties"]


def test_the_function_gets_the_variables_it_reads(template):
    source = Path(API / "functions/get_recommendations/recommendations/settings.py").read_text()
    assert set(function(template)["Environment"]["Variables"]) == set(re.findall(r'environment\["(\w+)"\]', source))


def test_the_seeds_names(template):
    seed = {"EventTrackerIdParam", "ContentDatasetName", "CampaignName", "FiltersPrefix", "ContentDynamoDbTableName"}
    assert seed <= template["Parameters"].keys()
    assert {
        name: template["Parameters"][name]["Default"] for name in ("ResourcesPrefix", "Environment", "StageName")
    } == {
        "ResourcesPrefix": "tgam-personalize",
        "Environment": "dev",
        "StageName": "v1",
    }
    assert {"POSTRecommendationsApiGatewayInvokeURL", "ApiId", "StageName", "ApiKeyId"} <= template["Outputs"].keys()


def test_every_parameter_has_a_default_so_that_the_five_suffice(template):
    assert [name for name, entry in template["Parameters"].items() if "Default" not in entry] == []


def test_no_named_iam_resources_so_that_capability_iam_suffices(template):
    names = [key for entry in template["Resources"].values() for key in entry["Properties"] if key.endswith("Name")]
    assert set(names) <= {"StageName"}


def test_the_key_is_required_for_post_and_not_for_the_preflight(template):
    assert template["Resources"]["RecommendationsApi"]["Properties"]["Auth"] == {"ApiKeyRequired": True}
    events = {event["Properties"]["Method"]: event["Properties"] for event in function(template)["Events"].values()}
    assert "Auth" not in events["POST"]
    assert events["OPTIONS"]["Auth"] == {"ApiKeyRequired": False}


def test_the_function_may_do_three_things(template):
    (policy,) = function(template)["Policies"]
    actions = {statement["Action"] for statement in policy["Statement"]}
    assert actions == {"personalize:GetRecommendations", "dynamodb:BatchGetItem", "dynamodb:Scan"}
    assert "'*'" not in str([statement["Resource"] for statement in policy["Statement"]])


def test_access_logs_hold_nothing_of_the_reader(template):
    line = template["Resources"]["RecommendationsApi"]["Properties"]["AccessLogSetting"]["Format"]
    assert not {"sourceIp", "userAgent", "requestOverride", "body"} & set(re.findall(r"\w+", line))


def test_every_log_group_has_a_retention(template):
    groups = [entry for entry in template["Resources"].values() if entry["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    assert all(group["Properties"]["RetentionInDays"] == {"Ref": "LogRotation"} for group in groups)


def test_the_gateway_outwaits_the_function_that_outwaits_its_calls(template):
    longest_s = template["Parameters"]["DeadlineSeconds"]["MaxValue"] + 2 * LONGEST_CALL_S  # Personalize, then content
    assert longest_s <= function(template)["Timeout"] < 29


def test_a_backend_that_hangs_leaves_time_for_the_next(template):
    assert template["Parameters"]["DeadlineSeconds"]["Default"] > LONGEST_CALL_S + 1  # a second between two tries


@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_the_readme_names_every_parameter_and_output(template, section: str):
    assert [name for name in template[section] if f"`{name}`" not in README] == []


def test_the_readme_has_every_column():
    rows = {tuple(re.findall(r"`([^`]+)`", line)[:2]) for line in README.splitlines() if line.startswith("| `")}
    simple = {(column.source, column.target) for column in ALL_COLUMNS if not column.source.endswith("Rel")}
    assert simple <= rows
    assert all(f"`{column.source}" in README and f"`{column.target}" in README for column in ALL_COLUMNS)


def test_the_readme_has_every_code_of_the_function_and_of_the_gateway(template):
    own = {entry.code for entry in vars(errors).values() if isinstance(entry, type) and hasattr(entry, "code")}
    responses = template["Resources"]["RecommendationsApi"]["Properties"]["GatewayResponses"]
    gateway = set(re.findall(r'"code":"(\w+)"', str(responses)))
    assert len(gateway) == 5
    assert [code for code in own | gateway if f"`{code}`" not in README] == []


def test_the_readme_has_every_alias():
    assert [name for pair in CATEGORY_ALIASES.items() for name in pair if f"`{name}`" not in README] == []
