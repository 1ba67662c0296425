"""Clients for what a person would look up in the console: progress, names, ids."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from examples.demo.settings import CLOUD_VARIABLES, REGION, DemoSettings

CONFIG = Config(retries={"max_attempts": 5, "mode": "standard"}, connect_timeout=10, read_timeout=120)


def make_client(settings: DemoSettings, service: str) -> Any:
    """Give a client of the local cloud, whatever AWS settings the machine has."""
    session = boto3.Session(
        aws_access_key_id=CLOUD_VARIABLES["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CLOUD_VARIABLES["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=settings.endpoint_url, config=CONFIG)
