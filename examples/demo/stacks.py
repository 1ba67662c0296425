"""Deploy a SAM project with its three commands, and read what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from examples.demo.errors import CommandFailedError, DemoError
from examples.demo.settings import CODE_BUCKET
from examples.demo.shell import Shell


def create_code_bucket(shell: Shell) -> None:
    """Create the bucket for the stacks' code; one that is there already is as good."""
    try:
        shell.run("aws", "s3api", "create-bucket", "--bucket", CODE_BUCKET)
    except CommandFailedError as error:
        if "BucketAlreadyOwnedByYou" not in error.output:
            raise
        shell.screen.say("The bucket is there from an earlier run.", style="dim")


def deploy_stack(shell: Shell, folder: Path, stack: str, parameters: Mapping[str, str]) -> None:
    """Validate, build and deploy; a stack that is as it should be stays as it is."""
    shell.cd(folder)
    name = folder.name
    shell.run_long("sam", "validate", "--lint", log_name=f"{name}-validate")
    shell.run_long("sam", "build", log_name=f"{name}-build")
    overrides = [f"ParameterKey={key},ParameterValue={value}" for key, value in parameters.items()]
    options = ["--stack-name", stack, "--s3-bucket", CODE_BUCKET, "--capabilities", "CAPABILITY_IAM"]
    shell.run_long("sam", "deploy", *options, "--parameter-overrides", *overrides, log_name=f"{name}-deploy")


def stack_outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """Give a stack's outputs; none when it does not exist."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return {}
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def read_output(shell: Shell, stack: str, key: str) -> str:
    """Look one output up, the way one would by hand.

    Errors: DemoError when the stack has no such output.
    """
    query = f"Stacks[0].Outputs[?OutputKey=='{key}'].OutputValue"
    options = ["--stack-name", stack, "--query", query, "--output", "text"]
    value = shell.run("aws", "cloudformation", "describe-stacks", *options).strip()
    if value in ("", "None"):
        raise DemoError(f"The stack {stack} has no output {key}.")
    return value
