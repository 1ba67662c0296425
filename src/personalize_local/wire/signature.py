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
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from personalize_local.jobs.clock import Clock
from personalize_local.wire.guards import AccessException, Request
from personalize_local.wire.keyring import Credentials, Keyring
from personalize_local.wire.models import Operation

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "personalize"
TERMINATOR = "aws4_request"
MAX_AGE = timedelta(minutes=5)
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_PART = re.compile(r"(\w+)=([^,\s]*)")


class MissingAuthenticationToken(AccessException):
    """The request is not signed."""


class IncompleteSignature(AccessException):
    """The signature's header lacks something, or cannot be read."""


class UnrecognizedClientException(AccessException):
    """Nobody here has this access key, or its session token is another."""


class InvalidSignatureException(AccessException):
    """The signature is not that of this request: another secret, another content, another time, another service."""


@dataclass(frozen=True)
class _Authorization:
    """The parts of an Authorization header."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


class SignatureVerifier:
    """Lets requests pass that are signed with one of the keys of `keyring`."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def check(self, operation: Operation, request: Request) -> None:
        """Do nothing for a request that is signed as it should be; a guard (see guards.py).

        Errors: MissingAuthenticationToken, IncompleteSignature, UnrecognizedClientException, InvalidSignatureException.
        """
        authorization = _read_authorization(request.headers)
        credentials = self._keyring.find(authorization.access_key_id)
        _check_client(credentials, request.headers)
        signed_at = _signed_at(request.headers)
        _check_scope(authorization, signed_at)
        _check_age(signed_at, self._clock.now())
        _check_body(request)
        expected = _signature(credentials, authorization, signed_at, request)
        if not hmac.compare_digest(expected, authorization.signature):
            raise InvalidSignatureException(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )


def _read_authorization(headers: Mapping[str, str]) -> _Authorization:
    header = headers.get("authorization", "").strip()
    if not header:
        raise MissingAuthenticationToken("Missing Authentication Token")
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm[:64]}'.")
    parts = dict(_PART.findall(rest))
    absent = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if absent:
        raise IncompleteSignature(" ".join(f"Authorization header requires '{name}' parameter." for name in absent))
    return _authorization(parts)


def _authorization(parts: Mapping[str, str]) -> _Authorization:
    access_key_id, *scope = parts["Credential"].rsplit("/", 4)
    if len(scope) != 4 or scope[3] != TERMINATOR:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{parts['Credential'][:128]}'."
        )
    signed_headers = tuple(parts["SignedHeaders"].lower().split(";"))
    if "host" not in signed_headers:
        raise IncompleteSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    return _Authorization(access_key_id, scope[0], scope[1], scope[2], signed_headers, parts["Signature"])


def _check_client(credentials: Credentials | None, headers: Mapping[str, str]) -> None:
    token = headers.get("x-amz-security-token")
    if credentials is None or credentials.session_token != token:
        raise UnrecognizedClientException("The security token included in the request is invalid.")


def _signed_at(headers: Mapping[str, str]) -> datetime:
    text = headers.get("x-amz-date", "")
    if not text:
        raise IncompleteSignature("Authorization header requires existence of a 'X-Amz-Date' header.")
    try:
        return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise IncompleteSignature(f"Date must be in ISO-8601 'basic format'. Got '{text[:64]}'.") from None


def _check_scope(authorization: _Authorization, signed_at: datetime) -> None:
    if authorization.service != SERVICE:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{SERVICE}'.")
    day = f"{signed_at:%Y%m%d}"
    if authorization.date != day:
        raise InvalidSignatureException(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{authorization.date[:16]}' != '{day}'."
        )


def _check_age(signed_at: datetime, now: datetime) -> None:
    earliest, latest = now - MAX_AGE, now + MAX_AGE
    times = f"{signed_at:{DATE_FORMAT}} is now {{}} {{:{DATE_FORMAT}}} ({now:{DATE_FORMAT}} {{}} 5 min.)"
    if signed_at < earliest:
        raise InvalidSignatureException("Signature expired: " + times.format("earlier than", earliest, "-"))
    if signed_at > latest:
        raise InvalidSignatureException("Signature not yet current: " + times.format("later than", latest, "+"))


def _check_body(request: Request) -> None:
    """Compare the body with the hash that some clients send along."""
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed is not None and claimed != hashlib.sha256(request.body).hexdigest():
        raise InvalidSignatureException("The value of 'X-Amz-Content-SHA256' is not the hash of the request's body.")


def _signature(credentials: Credentials, authorization: _Authorization, signed_at: datetime, request: Request) -> str:
    canonical = _canonical_request(request, authorization.signed_headers)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join([ALGORITHM, f"{signed_at:{DATE_FORMAT}}", authorization.scope, digest])
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
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs))
