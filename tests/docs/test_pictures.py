"""The committed pictures are what the script draws from today's templates and state machine."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.pictures import architecture
from docs.pictures.__main__ import MACHINES, MLOPS, pictures
from personalize_local.console.drawing import workflow

POLLING = {
    "StartAt": "Create",
    "States": {
        "Create": {"Type": "Task", "Next": "Ready?", "Catch": [{"Next": "Tell"}]},
        "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Describe"},
        "Describe": {"Type": "Task", "Next": "Ready?"},
        "Ready?": {"Type": "Choice", "Choices": [{"Next": "Done"}], "Default": "Wait"},
        "Done": {"Type": "Succeed"},
        "Tell": {"Type": "Fail"},
    },
}


@pytest.mark.parametrize("path", list(pictures()), ids=lambda path: path.name)
def test_committed_picture_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pictures()[path], "run `make pictures` and commit the result"


def test_every_state_machine_is_drawn() -> None:
    assert set(MACHINES) == {path.name.removesuffix(".asl.yaml") for path in (MLOPS / "statemachines").iterdir()}


def test_order_folds_the_polling_loop_and_puts_handlers_last() -> None:
    scope = workflow.read_scope(POLLING)
    assert scope.polls == {"Ready?": ("Wait", "Describe")}
    assert workflow.order(scope) == ["Create", "Ready?", "Done", "Tell"]


def test_workflow_picture_is_xml_and_names_every_state() -> None:
    text = workflow.draw(POLLING, "Polling <until> ready")
    ElementTree.fromstring(text)
    assert all(f">{name}<" in text for name in POLLING["States"] if name != "Wait")
    assert "a failure here leads to: Tell" in text


def test_stack_is_read_with_its_arrows() -> None:
    template = {
        "Resources": {
            "Inbox": {"Type": "AWS::S3::Bucket"},
            "Start": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Events": {"Upload": {"Type": "S3", "Properties": {"Bucket": {"Ref": "Inbox"}}}},
                    "Environment": {"Variables": {"TOPIC": {"Ref": "News"}}},
                    "Policies": [{"Statement": [{"Action": "personalize:DescribeCampaign"}]}],
                },
            },
            "News": {"Type": "AWS::SNS::Topic"},
            "Role": {"Type": "AWS::IAM::Role"},
        }
    }
    stack = architecture.read_stack("mine", template)
    assert stack.arrows == {("Inbox", "Start"), ("Start", "News")}
    assert stack.asks == {"Start"}
    assert architecture.columns(stack) == [["Inbox"], ["Start"], ["News"]]
