"""A bucket in memory, with versions: as much of boto3's S3 client as the plan uses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from fake_personalize import client_error

from personalize_spec.preflight import DataFile


class FakeBucket:
    """`files` are those of the data by folder, `objects` all others; `version_id` is that of every object."""

    def __init__(self) -> None:
        self.files: dict[str, list[DataFile]] = {}
        self.objects: dict[str, bytes] = {}
        self.version_id: str | None = "v1"

    def get_paginator(self, operation: str) -> FakeBucket:
        """The bucket pages itself."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str) -> Iterator[dict[str, Any]]:
        """One page for each file, and an empty one."""
        assert (Bucket, Delimiter) == ("input-bucket", "/")
        yield {}
        for file in self.files.get(Prefix.strip("/"), []):
            yield {"Contents": [{"Key": file.name, "Size": file.size_bytes, "ETag": _etag(_body(file))}]}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """The ETag and version of an object."""
        if Key not in self.objects:
            raise client_error("404", "Not Found")
        version = {"VersionId": self.version_id} if self.version_id else {}
        return {"ETag": _etag(self.objects[Key]), **version}


def _body(file: DataFile) -> bytes:
    return file.read(0, file.size_bytes)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
