"""The walk itself, part by part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from examples.demo.api import address_and_key, deploy_api, fill_content_tables
from examples.demo.asking import Question
from examples.demo.clients import make_client
from examples.demo.conversation import Endpoint, converse
from examples.demo.datasets import DataSet, MovielensData, NewsroomData
from examples.demo.journal import Journal
from examples.demo.parts import Parts
from examples.demo.pipeline import group_arn, retire_other_backends, run_workflow, upload_data
from examples.demo.quality import compare_with_popularity
from examples.demo.screen import Screen
from examples.demo.settings import EMAIL, PIPELINE_STACK, DemoSettings
from examples.demo.shell import Shell
from examples.demo.stacks import create_code_bucket, deploy_stack, read_outputs
from examples.demo.tables import durations_table
from examples.demo.typed import quote, typed

PIPELINE_OUTPUTS = ("InputBucketName", "DeployStateMachineArn", "ApiSettingsTableName")


@dataclass
class Walk:
    """What the parts hand to each other."""

    settings: DemoSettings
    shell: Shell
    parts: Parts
    clients: Callable[[str], Any]

    @property
    def screen(self) -> Screen:
        return self.shell.screen


def take_the_walk(settings: DemoSettings, screen: Screen, data: str, events: int, reader_id: str | None) -> None:
    """Go from nothing to recommendations that change with what the reader reads.

    Errors: DemoError where the walk cannot go on.
    """
    shell = Shell(screen, settings.tool_environment(), settings.root, settings.log_dir)
    walk = Walk(settings, shell, Parts(screen), partial(make_client, settings))
    with walk.parts.part("Start the local cloud"):
        _start_cloud(walk)
    with walk.parts.part("Get the data"):
        data_set = _newsroom(walk, events) if data == "newsroom" else _movielens(walk)
    with walk.parts.part("Deploy the pipeline"):
        bucket, machine_arn, settings_table = _deploy_pipeline(walk)
    with walk.parts.part("Upload data and parameters; the workflow runs"):
        upload_data(shell, data_set, bucket)
        run_workflow(shell, walk.clients, data_set, bucket, machine_arn, settings.data_dir / "mail")
        retire_other_backends(shell, walk.clients("dynamodb"), settings_table, data_set)
    with walk.parts.part("Fill the content tables"):
        shell.cd(settings.root)
        fill_content_tables(shell, walk.clients("dynamodb"), data_set)
    arn = group_arn(machine_arn, data_set)
    with walk.parts.part("Deploy the API"):
        tracking_id = deploy_api(shell, settings, data_set, arn)
        url, key = address_and_key(shell, settings)
    with walk.parts.part("Ask, read on, ask again"):
        shell.cd(settings.root)
        journal = Journal(settings.work_dir / f"{data}-readings.jsonl")
        question = converse(shell, data_set, Endpoint(url, key, tracking_id), journal, reader_id)
    if data == "movielens":
        with walk.parts.part("Compare with most-popular"):
            compare_with_popularity(shell, walk.clients("personalize"), data_set, arn)
    _sum_up(walk, question)


def _start_cloud(walk: Walk) -> None:
    program = Path(sys.executable).with_name("personalize-local")
    walk.shell.run(walk.shell.path(program).removeprefix("./"), "up")
    walk.screen.say("From here on, all is as on AWS; these variables lead the ordinary tools to the local cloud:")
    walk.shell.export(walk.settings.cloud_variables)
    walk.screen.command('export PATH="$PWD/.venv-tools/bin:$PATH"')


def _newsroom(walk: Walk, events: int) -> DataSet:
    """Generate the newspaper up to the hour that has just begun."""
    folder = walk.settings.work_dir / "newsroom"
    python = walk.shell.path(Path(sys.executable)).removeprefix("./")
    arguments = ["--events", str(events), "--seed", "7", "--end", f"{datetime.now(UTC):%Y-%m-%dT%H:00:00Z}"]
    walk.shell.run(python, "-m", "examples.newsroom", *arguments, "--out", walk.shell.path(folder))
    walk.screen.say("This newspaper is generated: its articles, readers and page views are invented.")
    return NewsroomData(folder, walk.settings.root / "mlops" / "params.json")


def _movielens(walk: Walk) -> DataSet:
    folder = walk.settings.root / "examples" / "movielens"
    walk.screen.say(
        "MovieLens latest small, by GroupLens: 158,371 events of 610 viewers on 9,742 films. "
        "It is in examples/movielens, with its terms beside it."
    )
    return MovielensData(folder, folder / "params.json")


def _deploy_pipeline(walk: Walk) -> list[str]:
    """Deploy, and give what the following parts need of the stack's outputs, in the order of PIPELINE_OUTPUTS."""
    create_code_bucket(walk.shell)
    folder = walk.settings.root / "mlops" / "personalize-step-functions"
    deploy_stack(walk.shell, folder, PIPELINE_STACK, {"Email": EMAIL})
    outputs = read_outputs(walk.shell, PIPELINE_STACK, *PIPELINE_OUTPUTS)
    return [outputs[key] for key in PIPELINE_OUTPUTS]


def _sum_up(walk: Walk, question: Question) -> None:
    walk.screen.title("Done")
    walk.screen.show(durations_table(walk.parts))
    walk.screen.say(
        "On AWS the same workflow takes 12 to 15 hours, says the newspaper's own README; "
        "locally it trains small models on this machine."
    )
    walk.screen.say("Ask again:")
    width = walk.screen.command_width
    walk.screen.command(typed(question.command(width), width))
    walk.screen.say("Stop the local cloud (what it holds is kept):")
    walk.screen.command(" ".join(["make down", *(f"{k}={quote(v)}" for k, v in walk.settings.own_variables.items())]))
