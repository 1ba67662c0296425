"""A local cloud as its users have it: one port, ordinary clients, mails, state machines."""

from __future__ import annotations

import io
import json
import socket
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_local.cloud.outbox import Outbox
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.cloud.conftest import LocalCloud

ROLE = "arn:aws:iam::000000000000:role/any"
PERSONALIZE = "arn:aws:personalize:us-east-1:000000000000"
STATE_MACHINE = """
StartAt: Wait
States:
  Wait: {Type: Wait, Seconds: 60, Next: Ask}
  Ask:
    Type: Task
    Resource: arn:aws:states:::aws-sdk:personalize:listRecipes
    Parameters: {MaxResults: 3}
    ResultPath: $.recipes
    Next: Miss
  Miss:
    Type: Task
    Resource: arn:aws:states:::aws-sdk:personalize:describeCampaign
    Parameters: {CampaignArn: "arn:aws:personalize:us-east-1:000000000000:campaign/none"}
    Catch: [{ErrorEquals: [Personalize.ResourceNotFoundException], ResultPath: $.missed, Next: Tell}]
    End: true
  Tell:
    Type: Task
    Resource: arn:aws:states:::sns:publish
    Parameters: {TopicArn: "${Topic}", Subject: Workflow, "Message.$": $.missed.Error}
    ResultPath: null
    End: true
"""
TEMPLATE = {
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": "workflow@example.com"}]},
        },
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": ROLE,
                "DefinitionS3Location": {"Bucket": "definitions", "Key": "flow.asl.yaml"},
                "DefinitionSubstitutions": {"Topic": {"Ref": "Topic"}},
            },
        },
    },
    "Outputs": {"Flow": {"Value": {"Ref": "Flow"}}},
}
FUNCTION = """
import boto3

def handler(event, context):
    recipes = boto3.client("personalize").list_recipes()["recipes"]
    boto3.client("sns").publish(TopicArn=event["topic"], Message=recipes[0]["name"])
    return {"count": len(recipes)}
"""


