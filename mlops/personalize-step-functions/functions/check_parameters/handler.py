"""Check the uploaded parameter file and the data before anything is created."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import boto3
from check import check
from deployed import Deployed
from existing import existing_names
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.logs import logged

from personalize_spec.preflight import DataFile
from personalize_spec.preflight.texts import MAX_BYTES

MAX_FILES = 10_000

_gateway: PersonalizeGateway | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read the file that `event["object"]` names; give the findings, and the parameters when there is no error."""
    global _gateway
    _gateway = _gateway or make_gateway()
    client = boto3.client("s3")
    uploaded = event["object"]
    body, version_id = read_object(client, uploaded["bucket"], uploaded["key"], uploaded.get("version_id"))
    files_under = partial(list_files, client, uploaded["bucket"])
    found = check(body, files_under, partial(existing_names, _gateway), time.time(), own_deployment(os.environ))
    return {**found, "version_id": version_id}


def own_deployment(environment: Mapping[str, str]) -> Deployed:
    """Give the key and the roles that the stack names to its function."""
    names = ("KMS_KEY_ARN", "KMS_ROLE_ARN", "PERSONALIZE_ROLE_ARN")
    return Deployed(*(environment.get(name, "") for name in names))


def read_object(client: Any, bucket: str, key: str, version_id: str | None) -> tuple[bytes, str | None]:
    """Read the very version that was uploaded, or the current one, no more of it than would be accepted, and one byte.

    Gives the version's id too; None where the bucket keeps no versions.
    """
    version = {"VersionId": version_id} if version_id else {}
    reply = client.get_object(Bucket=bucket, Key=key, **version)
    return reply["Body"].read(MAX_BYTES + 1), reply.get("VersionId")


def list_files(client: Any, bucket: str, prefix: str) -> list[DataFile]:
    """List the files directly under a prefix, as an import reads them; folder markers are none.

    Source: contract §3.5.
    """
    files: list[DataFile] = []
    arguments = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
    while len(files) < MAX_FILES:
        reply = client.list_objects_v2(**arguments)
        found = [entry for entry in reply.get("Contents", []) if not entry["Key"].endswith("/")]
        files += [_file(client, bucket, entry["Key"], entry["Size"]) for entry in found]
        if not reply.get("IsTruncated"):
            break
        arguments["ContinuationToken"] = reply["NextContinuationToken"]
    return files


def _file(client: Any, bucket: str, key: str, size_bytes: int) -> DataFile:
    def read(start: int, end: int) -> bytes:
        return client.get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{end - 1}")["Body"].read()

    return DataFile(key, size_bytes, read)
