"""Write the files of a job's output folder in S3: whole objects, as S3 shows an object only when all of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.jobs.s3_source import SourceError, explained, split_location


@dataclass(frozen=True)
class S3Target:
    """A folder to write into. A location without a slash at its end is a folder all the same (inferred)."""

    client: Any
    location: str

    def upload(self, path: Path, name: str) -> None:
        """Put a local file under a name in the folder, in place of what may be there.

        Errors: SourceError.
        """
        bucket, prefix = self._folder()
        try:
            self.client.upload_file(str(path), bucket, prefix + name)
        except (ClientError, BotoCoreError) as error:
            raise explained(error, self.location) from error
        except S3UploadFailedError as error:
            raise SourceError(f"The data could not be written to {self.location}: {error}") from error

    def mark(self, name: str) -> None:
        """Put an empty object into the folder.

        Errors: SourceError.
        """
        bucket, prefix = self._folder()
        try:
            self.client.put_object(Bucket=bucket, Key=prefix + name, Body=b"")
        except (ClientError, BotoCoreError) as error:
            raise explained(error, self.location) from error

    def _folder(self) -> tuple[str, str]:
        bucket, key = split_location(self.location)
        return bucket, f"{key.rstrip('/')}/" if key.strip("/") else ""