def poll(question: Callable[[], Any], *, within_s: float = 60) -> Any:
    """Ask until there is an answer."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"no answer within {within_s} s")


def mails_to(cloud: LocalCloud, recipient: str) -> list[Any]:
    return [mail for mail in Outbox(cloud.settings.mail_dir).list() if mail.recipient == recipient]


def subscribe(cloud: LocalCloud, topic: str, recipient: str, protocol: str = "email", **attributes: str) -> str:
    sns = cloud.client("sns")
    topic_arn = sns.create_topic(Name=topic)["TopicArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=recipient, Attributes=attributes)
    return topic_arn


def test_one_port_answers_for_personalize_and_for_the_others(local_cloud: LocalCloud) -> None:
    assert local_cloud.client("personalize").list_recipes()["recipes"]
    local_cloud.client("s3").create_bucket(Bucket="one-port")
    assert "one-port" in [bucket["Name"] for bucket in local_cloud.client("s3").list_buckets()["Buckets"]]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        local_cloud.client("personalize-runtime").get_recommendations(
            campaignArn="arn:aws:personalize:us-east-1:000000000000:campaign/none", userId="u"
        )


def test_a_large_object_passes_both_ways(local_cloud: LocalCloud) -> None:
    s3 = local_cloud.client("s3")
    s3.create_bucket(Bucket="large")
    content = bytes(range(256)) * 80_000  # 20 MB: several parts
    s3.upload_fileobj(io.BytesIO(content), "large", "folder/a b+c%2F.bin")
    assert s3.head_object(Bucket="large", Key="folder/a b+c%2F.bin")["ContentLength"] == len(content)
    assert s3.get_object(Bucket="large", Key="folder/a b+c%2F.bin")["Body"].read() == content
    part = s3.get_object(Bucket="large", Key="folder/a b+c%2F.bin", Range="bytes=256-258")
    assert part["Body"].read() == b"\x00\x01\x02"


@behaviour(
    "Beside Personalize",
    "State machines call all three APIs, with AWS's error names (PersonalizeRuntime.ResourceNotFoundException)",
    EXACT,
    source="documented",
)
@pytest.mark.parametrize(
    ("call", "parameters", "error"),
    [
        (
            "personalizeruntime:getRecommendations",
            {"CampaignArn": f"{PERSONALIZE}:campaign/none", "UserId": "u", "FilterValues": {"Kind": "1"}},
            "PersonalizeRuntime.ResourceNotFoundException",
        ),
        (
            "personalizeevents:putItems",
            {"DatasetArn": f"{PERSONALIZE}:dataset/none/ITEMS", "Items": [{"ItemId": "i", "Properties": "{}"}]},
            "PersonalizeEvents.ResourceNotFoundException",
        ),
    ],
)
def test_a_state_machine_recommends_and_sends(
    local_cloud: LocalCloud, call: str, parameters: dict[str, Any], error: str
) -> None:
    ask = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{call}", "Parameters": parameters, "End": True}
    machines = local_cloud.client("stepfunctions")
    machine_arn = machines.create_state_machine(
        name=call.replace(":", "-"), roleArn=ROLE, definition=json.dumps({"StartAt": "Ask", "States": {"Ask": ask}})
    )["stateMachineArn"]
    arn = machines.start_execution(stateMachineArn=machine_arn)["executionArn"]
    poll(lambda: machines.describe_execution(executionArn=arn)["status"] != "RUNNING")
    execution = machines.describe_execution(executionArn=arn)
    assert (execution["status"], execution["error"]) == ("FAILED", error)
    assert "does not exist" in execution["cause"]


def test_only_loopback_is_served(local_cloud: LocalCloud) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # no packet is sent: this asks for the address that would be used
        address = probe.getsockname()[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, local_cloud.settings.port), timeout=5)


@behaviour(
    "Beside Personalize",
    "An e-mail subscription of SNS delivers into the local outbox without a confirmation",
    APPROXIMATED,
    source="documented for AWS: it asks for one",
)
def test_a_notification_becomes_a_mail(local_cloud: LocalCloud) -> None:
    topic_arn = subscribe(local_cloud, "news", "reader@example.com")
    local_cloud.client("sns").publish(TopicArn=topic_arn, Subject="Ready", Message="All campaigns are active.\nBye")
    local_cloud.client("sns").publish(TopicArn=topic_arn, Message="No subject")
    first, second = mails_to(local_cloud, "reader@example.com")
    assert (first.subject, first.sender) == ("Ready", "AWS Notifications <no-reply@sns.amazonaws.com>")
    assert first.body.startswith("All campaigns are active.\nBye\n\n--\nIf you wish to stop receiving notifications")
    assert second.subject == "AWS Notification Message"


def test_a_subscription_gets_what_its_filter_lets_through(local_cloud: LocalCloud) -> None:
    policy = json.dumps({"kind": ["failure"]})
    topic_arn = subscribe(local_cloud, "filtered", "on-call@example.com", protocol="email-json", FilterPolicy=policy)
    for kind in ("success", "failure"):
        local_cloud.client("sns").publish(
            TopicArn=topic_arn, Message=kind, MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}}
        )
    (mail,) = mails_to(local_cloud, "on-call@example.com")
    assert json.loads(mail.body)["Message"] == "failure"


def test_a_lambda_reaches_personalize_and_its_publish_becomes_a_mail(local_cloud: LocalCloud) -> None:
    topic_arn = subscribe(local_cloud, "from-lambda", "lambda@example.com")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("app.py", FUNCTION)
    functions = local_cloud.client("lambda")
    functions.create_function(
        FunctionName="ask", Runtime="python3.13", Role=ROLE, Handler="app.handler", Timeout=30,
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip
    reply = functions.invoke(FunctionName="ask", Payload=json.dumps({"topic": topic_arn}))
    recipes = local_cloud.client("personalize").list_recipes()["recipes"]
    assert json.loads(reply["Payload"].read()) == {"count": len(recipes)}
    assert mails_to(local_cloud, "lambda@example.com")[0].body.startswith(recipes[0]["name"])


def test_a_state_machine_in_yaml_waits_briefly_asks_personalize_and_mails(local_cloud: LocalCloud) -> None:
    s3, stacks, executions = (local_cloud.client(name) for name in ("s3", "cloudformation", "stepfunctions"))
    s3.create_bucket(Bucket="definitions")
    s3.put_object(Bucket="definitions", Key="flow.asl.yaml", Body=STATE_MACHINE.encode())
    stacks.create_stack(StackName="flow", TemplateBody=json.dumps(TEMPLATE))
    stack = poll(
        lambda: [stack for stack in stacks.describe_stacks(StackName="flow")["Stacks"] if stack.get("Outputs")]
    )
    started = executions.start_execution(stateMachineArn=stack[0]["Outputs"][0]["OutputValue"], input="{}")

    def finished() -> dict[str, Any] | None:
        execution = executions.describe_execution(executionArn=started["executionArn"])
        return execution if execution["status"] != "RUNNING" else None

    execution = poll(finished, within_s=30)
    assert execution["status"] == "SUCCEEDED", execution
    assert len(json.loads(execution["output"])["recipes"]["Recipes"]) == 3
    (mail,) = mails_to(local_cloud, "workflow@example.com")
    assert (mail.subject, mail.body.partition("\n")[0]) == ("Workflow", "Personalize.ResourceNotFoundException")
