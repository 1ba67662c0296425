"""State machine definitions in YAML, which CloudFormation takes from S3 and MiniStack does not."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from personalize_local.cloud.emulator.names import private, replace_private

NAME = "ministack.services.cloudformation.provisioners:_sfn_definition"


class _AmazonStatesLoader(yaml.SafeLoader):
    """YAML as JSON has it: a time such as a Wait's `Timestamp` stays text."""


_AmazonStatesLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def install_yaml_definitions() -> None:
    """Let templates name `*.asl.yaml` files as definitions."""
    original = private(NAME)

    def definition(props: Mapping[str, Any]) -> str:
        return as_json(original(props))

    replace_private(NAME, definition)


def as_json(definition: str) -> str:
    """Return a definition as JSON text, whichever of the two it is written in.

    Errors: ValueError saying where it cannot be read; the deployment shows it as the resource's reason.
    Source: documented (AWS::StepFunctions::StateMachine, DefinitionS3Location takes JSON and YAML files).
    """
    try:
        json.loads(definition)
        return definition
    except ValueError:
        pass
    try:
        # S506: the loader is a SafeLoader
        tree = yaml.load(definition, Loader=_AmazonStatesLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"The state machine definition is neither JSON nor YAML: {error}") from error
    if not isinstance(tree, dict):
        raise ValueError("The state machine definition is neither a JSON nor a YAML object.")
    return json.dumps(tree)
