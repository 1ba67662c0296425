"""A whole local cloud that requires signatures: its own functions and state machines get through, strangers do not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.servers import Server, poll, running

ROLE = "arn:aws:iam::000000000000:role/any"
KEY, SECRET = "READER", "secret-of-reader"
FUNCTION = """
import boto3

def handler(event, context):
    return len(boto3.client("personalize").list_recipes()["recipes"])
"""
DEFINITION = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:personalize:listRecipes",
            "Parameters": {"MaxResults": 3},
            "End": True,
        }
    },
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with running(tmp_path_factory.mktemp("signed"), "--require-signature", environment=environment) as server:
        yield server


def test_known_credentials_pass_and_others_do_not(guarded: Server) -> None:
    assert guarded.client("personalize", key=KEY, secret=SECRET).list_recipes()["recipes"]
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        guarded.client("personalize", key="STRANGER").list_recipes()
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        guarded.client("personalize", key="000000000000").list_recipes()


def test_a_function_reaches_personalize(guarded: Server) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("app.py", FUNCTION)
    functions = guarded.client("lambda")
    functions.create_function(
        FunctionName="ask", Runtime="python3.13", Role=ROLE, Handler="app.handler", Timeout=30,
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip
    assert json.loads(functions.invoke(FunctionName="ask")["Payload"].read()) > 20


def test_a_state_machine_reaches_personalize(guarded: Server) -> None:
    machines = guarded.client("stepfunctions")
    machine = machines.create_state_machine(name="ask", definition=json.dumps(DEFINITION), roleArn=ROLE)
    started = machines.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")

    def ended() -> dict[str, Any] | None:
        execution = machines.describe_execution(executionArn=started["executionArn"])
        return execution if execution["status"] != "RUNNING" else None

    execution = poll(ended)
    assert execution["status"] == "SUCCEEDED", execution
    assert len(json.loads(execution["output"])["Recipes"]) == 3
