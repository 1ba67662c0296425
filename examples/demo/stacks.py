"""Deploy a SAM project with its three commands, and read what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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


def read_outputs(shell: Shell, stack: str, *keys: str) -> dict[str, str]:
    """Look a stack's outputs up, the way one would by hand.

    Errors: DemoError when one of the keys is missing.
    """
    query = "Stacks[0].Outputs[].[OutputKey,OutputValue]"
    options = ["--stack-name", stack, "--query", query, "--output", "text"]
    text = shell.run("aws", "cloudformation", "describe-stacks", *options)
    outputs = dict(line.split("\t", 1) for line in text.splitlines() if "\t" in line)
    missing = [key for key in keys if not outputs.get(key)]
    if missing:
        raise DemoError(f"The stack {stack} has no output {missing[0]}.")
    return outputs
