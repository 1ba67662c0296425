"""Report how far an endpoint is Amazon Personalize."""

# ruff: noqa: T201 (a command line prints)

import argparse
import sys

from personalize_local.cloud.settings import CloudSettings

EXIT_DIFFERENT = 1
EXIT_NOT_ASKED = 2


def add_probe_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local probe`."""
    parser.add_argument(
        "url",
        metavar="URL",
        help="the endpoint, such as http://localhost:4566 or https://personalize.REGION.amazonaws.com",
    )
    parser.add_argument(
        "--write", action="store_true", help="also create throw-away resources, and delete them again; free of charge"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--failures", action="store_true", help="leave out of the table what passed")
    parser.add_argument("--region", metavar="REGION", help="the region to sign for; else that of the URL or profile")
    parser.add_argument("--profile", metavar="NAME", help="the profile whose credentials sign; else boto3's choice")


def run_probe(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Put the questions and print what was found; exit code 0 for no difference, 1 for some, 2 for no answers."""
    # Only here: botocore's clients take a moment to import, and the other commands do not need them.
    from personalize_local.probe.endpoint import Endpoint, EndpointError
    from personalize_local.probe.report import probe

    try:
        endpoint = Endpoint(options.url, profile=options.profile, region=options.region)
        report = probe(endpoint, write=options.write)
    except EndpointError as error:
        print(f"personalize-local: {error}", file=sys.stderr)
        return EXIT_NOT_ASKED
    print(report.to_json() if options.json else report.to_table(failures_only=options.failures))
    return 0 if report.is_conformant else EXIT_DIFFERENT
