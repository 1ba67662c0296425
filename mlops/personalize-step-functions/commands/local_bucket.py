"""A folder of this machine as the input bucket it will be copied to: the three calls that read a bucket."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

PART_BYTES = 8 * 1024**2  # of a multipart upload by the AWS CLI; larger files have another kind of ETag
_PAGE = 1000


class LocalBucket:
    """Answers as S3 does for what lies in a folder; the bucket's name does not count."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get_paginator(self, operation: str) -> LocalBucket:
        """Give the pages of list_objects_v2.

        Errors: ValueError for another operation.
        """
        if operation != "list_objects_v2":
            raise ValueError(f"a folder has no pages of {operation}")
        return self

    def paginate(self, *, Prefix: str, **_: Any) -> Iterator[dict[str, Any]]:
        """Yield one page: the files directly under the prefix."""
        yield self.list_objects_v2(Prefix=Prefix)

    def list_objects_v2(self, *, Prefix: str, **_: Any) -> dict[str, Any]:
        """List the files directly under a prefix that ends in '/'."""
        folder = self._root / Prefix
        paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
        return {"Contents": [{"Key": f"{Prefix}{path.name}", **_head(path)} for path in paths], "IsTruncated": False}

    def head_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        """Describe a file.

        Errors: ClientError as of S3 where there is none.
        """
        path = self._root / Key
        if not path.is_file():
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return _head(path)

    def get_object(self, *, Key: str, Range: str, **_: Any) -> dict[str, Any]:
        """Read bytes of a file: `bytes=start-end`, the end included."""
        start, _, end = Range.removeprefix("bytes=").partition("-")
        with (self._root / Key).open("rb") as file:
            file.seek(int(start))
            return {"Body": io.BytesIO(file.read(int(end) - int(start) + 1))}


def _head(path: Path) -> dict[str, Any]:
    return {"ETag": _etag(path), "Size": path.stat().st_size}


def _etag(path: Path) -> str:
    """The ETag that the AWS CLI's upload has by its default settings, so that an unchanged file is seen to be one."""
    parts = []
    with path.open("rb") as file:
        while block := file.read(PART_BYTES):
            parts.append(hashlib.md5(block, usedforsecurity=False))
    if len(parts) <= 1:
        whole = parts[0] if parts else hashlib.md5(b"", usedforsecurity=False)
        return f'"{whole.hexdigest()}"'
    together = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
    return f'"{together.hexdigest()}-{len(parts)}"'
