"""What calls to AWS's services have in common: their settings, and errors turned into ours."""

from __future__ import annotations

from collections.abc import Set

from botocore.config import Config
from botocore.exceptions import ClientError

from pipeline.errors import CallRefusedError, PipelineError, TryAgainError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5, read_timeout=20)


def refusal(text: str, error: ClientError, passing: Set[str]) -> PipelineError:
    """Give our error for a service's: TryAgainError for the codes that pass, CallRefusedError for all others."""
    code = error.response["Error"]["Code"]
    kind = TryAgainError if code in passing else CallRefusedError
    return kind(f"{text} with {code}: {error.response['Error']['Message']}")
