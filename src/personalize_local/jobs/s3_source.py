"""Read the files of an S3 location, as the service does with a customer's role.

The emulated S3 is asked as the account the resources are in. Without AWS_ENDPOINT_URL it is this machine's local cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from botocore.config import Config

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
    size_bytes: int = 0

    @property
    def name(self) -> str:
        """The key's last part."""
        return self.key.rpartition("/")[2]

    def chunks(self) -> Iterator[bytes]:
        """Give the content piece by piece.

        Errors: SourceError.
        """
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.key)["Body"]
            yield from body.iter_chunks(CHUNK_BYTES)
        except (ClientError, BotoCoreError) as error:
            raise explained(error, f"s3://{self.bucket}/{self.key}") from error


class S3Source:
    """S3 as a client sees it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def list_files(self, location: str, *, recursive: bool = False, by_prefix: bool = False) -> list[S3File]:
        """Give the object at `s3://bucket/file.csv`, or the files inside `s3://bucket/folder/`.

        Of a folder, files of its subfolders come with it only when `recursive`. A location without an object of its
        name is taken for a folder, as an S3 listing would (inferred); `by_prefix`, for the beginning of keys.
        Errors: SourceError when the location is malformed, holds nothing, or may not be read.
        """
        bucket, key = split_location(location)
        try:
            sizes = self._sizes(bucket, key, recursive=recursive, by_prefix=by_prefix)
        except (ClientError, BotoCoreError) as error:
            raise explained(error, location) from error
        if not sizes:
            raise SourceError(f"Invalid Data location. There is no file with content at {location}.")
        return [S3File(self._client, bucket, each, size_bytes) for each, size_bytes in sizes.items()]

    def _sizes(self, bucket: str, key: str, *, recursive: bool, by_prefix: bool) -> dict[str, int]:
        """Give the keys at a location, each with its size in bytes."""
        if key and not key.endswith("/"):
            beside = self._listed(bucket, key, {"Delimiter": "/"})
            if key in beside:
                return {key: beside[key]}
            if by_prefix:
                return self._listed(bucket, key, {})
            key += "/"
        return self._listed(bucket, key, {} if recursive else {"Delimiter": "/"})

    def _listed(self, bucket: str, prefix: str, options: Mapping[str, str]) -> dict[str, int]:
        """Give the non-empty objects whose keys start with the prefix; a delimiter leaves subfolders out."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **options)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", []) if item["Size"] > 0}


def split_location(location: str) -> tuple[str, str]:
    """Give the bucket and the key of `s3://bucket/key`; the key may be empty.

    Errors: SourceError when it does not look like that.
    """
    match = _LOCATION.fullmatch(location)
    if match is None:
        raise SourceError("Invalid Data location.")
    return match["bucket"], match["key"] or ""


def make_client(account_id: str, region: str, environment: Mapping[str, str], *, attempts: int = 5) -> Any:
    """Make the S3 client of an account; the local cloud takes the access key for the account's id.

    The service alone has no cloud around it: its S3 and its credentials are what boto3 finds in the environment.
    """
    import boto3  # only here: half a second, which the server does not have when it starts

    if environment.get("PERSONALIZE_LOCAL_ALONE") == "1":
        return boto3.client("s3", region_name=region, config=_config(attempts, own_endpoint=_has_endpoint(environment)))
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    port = environment.get("PERSONALIZE_LOCAL_PORT") or DEFAULT_PORT
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint or f"http://127.0.0.1:{port}",
        aws_access_key_id=account_id,
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY") or "test",
        config=_config(attempts, own_endpoint=True),
    )


def _has_endpoint(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL"))


def _config(attempts: int, *, own_endpoint: bool) -> Config:
    """Give the client's configuration; buckets are part of the host name on AWS, of the path elsewhere."""
    from botocore.config import Config  # as above

    retries = {"max_attempts": attempts, "mode": "standard"}
    return Config(s3={"addressing_style": "path" if own_endpoint else "auto"}, retries=retries)


def explained(error: ClientError | BotoCoreError, location: str) -> SourceError:
    """Say why a location cannot be used, in AWS's words where they are known."""
    if not isinstance(error, ClientError):
        return SourceError(f"The data at {location} could not be read: {error}")
    code = error.response["Error"]["Code"]
    if code in ("NoSuchBucket", "NoSuchKey", "404"):
        return SourceError(f"Invalid Data location. There is nothing at {location}.")
    return SourceError(_REASONS.get(code, f"The data at {location} could not be read: {error}"))
