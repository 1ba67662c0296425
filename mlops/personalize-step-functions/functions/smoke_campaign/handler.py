"""Ask a new campaign what the API will ask it, before any reader does."""

from __future__ import annotations

import time
from typing import Any

import boto3
from botocore.config import Config
from pipeline.logs import logged
from questions import Subject, questions, unasked
from samples import HEAD_BYTES, VALUES_PER_COLUMN, Samples, read_head
from smoke import smoke

DATASETS = ("Interactions", "Items", "Users")
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5, read_timeout=20)


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Ask `event["campaign"]` by `event["contexts"]`; give whether it passed, and why not."""
    samples = read_samples(boto3.client("s3"), event.get("bucket", ""), event["smoke_users"])
    return try_out(boto3.client("personalize-runtime", config=CONFIG), event, samples, time.time())


def try_out(runtime: Any, event: dict[str, Any], samples: Samples, now_epoch_s: float) -> dict[str, Any]:
    """Ask and judge.

    Errors: TryAgainError.
    """
    campaign = event["campaign"]
    subject = Subject(campaign["arn"], campaign["recipe_arn"], event["contexts"])
    asked = questions(subject, samples, event["smoke_users"], now_epoch_s)
    report = smoke(runtime, asked, campaign.get("live_campaign", ""))
    names = unasked(subject, samples)
    report.warnings += [f"The filter {name} was not tried: the data have no value for it." for name in names]
    return report.as_result()


def read_samples(client: Any, bucket: str, users: int) -> Samples:
    """Read the head of the newest file of each dataset that the input bucket has."""
    samples = Samples()
    for dataset in DATASETS if bucket else ():
        files = client.list_objects_v2(Bucket=bucket, Prefix=f"{dataset}/").get("Contents", [])
        data = [entry for entry in files if entry["Size"] and not entry["Key"].endswith("/")]
        if data:
            newest = max(data, key=lambda entry: entry["LastModified"])
            wanted = f"bytes=0-{HEAD_BYTES - 1}"
            head = client.get_object(Bucket=bucket, Key=newest["Key"], Range=wanted)["Body"].read()
            samples.values[dataset.upper()] = read_head(head, max(users, VALUES_PER_COLUMN))
    return samples
