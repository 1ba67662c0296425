"""The calls to Amazon Personalize: by kind and verb, with AWS's errors turned into the pipeline's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from pipeline.aws_calls import CONFIG
from pipeline.errors import (
    CallRefusedError,
    PipelineError,
    QuotaReachedError,
    ResourceBusyError,
    TryAgainError,
)
from pipeline.kinds import KINDS, ResourceKind

_ERRORS: Mapping[str, type[PipelineError]] = {
    "ThrottlingException": TryAgainError,
    "Throttling": TryAgainError,
    "TooManyRequestsException": TryAgainError,
    "RequestLimitExceeded": TryAgainError,
    "InternalFailure": TryAgainError,
    "InternalServerError": TryAgainError,
    "ServiceUnavailable": TryAgainError,
    "ServiceUnavailableException": TryAgainError,
    "ResourceInUseException": ResourceBusyError,
    "LimitExceededException": QuotaReachedError,
}
_JOBS_RUNNING = "IN_PROGRESS"  # in the message about a quota: of jobs at work, which frees itself


class PersonalizeGateway:
    """Create, describe, update and list resources of any kind through one boto3 client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe(self, kind: ResourceKind, arn: str) -> dict[str, Any] | None:
        """Give the resource's members; None when there is no such resource."""
        try:
            reply = self._call(kind, kind.operation("describe"), arn, {kind.arn_member: arn})
        except NotFoundError:
            return None
        return reply[kind.member]

    def create(self, kind: ResourceKind, name: str, arguments: Mapping[str, Any]) -> str:
        """Create the resource; give its ARN.

        Errors: NameTakenError when a resource of this kind has the name already.
        """
        return self._call(kind, kind.operation("create"), f"{kind.words} {name}", arguments)[kind.arn_member]

    def update(self, kind: ResourceKind, arn: str, changes: Mapping[str, Any]) -> None:
        """Change members of an existing resource."""
        self._call(kind, kind.operation("update"), arn, {kind.arn_member: arn, **changes})

    def start(self, kind: ResourceKind, arn: str) -> None:
        """Start a resource that was stopped."""
        self._call(kind, kind.operation("start"), arn, {kind.arn_member: arn})

    def delete(self, kind: ResourceKind, arn: str) -> None:
        """Delete a resource; one that is gone already is as wanted."""
        with suppress(NotFoundError):
            self._call(kind, kind.operation("delete"), arn, {kind.arn_member: arn})

    def stop_training(self, version_arn: str) -> None:
        """Stop the training of a solution version."""
        kind = KINDS["solution-version"]
        self._call(kind, "stop_solution_version_creation", version_arn, {kind.arn_member: version_arn})

    def solution_metrics(self, version_arn: str) -> dict[str, float] | None:
        """Give a solution version's offline metrics; None when there is no such version."""
        version = KINDS["solution-version"]
        try:
            reply = self._call(version, "get_solution_metrics", version_arn, {version.arn_member: version_arn})
        except NotFoundError:
            return None
        return reply.get("metrics", {})

    def children(self, kind: ResourceKind, parent_arn: str) -> Iterator[dict[str, Any]]:
        """Yield the summaries of all resources of a kind under a parent, over all pages."""
        listing = kind.listing
        if listing is None:
            raise ValueError(f"{kind.words} is found by its name, not in a list")
        parent = {listing.parent_member: parent_arn}
        yield from self._pages(kind, listing.operation, listing.result_member, parent_arn, parent)

    def summaries(self, kind: ResourceKind, **parent: str) -> Iterator[dict[str, Any]]:
        """Yield the summaries of all resources of a kind, or of those under a parent such as `solutionArn`."""
        subject = next(iter(parent.values()), "the region")
        yield from self._pages(kind, f"{kind.operation('list')}s", kind.summaries_member, subject, parent)

    def _pages(
        self, kind: ResourceKind, operation: str, member: str, subject: str, parent: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        arguments: dict[str, Any] = {**parent, "maxResults": 100}
        while True:
            reply = self._call(kind, operation, subject, arguments)
            yield from reply[member]
            if not reply.get("nextToken"):
                return
            arguments["nextToken"] = reply["nextToken"]

    def _call(self, kind: ResourceKind, operation: str, subject: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        title = f"{_title(operation)} for {subject}"
        try:
            return getattr(self._client, operation)(**arguments)
        except ClientError as error:
            raise _translate(title, kind, error) from error
        except ParamValidationError as error:
            raise CallRefusedError(f"{title} cannot be sent: {error} {kind.advice}") from error
        except BotoCoreError as error:
            raise TryAgainError(f"{title} got no answer: {error}") from error


class NotFoundError(CallRefusedError):
    """The named resource does not exist."""


class NameTakenError(CallRefusedError):
    """A resource of this kind has the name already."""


def make_gateway() -> PersonalizeGateway:
    """Connect to Personalize in the function's own region."""
    return PersonalizeGateway(boto3.client("personalize", config=CONFIG))


def _translate(title: str, kind: ResourceKind, error: ClientError) -> PipelineError:
    """The kind's advice follows where the parameter file is at fault."""
    code = error.response["Error"]["Code"]
    text = f"{title} was refused with {code}: {error.response['Error']['Message']}"
    if code == "ResourceNotFoundException":
        return NotFoundError(text)
    if code == "ResourceAlreadyExistsException":
        return NameTakenError(f"{text} {kind.advice}")
    if code == "InvalidInputException":
        return CallRefusedError(f"{text} {kind.advice}")
    if code == "LimitExceededException" and _JOBS_RUNNING in text:
        return ResourceBusyError(text)
    is_service_fault = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500
    return _ERRORS.get(code, TryAgainError if is_service_fault else CallRefusedError)(text)


def _title(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
