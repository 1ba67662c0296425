"""The console in the local cloud's own process: its clients call this same port.

boto3 is imported with the first client: the server answers before.
"""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from botocore.config import Config

from personalize_local.cloud.settings import CloudSettings
from personalize_local.console.account import Account
from personalize_local.console.app import Console, ConsoleSettings
from personalize_local.console.demo import Demo
from personalize_local.console.inside import Inside

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"  # an access key that is an account's id acts in that account
READ_BYTES = 1024**3  # of each dataset: S3 is in this machine
CHECKOUT = Path(__file__).resolve().parents[3]
CONFIG = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=60, max_pool_connections=16)


def create_console(settings: CloudSettings, own_secret: str, inside: Inside) -> Console:
    """Give the console of a local cloud; it may change things, as everybody on this machine may.

    Args:
        own_secret: signs what the local cloud asks itself, where signatures are required.
        inside: what the models know that the API does not tell.
    """
    secret = own_secret if settings.require_signature else "test"

    @cache
    def session() -> Any:
        import boto3

        return boto3.Session(aws_access_key_id=ACCOUNT_ID, aws_secret_access_key=secret, region_name=REGION)

    def make_client(service: str, region: str | None = None) -> Any:
        return session().client(service, region_name=region, endpoint_url=settings.url, config=CONFIG)

    return Console(
        Account(make_client, REGION),
        ConsoleSettings(
            place="local cloud",
            may_change=True,
            host=settings.host,
            api_address=settings.url + "/_aws/execute-api/{api}/{stage}",
            read_bytes=READ_BYTES,
            look_every_s=0.5,
        ),
        demo=_demo(settings),
        inside=inside,
    )


def _demo(settings: CloudSettings) -> Demo | None:
    """Give the demo where this package runs from a checkout that has one."""
    if not (CHECKOUT / "examples" / "demo").is_dir():
        return None
    command = (sys.executable, "-m", "examples.demo")
    return Demo(command, CHECKOUT, settings.data_dir / "demo" / "console.log", os.environ | settings.environment)
