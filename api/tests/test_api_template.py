"""The template, the code, the README and the reference say the same."""

import re
from pathlib import Path

import pytest
import reference
from recommendations.application import CONNECT_TIMEOUT_S
from recommendations.meters import BY_NAME
from recommendations.routes import ROUTES
from recommendations.settings import VARIABLES
from recommendations_fakes import API
from template_reading import actions, alarms, properties, statements

README = (API / "README.md").read_text()
FUNCTIONS = (
    "GetRecommendations",
    "PutEvents",
    "PutContent",
    "RefreshPopular",
    "MeasureResults",
    "CheckRelease",
    "Authorize",
)
OF_THE_STREAMS = {"STREAM", "APP_ID", "PATIENCE_S"}


def test_the_functions_get_variables_that_are_read_and_are_called_like_their_folders(template):
    given = set(template["Globals"]["Function"]["Environment"]["Variables"])
    names = {variable.name for variable in VARIABLES}
    left = {
        "POPULAR_TTL_S",
        "POST_RANKING_HOOK",
        "LOOK_AHEAD",
        "CONNECTIONS",
    }  # their defaults serve, or code is needed
    assert given - {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"} == names - left
    for name in FUNCTIONS:
        folder = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
        assert (API / "functions" / folder / "app.py").is_file()
        assert f"build-{name}Function: FOLDER := {folder}\n" in (API / "functions" / "Makefile").read_text()
    for name in ("PutEvents", "PutContent"):
        assert set(properties(template, f"{name}Function")["Environment"]["Variables"]) <= OF_THE_STREAMS


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
    iam = [entry for entry in template["Resources"].values() if entry["Type"].startswith("AWS::IAM::")]
    assert [entry for entry in iam if any(key.endswith("Name") for key in entry["Properties"])] == []


def test_the_gateway_has_the_routes_of_the_code_with_the_same_need_of_a_key(template):
    paths = properties(template, "RecommendationsApi")["DefinitionBody"]["paths"]
    found = {
        (method.upper(), path): "security" in entry for path, ways in paths.items() for method, entry in ways.items()
    }
    integrations = [entry["x-amazon-apigateway-integration"] for ways in paths.values() for entry in ways.values()]
    assert all(":live/" in integration["uri"]["Sub"] for integration in integrations)  # the alias with warm instances
    preflights = {("OPTIONS", route.path): False for route in ROUTES if route.needs_key}
    assert found == {(route.method, route.path): route.needs_key for route in ROUTES} | preflights
    events = properties(template, "GetRecommendationsFunction")["Events"].values()
    assert {(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events} == set(found)
    ways_in = paths["/recommendations"]["post"]["security"]
    assert ways_in == {"If": ["HasIssuer", [{"token": []}], [{"key": []}]]}


def test_each_function_may_do_what_it_does_and_nothing_else(template):
    assert actions(template, "GetRecommendations") == {
        "personalize:GetRecommendations",
        "personalize:GetPersonalizedRanking",
        "personalize:PutEvents",
        "dynamodb:BatchGetItem",
        "dynamodb:Scan",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "sqs:SendMessage",
        "kinesis:PutRecords",
    }
    assert actions(template, "PutContent") == {"personalize:PutItems", "dynamodb:Scan", "sqs:SendMessage"}
    anywhere = {
        action
        for name in FUNCTIONS
        for statement in statements(template, name)
        if statement["Resource"] == "*"
        for action in statement["Action"]
    }
    assert anywhere == {"cloudwatch:ListMetrics", "cloudwatch:GetMetricData"}


def test_access_logs_hold_nothing_of_the_reader(template):
    line = properties(template, "RecommendationsApi")["AccessLogSetting"]["Format"]
    assert not {"sourceIp", "userAgent", "requestOverride", "body"} & set(re.findall(r"\w+", line))


def test_every_log_group_has_a_retention(template):
    groups = [entry for entry in template["Resources"].values() if entry["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    assert all(group["Properties"]["RetentionInDays"] == {"Ref": "LogRotation"} for group in groups)
    assert template["Globals"]["Function"]["LoggingConfig"]["LogGroup"] == {"Ref": "FunctionLogs"}


def test_the_gateway_outwaits_the_function_that_outwaits_its_deadline(template):
    deadline_s = template["Parameters"]["DeadlineMs"]["MaxValue"] / 1000
    assert deadline_s + CONNECT_TIMEOUT_S < properties(template, "GetRecommendationsFunction")["Timeout"] < 29


def test_alarms_watch_metrics_that_are_written_with_the_dimensions_they_are_written_with(template):
    own = {name: alarm for name, alarm in alarms(template).items() if alarm["Namespace"] == {"Ref": "MetricsNamespace"}}
    assert len(own) == 6
    for alarm in own.values():
        assert not BY_NAME[alarm["MetricName"]].per_arm
        assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}


def test_every_alarm_is_told_and_watches_one_of_ours(template):
    resources = template["Resources"]
    for alarm in alarms(template).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
        assert alarm["TreatMissingData"] == "notBreaching"
        for dimension in alarm["Dimensions"]:
            value = dimension["Value"]
            named = value.get("Ref") or value["GetAtt"].partition(".")[0]
            assert named in resources or named in ("AWS::StackName", "StageName")


def test_the_dashboard_shows_metrics_that_are_written(template):
    body = properties(template, "Dashboard")["DashboardBody"]["Sub"]
    shown = set(re.findall(r'"\$\{MetricsNamespace\}", "(\w+)"', body)) | set(re.findall(r'MetricName=\\"(\w+)', body))
    assert len(shown) > 15
    assert shown <= BY_NAME.keys()


def test_every_metric_is_measured_somewhere():
    source = "".join(path.read_text() for path in (API / "functions").rglob("*.py"))
    named = set(re.findall(r'measure\(\s*"(\w+)"', source))
    for verb, kind in re.findall(r'measure\(f"(\w+)\{self\._(\w+)\}"', source):
        named |= {f"{verb}{stream}" for stream in ("Events", "Items") if kind == "kind"}
    assert named == BY_NAME.keys()


@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_the_readme_names_every_parameter_and_output(template, section: str):
    assert [name for name in template[section] if f"`{name}`" not in README] == []


@pytest.mark.parametrize("path", reference.FILES, ids=lambda path: path.name)
def test_the_tables_are_as_the_models_are(path: Path):
    text = path.read_text(encoding="utf-8")
    assert reference.filled(text) == text, "write them anew: python api/reference.py"


def test_the_reference_has_every_table():
    assert set(re.findall("<!-- table: (.+?) -->", reference.FILES[0].read_text())) == reference.TABLES.keys()


def test_the_packages_are_locked_with_hashes_and_without_an_address():
    lines = (API / "functions" / "requirements.txt").read_text()
    names = re.findall(r"^([a-z-]+)==", lines, re.MULTILINE)
    assert set(names) == {"aws-lambda-powertools", "jmespath", "typing-extensions"}
    assert lines.count("--hash=sha256:") >= len(names)
    assert "http" not in lines and "index-url" not in lines
