"""The pipeline: data into the input bucket, the parameter file after it, and the workflow to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.demo.datasets import DataSet, group_name
from examples.demo.errors import DemoError
from examples.demo.execution import Follower, Outcome, execution_arns, wait_for_start
from examples.demo.mails import mail_files, mail_text, wait_for_mail
from examples.demo.screen import seconds
from examples.demo.shell import Shell

ACTIVE_ROW = "active"


def upload_data(shell: Shell, data_set: DataSet, bucket: str) -> None:
    """Copy the two folders of data into the input bucket, from the folder of the parameter file."""
    shell.cd(data_set.parameters_file.parent)
    for name in ("Items", "Interactions"):
        source = shell.path(data_set.folder / name)
        shell.run("aws", "s3", "cp", "--no-progress", "--recursive", source, f"s3://{bucket}/{name}")


def run_workflow(
    shell: Shell, clients: Callable[[str], Any], data_set: DataSet, bucket: str, machine_arn: str, mail_folder: Path
) -> None:
    """Upload the parameter file, which starts the workflow, follow it, and show the mail.

    Errors: DemoError when the workflow fails; its cause has been shown.
    """
    states, personalize = clients("stepfunctions"), clients("personalize")
    known, known_mails = execution_arns(states, machine_arn), mail_files(mail_folder)
    started = time.monotonic()
    shell.cd(data_set.parameters_file.parent)
    shell.run("aws", "s3", "cp", "--no-progress", f"./{data_set.parameters_file.name}", f"s3://{bucket}")
    execution_arn = wait_for_start(states, machine_arn, known)
    shell.screen.say(f"The upload has started the workflow: {execution_arn.rsplit(':', 1)[-1]}")
    follower = Follower(shell.screen, states, personalize, group_arn(machine_arn, data_set))
    outcome = follower.follow(execution_arn, machine_arn)
    if outcome.succeeded:
        shell.screen.done(f"SUCCEEDED in {seconds(time.monotonic() - started)}")
    else:
        shell.screen.fail(f"{outcome.status}: {outcome.error}")
    _show_mail(shell, mail_folder, known_mails, outcome)
    if not outcome.succeeded:
        raise DemoError(f"The workflow ended {outcome.status}.", mail_folder)


def group_arn(any_arn: str, data_set: DataSet) -> str:
    """Give the dataset group's ARN, in the region and account of another ARN."""
    _, partition, _, region, account_id, *_ = any_arn.split(":")
    return f"arn:{partition}:personalize:{region}:{account_id}:dataset-group/{group_name(data_set)}"


def retire_other_backends(shell: Shell, dynamodb: Any, table: str, data_set: DataSet) -> None:
    """Take other data sets' backends out of the API's settings: it would share the traffic among all active ones."""
    for row in dynamodb.scan(TableName=table)["Items"]:
        name, status = row["name"]["S"], row["status"]["S"]
        if status == ACTIVE_ROW and name != group_name(data_set):
            shell.screen.say(f"The API shares its traffic among all active backends; {name} leaves:")
            key = json.dumps({"name": {"S": name}, "status": {"S": status}})
            shell.run("aws", "dynamodb", "delete-item", "--table-name", table, "--key", key)


def _show_mail(shell: Shell, folder: Path, known: frozenset[Path], outcome: Outcome) -> None:
    mail = wait_for_mail(folder, known)
    if mail is None:
        raise DemoError(f"The workflow has ended {outcome.status}, but no mail has come. {outcome.cause}", folder)
    shell.screen.say("The mail that the notification topic sent:")
    shell.screen.letter(mail_text(mail))
