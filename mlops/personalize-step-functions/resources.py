"""`python resources.py GROUP --table TABLE`: list every resource of a dataset group; exit code 1 when there is any."""

# ruff: noqa: E402, T201 (the layer's folder comes first; a command line prints)

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PROJECT = Path(__file__).parent
sys.path[:0] = [str(PROJECT / "layer"), str(PROJECT)]

from commands.listing import count_of, lines_of
from pipeline.errors import PipelineError
from pipeline.gateway import make_gateway
from pipeline.inventory import Beside, take_inventory
from pipeline.schedules import Schedules
from pipeline.settings_table import SettingsTable

TABLE_SUFFIX = "-api-settings"


def main(arguments: list[str] | None = None) -> int:
    """List what there is, and what goes with it or stays as history."""
    options = _parse(arguments)
    try:
        inventory = take_inventory(make_gateway(), options.group, _beside(options))
    except (PipelineError, BotoCoreError, ClientError) as error:
        print(f"resources: {error}", file=sys.stderr)
        return 2
    stages = inventory.stages()
    if options.json:
        print(json.dumps({"stages": stages, "contained": list(inventory.contained)}, indent=1))
    else:
        name = "contained, or history that cannot be deleted"
        contained = [{"name": name, "resources": inventory.contained}] if inventory.contained else []
        print("\n".join([*lines_of([*stages, *contained]), f"{count_of(stages)} resources"]))
    return 1 if stages else 0


def _beside(options: argparse.Namespace) -> Beside:
    schedules = Schedules(boto3.client("scheduler"), options.schedules or options.table.removesuffix(TABLE_SUFFIX))
    table = SettingsTable(boto3.resource("dynamodb").Table(options.table))
    return Beside(table.rows(options.group), schedules.existing(options.group))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("group", help="the dataset group's name in the parameter file")
    parser.add_argument("--table", required=True, help="the settings table: the stack's output ApiSettingsTableName")
    parser.add_argument(
        "--schedules", default="", help="the group of schedules; by default the table's name without its end"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
