"""AWS Signature Version 4 as the receiver sees it: who signed, with a key that we know, these very bytes, just now.

canonical request ─sha256─▶ string to sign ─HMAC, with a key of date, region and service─▶ signature, equal or refused

Rule 1: what is compared is computed from what came: method, path, query, the signed headers, the body.
Rule 2: the secret's check comes last, so that each mistake has AWS's own error; it takes the same time for any guess.

Source: documented (the guide on signing AWS API requests; the common errors of the API reference). The messages are
those of AWS's services in general (observed).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl, quote

from personalize_local.jobs.clock import Clock
from personalize_local.wire.authorization import (
    ALGORITHM,
    DATE_FORMAT,
    MAX_AGE,
    SIGNATURE,
    Authorization,
    read_authorization,
)
from personalize_local.wire.guards import AccessException, Request
from personalize_local.wire.keyring import Credentials, Keyring
from personalize_local.wire.models import Operation

SERVICE = "personalize"


class UnrecognizedClientException(AccessException):
    """Nobody here has this access key, or its session token is another."""


class InvalidSignatureException(AccessException):
    """The signature is not that of this request: another secret, another content, another time, another service."""


class SignatureVerifier:
    """Lets requests pass that are signed with one of the keys of `keyring`."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def check(self, operation: Operation, request: Request) -> None:
        """Do nothing for a request that is signed as it should be; a guard (see guards.py).

        Errors: MissingAuthenticationToken, IncompleteSignature, UnrecognizedClientException, InvalidSignatureException.
        """
        authorization = read_authorization(request)
        credentials = self._keyring.find(authorization.access_key_id)
        if credentials is None or credentials.session_token != authorization.session_token:
            raise UnrecognizedClientException("The security token included in the request is invalid.")
        _check_scope(authorization)
        _check_age(authorization, self._clock.now())
        _check_body(request)
        expected = _signature(credentials, authorization, request)
        if not hmac.compare_digest(expected, authorization.signature):
            raise InvalidSignatureException(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )


def _check_scope(authorization: Authorization) -> None:
    if authorization.service != SERVICE:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{SERVICE}'.")
    day = f"{authorization.signed_at:%Y%m%d}"
    if authorization.date != day:
        raise InvalidSignatureException(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{authorization.date[:16]}' != '{day}'."
        )


def _check_age(authorization: Authorization, now: datetime) -> None:
    signed_at, lifetime = authorization.signed_at, authorization.lifetime
    earliest, latest = now - lifetime, now + MAX_AGE
    times = f"{signed_at:{DATE_FORMAT}} is now {{}} {{:{DATE_FORMAT}}} ({now:{DATE_FORMAT}} {{}} {{:g}} min.)"
    if signed_at < earliest:
        raise InvalidSignatureException(
            "Signature expired: " + times.format("earlier than", earliest, "-", lifetime.total_seconds() / 60)
        )
    if signed_at > latest:
        raise InvalidSignatureException(
            "Signature not yet current: " + times.format("later than", latest, "+", MAX_AGE.total_seconds() / 60)
        )


def _check_body(request: Request) -> None:
    """Compare the body with the hash that some clients send along."""
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed is not None and claimed != hashlib.sha256(request.body).hexdigest():
        raise InvalidSignatureException("The value of 'X-Amz-Content-SHA256' is not the hash of the request's body.")


def _signature(credentials: Credentials, authorization: Authorization, request: Request) -> str:
    canonical = _canonical_request(request, authorization.signed_headers)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join([ALGORITHM, f"{authorization.signed_at:{DATE_FORMAT}}", authorization.scope, digest])
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in (*authorization.scope.split("/"), to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def _canonical_request(request: Request, signed_headers: tuple[str, ...]) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed_headers)
    body_hash = hashlib.sha256(request.body).hexdigest()
    path, query = quote(request.path or "/", safe="/~"), _canonical_query(request.query)
    return "\n".join([request.method.upper(), path, query, headers, ";".join(signed_headers), body_hash])


def _canonical_query(query: str) -> str:
    """Give the query in order; the signature of a presigned request is no part of what it covers."""
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != SIGNATURE]
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs))
