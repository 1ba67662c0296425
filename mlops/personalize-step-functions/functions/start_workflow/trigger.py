"""Which executions an S3 event starts; pure.

S3 may deliver an event more than once: the execution's name is made of what identifies the upload, so that a repeated
event names the same execution. Keys arrive URL-encoded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class Upload:
    """One version of the parameter file in the input bucket.

    `version_id` is None where the bucket keeps no versions.
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    sequencer: str
    uploaded_at: str

    @property
    def execution_name(self) -> str:
        """A name that sorts by time and is the same whenever the event of this upload arrives."""
        identity = "\n".join((self.bucket, self.key, self.version_id or "", self.etag, self.sequencer))
        digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
        return f"{re.sub(r'[^0-9TZ]', '', self.uploaded_at.split('.')[0])}-{digest}"

    def execution_input(self) -> dict[str, str | None]:
        """The input of the execution."""
        return asdict(self)


def parameter_uploads(event: Mapping[str, Any], parameter_file: str) -> Iterator[Upload]:
    """Yield an upload for each record that is about the parameter file itself, not a file that starts like it."""
    for record in event.get("Records", []):
        upload = _upload(record)
        if upload.key == parameter_file:
            yield upload


def _upload(record: Mapping[str, Any]) -> Upload:
    s3 = record["s3"]
    return Upload(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(s3["object"]["key"]),
        version_id=s3["object"].get("versionId"),
        etag=s3["object"].get("eTag", ""),
        sequencer=s3["object"].get("sequencer", ""),
        uploaded_at=record["eventTime"],
    )
