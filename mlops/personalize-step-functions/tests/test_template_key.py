"""The template's rights on a key of one's own: what Personalize's documentation asks for, on that key alone.

Source: documented, https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-key-access.html.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "template.yaml"


def resources() -> dict[str, Any]:
    return yaml.safe_load(re.sub(r"!(Ref|Sub|GetAtt|Not|Equals) ", "", TEMPLATE.read_text()))["Resources"]


def statement(name: str) -> dict[str, Any]:
    [found] = resources()[name]["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_personalizes_role_may_use_the_key_that_the_stack_was_deployed_with() -> None:
    policy = resources()["PersonalizeUsesKey"]

    assert policy["Condition"] == "HasKey"
    assert policy["Properties"]["Roles"] == ["PersonalizeRole"]
    assert statement("PersonalizeUsesKey") == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants"],
        "Resource": "KmsKeyArn",
    }


def test_a_role_of_ones_own_may_be_handed_to_personalize_and_to_nobody_else() -> None:
    policy = resources()["EnsureResourcePassesKeyRole"]

    assert policy["Condition"] == "HasKeyRole"
    assert policy["Properties"]["Roles"] == ["EnsureResourceFunctionRole"]
    found = statement("EnsureResourcePassesKeyRole")
    assert (found["Action"], found["Resource"]) == ("iam:PassRole", "KmsRoleArn")
    assert found["Condition"] == {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}


def test_the_check_knows_key_and_roles() -> None:
    variables = resources()["CheckParametersFunction"]["Properties"]["Environment"]["Variables"]

    assert variables == {
        "KMS_KEY_ARN": "KmsKeyArn",
        "KMS_ROLE_ARN": "KmsRoleArn",
        "PERSONALIZE_ROLE_ARN": "PersonalizeRole.Arn",
    }
