"""Serve the console over any AWS account that boto3 finds, from this machine."""

# ruff: noqa: T201 (a command line prints)

import argparse
from typing import Any

from personalize_local.cloud.listeners import listen
from personalize_local.cloud.settings import CloudSettings

DEFAULT_CONSOLE_PORT = 4567
DEFAULT_READ_MB = 64


def add_console_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local console`."""
    parser.add_argument("--region", help="the AWS region; what boto3 is configured for without")
    parser.add_argument("--profile", help="the profile of ~/.aws/config; what boto3 is configured for without")
    parser.add_argument(
        "--listen",
        type=int,
        default=DEFAULT_CONSOLE_PORT,
        metavar="NUMBER",
        help=f"the port on loopback ({DEFAULT_CONSOLE_PORT})",
    )
    parser.add_argument(
        "--read-mb",
        type=int,
        default=DEFAULT_READ_MB,
        metavar="NUMBER",
        help=f"megabytes of each dataset's files that pages read from S3; of larger ones a sample ({DEFAULT_READ_MB})",
    )
    parser.add_argument(
        "--allow-changes", action="store_true", help="let pages change things once confirmed; they only read without"
    )


def serve_console(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Serve until a signal. Errors: PortTakenError."""
    # Only here: the other commands need none of these.
    import boto3
    import uvicorn
    from botocore.config import Config

    from personalize_local.console.account import Account
    from personalize_local.console.app import Console, ConsoleSettings

    session = boto3.Session(region_name=options.region, profile_name=options.profile)
    if session.region_name is None:
        raise SystemExit("personalize-local: name a region with --region")
    config = Config(retries={"mode": "standard", "max_attempts": 4}, max_pool_connections=16)

    def make_client(service: str, region: str | None = None) -> Any:
        return session.client(service, region_name=region, config=config)

    place = f"AWS profile {options.profile}" if options.profile else "AWS account"
    console = Console(
        Account(make_client, session.region_name),
        ConsoleSettings(place=place, may_change=options.allow_changes, read_bytes=options.read_mb * 1024**2),
    )
    sockets = listen(options.listen)
    print(f"The console is ready: http://localhost:{options.listen}/_personalize/   (Ctrl-C stops it)", flush=True)
    uvicorn.Server(uvicorn.Config(console, ws="none", lifespan="off", access_log=False, server_header=False)).run(
        sockets
    )
    return 0
