"""The endpoint under question: signed requests as they are, and boto3's clients."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session

from personalize_local.wire.models import API_NAMES, CONTROL, operations, service_model

SERVICE = "personalize"
DEFAULT_REGION = "us-east-1"
TIMEOUT_S = 30.0
_AWS_HOST = re.compile(
    r"personalize(?:-runtime|-events)?(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<domain>amazonaws\.com(\.cn)?|api\.aws)"
)


class EndpointError(Exception):
    """The endpoint cannot be asked: no answer, a wrong address, no credentials."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def members(self) -> Mapping[str, Any]:
        """The body's JSON object; empty when it is none."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def code(self) -> str:
        """The error's name, without namespace; empty for a success."""
        named = self.headers.get("x-amzn-errortype") or self.members.get("__type") or self.members.get("code") or ""
        return str(named).partition(":")[0].rpartition("#")[2]

    @property
    def message(self) -> str:
        """The error's message."""
        return str(self.members.get("message") or self.members.get("Message") or "")


class Endpoint:
    """One address, or AWS's three of a region, with the credentials that boto3 finds.

    Errors: EndpointError for an address that is no URL, and for AWS without credentials.
    """

    def __init__(self, url: str, *, profile: str | None = None, region: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EndpointError(f"'{url}' is no address: give one such as http://localhost:4566")
        aws = _AWS_HOST.fullmatch(parts.hostname)
        self.is_aws = aws is not None
        self.url = url.rstrip("/")
        self._urls = _aws_urls(aws) if aws else dict.fromkeys(API_NAMES, self.url)
        self._session = _session(profile)
        self.region = region or (aws["region"] if aws else self._session.region_name) or DEFAULT_REGION
        self._credentials = self._find_credentials()
        self._http = URLLib3Session(timeout=TIMEOUT_S)

    def client(self, api: str = CONTROL) -> Any:
        """Give boto3's client of an API, which does not try again."""
        return boto3.client(
            api,
            region_name=self.region,
            endpoint_url=self._urls[api],
            aws_access_key_id=self._credentials.access_key,
            aws_secret_access_key=self._credentials.secret_key,
            aws_session_token=self._credentials.token,
            config=Config(retries={"max_attempts": 0}, parameter_validation=False),
        )

    def call(self, operation: str, members: Mapping[str, Any] | None = None) -> Answer:
        """Send an operation's members as they are, without the checks of a client."""
        return self.send(operation, json.dumps(members or {}).encode())

    def send(self, operation: str, body: bytes) -> Answer:
        """Send an operation with a body as it is."""
        known = operations()[operation]
        if known.api == CONTROL:
            return self.send_target(operation, body)
        path = service_model(known.api).operation_model(operation).http["requestUri"]
        return self.post(known.api, path, body, {"Content-Type": known.content_type})

    def send_target(self, name: str, body: bytes = b"{}") -> Answer:
        """Send a control plane operation by name, one that there is or not."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AmazonPersonalize.{name}"}
        return self.post(CONTROL, "/", body, headers)

    def post(self, api: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a signed POST.

        Errors: EndpointError when nothing answers.
        """
        request = AWSRequest("POST", self._urls[api] + path, headers=dict(headers), data=body)
        SigV4Auth(self._credentials, SERVICE, self.region).add_auth(request)
        try:
            response = self._http.send(request.prepare())
        except (HTTPClientError, BotoCoreError) as error:
            raise EndpointError(f"{self._urls[api]} does not answer: {error}") from error
        return Answer(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
        )

    def arn(self, resource: str) -> str:
        """Give the ARN of a resource that there is not, `kind/name`, in the region asked."""
        return f"arn:aws:personalize:{self.region}:000000000000:{resource}"

    def _find_credentials(self) -> Credentials:
        found = self._session.get_credentials()
        if found is not None:
            frozen = found.get_frozen_credentials()
            return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
        if self.is_aws:
            raise EndpointError("There are no credentials for AWS: set AWS_PROFILE, or give --profile.")
        return Credentials("test", "test")


def _session(profile: str | None) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile)
    except BotoCoreError as error:
        raise EndpointError(str(error)) from error


def _aws_urls(host: re.Match[str]) -> dict[str, str]:
    return {api: f"https://{api}{host['fips'] or ''}.{host['region']}.{host['domain']}" for api in API_NAMES}
