"""Check the uploaded parameter file before anything is created."""

from __future__ import annotations

from typing import Any

import boto3
from check import check
from parameter_file import MAX_BYTES


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read the file that `event["object"]` names; give the findings, and the parameters when there is no error."""
    client = boto3.client("s3")
    uploaded = event["object"]
    body = read_object(client, uploaded["bucket"], uploaded["key"], uploaded.get("version_id"))
    return check(body, lambda prefix: count_bytes(client, uploaded["bucket"], prefix))


def read_object(client: Any, bucket: str, key: str, version_id: str | None) -> bytes:
    """Read the very version that was uploaded, no more of it than would be accepted, and one byte."""
    version = {"VersionId": version_id} if version_id else {}
    reply = client.get_object(Bucket=bucket, Key=key, **version)
    return reply["Body"].read(MAX_BYTES + 1)


def count_bytes(client: Any, bucket: str, prefix: str) -> int:
    """Give the size of the first objects under the prefix: folder markers are empty and do not count."""
    reply = client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=100)
    return sum(entry["Size"] for entry in reply.get("Contents", []))
