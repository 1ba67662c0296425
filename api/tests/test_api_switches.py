"""What the template's switches make of it: what runs on AWS only (gradual deployment, firewall, domain) is read."""

import re
from typing import Any

import pytest
from recommendations.messages import MAX_BODY_BYTES
from template_reading import deployed

EVERY_SWITCH = {
    "GradualDeployment": "yes",
    "Firewall": "yes",
    "JwtIssuer": "https://issuer.example",
    "JwtAudience": "pages",
    "DomainName": "reco.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c",
    "ProvisionedConcurrency": "2",
    "KinesisEventStream": "events",
    "KinesisContentStream": "content",
    "EventFanOutStream": "all-events",
    "AlarmEmail": "reader@example.com",
}


@pytest.fixture(autouse=True)
def region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def of_type(made: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: entry["Properties"] for name, entry in made.items() if entry["Type"] == kind}


def references(value: Any) -> set[str]:
    """Give the logical names that a value refers to with Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    if value.keys() == {"Ref"}:
        return {value["Ref"]}
    if value.keys() == {"Fn::GetAtt"}:
        target = value["Fn::GetAtt"]
        return {target.partition(".")[0] if isinstance(target, str) else target[0]}
    if value.keys() == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
        return {name.partition(".")[0] for name in re.findall(r"\$\{([^}!]+)\}", value["Fn::Sub"])}
    return set().union(*map(references, value.values()))


@pytest.mark.parametrize("parameters", [{}, EVERY_SWITCH, *({n: v} for n, v in EVERY_SWITCH.items())], ids=str)
def test_nothing_refers_to_what_is_not_made(parameters, template):
    made = deployed(**parameters)
    named = {name for name in references(list(made.values())) if not name.startswith("AWS::")}
    assert named - made.keys() - template["Parameters"].keys() <= {"ConfigName"}  # a name inside a Fn::Sub of SAM's


def test_without_switches_nothing_of_theirs_is_made():
    kinds = {entry["Type"] for entry in deployed().values()}
    absent = ("CodeDeploy::Application", "WAFv2::WebACL", "ApiGateway::DomainName", "Lambda::EventSourceMapping")
    assert kinds.isdisjoint({f"AWS::{kind}" for kind in absent})
    assert "AuthorizeFunction" not in deployed()


def test_a_gradual_deployment_is_codedeploys_with_the_alarms_and_the_check():
    made = deployed(GradualDeployment="yes")
    (group,) = of_type(made, "AWS::CodeDeploy::DeploymentGroup").values()
    assert group["DeploymentConfigName"] == {
        "Fn::Sub": ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": "Canary10Percent5Minutes"}]
    }
    watched = {alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]}
    assert watched == {"FunctionErrorsAlarm", "FallbackListsAlarm", "LatencyAlarm"}
    assert watched <= of_type(made, "AWS::CloudWatch::Alarm").keys()
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(group["AutoRollbackConfiguration"]["Events"])
    update = made["GetRecommendationsFunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update["BeforeAllowTrafficHook"] == {"Ref": "CheckReleaseFunction"}
    check = made["CheckReleaseFunction"]["Properties"]
    assert check["FunctionName"] == {"Fn::Sub": "CodeDeployHook_${AWS::StackName}"}  # what CodeDeploy's role may invoke
    (version,) = of_type(made, "AWS::Lambda::Version")
    assert check["Environment"]["Variables"]["NEW_VERSION"] == {"Ref": version}


def test_a_sudden_deployment_moves_the_alias_at_once():
    made = deployed(GradualDeployment="no")
    assert "UpdatePolicy" not in made["GetRecommendationsFunctionAliaslive"]
    assert not of_type(made, "AWS::CodeDeploy::DeploymentGroup")


def test_warm_instances_stand_behind_the_alias_that_the_gateway_may_call():
    made = deployed(ProvisionedConcurrency="2")
    alias = made["GetRecommendationsFunctionAliaslive"]["Properties"]
    assert alias["ProvisionedConcurrencyConfig"]["ProvisionedConcurrentExecutions"] == {"Ref": "ProvisionedConcurrency"}
    permissions = [
        entry["FunctionName"]
        for entry in of_type(made, "AWS::Lambda::Permission").values()
        if entry["Principal"] == "apigateway.amazonaws.com"
    ]
    assert permissions == [{"Ref": "GetRecommendationsFunctionAliaslive"}] * 11
    assert "ProvisionedConcurrencyConfig" not in deployed()["GetRecommendationsFunctionAliaslive"]["Properties"]


def test_the_firewall_blocks_in_front_of_the_stage():
    made = deployed(Firewall="yes")
    acl = made["WebAcl"]["Properties"]
    managed = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule
        for rule in acl["Rules"]
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    assert managed.keys() == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    }
    assert all(
        rule["OverrideAction"] == {"None": {}} for rule in managed.values()
    )  # None: the rules' own, that is block
    assert sorted(rule["Priority"] for rule in acl["Rules"]) == list(range(len(acl["Rules"])))
    association = made["FirewallAssociation"]["Properties"]
    assert association["WebACLArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}
    assert association["ResourceArn"]["Fn::Sub"].endswith(
        "/restapis/${RecommendationsApi}/stages/${RecommendationsApiStage}"
    )


def test_the_firewalls_limits_are_the_apis():
    rules = {rule["Name"]: rule for rule in deployed(Firewall="yes")["WebAcl"]["Properties"]["Rules"]}
    size = rules["RequestTooLarge"]
    assert size["Statement"]["SizeConstraintStatement"]["Size"] == MAX_BODY_BYTES
    assert size["Statement"]["SizeConstraintStatement"]["FieldToMatch"]["Body"]["OversizeHandling"] == "MATCH"
    assert size["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 413
    common = rules["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert common["RuleActionOverrides"] == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    rate = rules["TooManyRequests"]
    assert rate["Statement"]["RateBasedStatement"]["Limit"] == {"Ref": "FirewallRequestsPer5Minutes"}
    answer = rate["Action"]["Block"]["CustomResponse"]
    assert (answer["ResponseCode"], answer["ResponseHeaders"][0]["Name"]) == (429, "Retry-After")


def test_tokens_let_in_where_an_issuer_is_named_and_keys_otherwise():
    def ways_in(made: dict[str, Any]) -> tuple[Any, Any]:
        document = made["RecommendationsApi"]["Properties"]["Body"]
        needed = {
            (path, method): entry.get("security")
            for path, ways in document["paths"].items()
            for method, entry in ways.items()
        }
        return needed, document["components"]["securitySchemes"]

    needed, schemes = ways_in(deployed())
    assert needed["/recommendations", "post"] == [{"key": []}] and "token" not in schemes
    made = deployed(JwtIssuer="https://issuer.example", JwtAudience="pages")
    needed, schemes = ways_in(made)
    closed = {way for way, security in needed.items() if security}
    assert {way[0] for way in closed} == {"/recommendations", "/related", "/rerank", "/events"}
    assert all(needed[way] == [{"token": []}] for way in closed)
    authorizer = schemes["token"]["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "token" and "${AuthorizeFunction.Arn}" in authorizer["authorizerUri"]["Fn::Sub"]
    permission = made["AuthorizePermission"]["Properties"]
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${RecommendationsApi}/authorizers/*")
    variables = made["AuthorizeFunction"]["Properties"]["Environment"]["Variables"]
    assert (variables["JWT_ISSUER"], variables["JWT_AUDIENCE"]) == ({"Ref": "JwtIssuer"}, {"Ref": "JwtAudience"})


def test_a_domain_leads_to_the_stage_over_tls():
    made = deployed(DomainName="reco.example.com", CertificateArn="c")
    domain, mapping = made["Domain"]["Properties"], made["DomainMapping"]["Properties"]
    assert (domain["SecurityPolicy"], domain["RegionalCertificateArn"]) == ("TLS_1_2", {"Ref": "CertificateArn"})
    assert mapping["Stage"] == {"Ref": "RecommendationsApiStage"}


def test_records_that_fail_are_cut_out_and_kept():
    made = deployed(KinesisEventStream="events", KinesisContentStream="content")
    mappings = of_type(made, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2
    for mapping in mappings.values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["BisectBatchOnFunctionError"] is True
        assert 0 < mapping["MaximumRetryAttempts"] <= 10_000 and 60 <= mapping["MaximumRecordAgeInSeconds"] <= 604_800
        assert mapping["DestinationConfig"]["OnFailure"] == {"Destination": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}}


def test_calls_are_traced_everywhere():
    made = deployed(**EVERY_SWITCH)
    functions = of_type(made, "AWS::Lambda::Function")
    assert len(functions) == 7 and all(one["TracingConfig"] == {"Mode": "Active"} for one in functions.values())
    assert made["RecommendationsApiStage"]["Properties"]["TracingEnabled"] is True


def test_the_monitor_finds_the_stage_by_its_tag():
    tags = deployed()["RecommendationsApiStage"]["Properties"]["Tags"]
    assert {"Key": "personalize-monitor", "Value": "api"} in tags
