"""`python plan.py params.json [--data DIR|s3://BUCKET]`: what a run would do, cost and take, without doing anything."""

# ruff: noqa: E402, T201 (the layer's folder comes first; a command line prints)

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PROJECT = Path(__file__).parent
sys.path[:0] = [str(PROJECT / "layer"), str(PROJECT)]

from commands.local_bucket import LocalBucket
from commands.outlook import REFUSED
from commands.planner import Outlook, Planner, Source
from commands.read_only import ReadOnlyClient
from commands.tables import as_data, show
from pipeline.errors import PipelineError

from personalize_spec.arns import Scope
from personalize_spec.parameters import has_errors
from personalize_spec.prices import PriceTable, override_prices

EXIT_REFUSED = 1
EXIT_FAILED = 2


def main(arguments: list[str] | None = None) -> int:
    """Print the plan; exit code 1 where a run would be refused, 2 where nothing can be read."""
    options = _parse(arguments)
    try:
        prices = override_prices(options.prices)
        found = _plan(options, prices)
    except (PipelineError, BotoCoreError, ClientError, OSError, ValueError) as error:
        print(f"plan: {error}", file=sys.stderr)
        return EXIT_FAILED
    if options.json:
        print(json.dumps(as_data(found.findings, found.steps, found.costs, prices), indent=1))
    else:
        show(found.findings, found.steps, found.costs, prices)
        if options.data is None:
            print("Without --data nothing is known of new files: imports, and trainings for them, are not counted.")
    is_refused = has_errors(list(found.findings)) or any(step.action == REFUSED for step in found.steps)
    return EXIT_REFUSED if is_refused else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parameters", type=Path, help="the parameter file")
    parser.add_argument("--data", help="a folder that holds Interactions/ and so on, or s3:// and the input bucket")
    parser.add_argument("--prices", default="", help='your prices as JSON, such as {"training_hour": 0.3}')
    parser.add_argument("--region", help="the region, where it is not your default one")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args(arguments)


def _plan(options: argparse.Namespace, prices: PriceTable) -> Outlook:
    client = boto3.client("personalize", region_name=options.region)
    identity = boto3.client("sts", region_name=options.region).get_caller_identity()
    scope = Scope(client.meta.region_name, identity["Account"], identity["Arn"].split(":")[1])
    planner = Planner(ReadOnlyClient(client), scope, prices)
    return planner.plan(options.parameters.read_bytes(), _source(options.data), time.time())


def _source(place: str | None) -> Source | None:
    """Where the data are.

    Errors: ValueError for a folder that is not there, or a place within a bucket.
    """
    if place is None:
        return None
    if place.startswith("s3://"):
        bucket, _, rest = place.removeprefix("s3://").partition("/")
        if rest:
            raise ValueError(f"{place} is a place within a bucket: name the input bucket itself, s3://{bucket}")
        return Source(boto3.client("s3"), bucket)
    folder = Path(place)
    if not folder.is_dir():
        raise ValueError(f"{place} is no folder: name one that holds Interactions/ and so on, or s3://BUCKET")
    return Source(LocalBucket(folder), folder.resolve().name)


if __name__ == "__main__":
    sys.exit(main())
