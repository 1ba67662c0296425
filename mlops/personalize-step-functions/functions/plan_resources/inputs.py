"""What lies in the input bucket, as fingerprints: they tell whether anything has changed since the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from pipeline.planning.batch import batch_inputs
from pipeline.wanted import digest

from personalize_spec.parameters.reading import dataset_keys

_MISSING = ("404", "NoSuchKey", "NotFound")


def fingerprints(client: Any, bucket: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Give a fingerprint for each dataset's folder that has files, and for each input of a batch job that is there."""
    found = {key: _folder(client, bucket, key) for key in dataset_keys(parameters)}
    found |= {key: _object(client, bucket, key) for key in batch_inputs(parameters)}
    return {key: value for key, value in found.items() if value}


def is_superseded(client: Any, bucket: str, key: str, version_id: str | None) -> bool:
    """Tell whether a newer parameter file has been uploaded than the one that was checked.

    Its own upload has started an execution, which waits for this one. A bucket without versions does not tell.
    """
    if not version_id:
        return False
    try:
        current = client.head_object(Bucket=bucket, Key=key).get("VersionId")
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:  # removed since: the checked version is still to be had
            return False
        raise
    return current is not None and current != version_id


def _folder(client: Any, bucket: str, folder: str) -> str:
    """Of the files directly in the folder, as an import reads them; empty where there is none."""
    files = sorted(f"{entry['Key']} {entry['ETag']} {entry['Size']}" for entry in _files(client, bucket, f"{folder}/"))
    return digest(files) if files else ""


def _files(client: Any, bucket: str, prefix: str) -> Iterator[Mapping[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    for page in pages:
        yield from (entry for entry in page.get("Contents", []) if not entry["Key"].endswith("/"))


def _object(client: Any, bucket: str, key: str) -> str:
    try:
        return client.head_object(Bucket=bucket, Key=key)["ETag"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return ""
        raise
