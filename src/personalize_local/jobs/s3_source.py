"""Read the files of an S3 location, as the service does with a customer's role.

The emulated S3 is asked as the account the resources are in. Without AWS_ENDPOINT_URL it is this machine's local cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

CHUNK_BYTES = 8 * 1024 * 1024
DEFAULT_PORT = "4566"
_LOCATION = re.compile(r"s3://(?P<bucket>[^/]+)(?:/(?P<key>.*))?")
_REASONS: Mapping[str, str] = {
    "AccessDenied": "Insufficient privileges for accessing data in Amazon S3.",
    "AllAccessDisabled": "Insufficient privileges for accessing data in Amazon S3.",
    "403": "Insufficient privileges for accessing data in Amazon S3.",
}


class SourceError(Exception):
    """The data cannot be read; `reason` says why, in AWS's words where they are known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class S3File:
    """An object to read once, from its start."""

    client: Any
    bucket: str
    key: str

    def chunks(self) -> Iterator[bytes]:
        """Give the content piece by piece.

        Errors: SourceError.
        """
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.key)["Body"]
            yield from body.iter_chunks(CHUNK_BYTES)
        except (ClientError, BotoCoreError) as error:
            raise _explained(error, f"s3://{self.bucket}/{self.key}") from error


class S3Source:
    """S3 as a client sees it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def list_files(self, location: str) -> list[S3File]:
        """Give the object at `s3://bucket/file.csv`, or the files directly inside `s3://bucket/folder/`.

        A location without an object of its name is taken for a folder, as an S3 listing would (inferred).
        Errors: SourceError when the location is malformed, holds nothing, or may not be read.
        """
        match = _LOCATION.fullmatch(location)
        if match is None:
            raise SourceError("Invalid Data location.")
        bucket, key = match["bucket"], match["key"] or ""
        try:
            keys = self._keys(bucket, key)
        except (ClientError, BotoCoreError) as error:
            raise _explained(error, location) from error
        if not keys:
            raise SourceError(f"Invalid Data location. There is no file with content at {location}.")
        return [S3File(self._client, bucket, each) for each in keys]

    def _keys(self, bucket: str, key: str) -> list[str]:
        if key and not key.endswith("/"):
            if key in self._listed(bucket, key):
                return [key]
            key += "/"
        return self._listed(bucket, key)

    def _listed(self, bucket: str, prefix: str) -> list[str]:
        """Give the non-empty objects whose keys start with the prefix, subfolders left out."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        return [item["Key"] for page in pages for item in page.get("Contents", []) if item["Size"] > 0]


def make_client(account_id: str, region: str, environment: Mapping[str, str], *, attempts: int = 5) -> Any:
    """Make the S3 client of an account; the local cloud takes the access key for the account's id."""
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    port = environment.get("PERSONALIZE_LOCAL_PORT") or DEFAULT_PORT
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint or f"http://127.0.0.1:{port}",
        aws_access_key_id=account_id,
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY") or "test",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": attempts, "mode": "standard"}),
    )


def _explained(error: ClientError | BotoCoreError, location: str) -> SourceError:
    if not isinstance(error, ClientError):
        return SourceError(f"The data at {location} could not be read: {error}")
    code = error.response["Error"]["Code"]
    if code in ("NoSuchBucket", "NoSuchKey", "404"):
        return SourceError(f"Invalid Data location. There is nothing at {location}.")
    return SourceError(_REASONS.get(code, f"The data at {location} could not be read: {error}"))
