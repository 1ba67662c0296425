"""What a request says of its signature, Version 4: in the Authorization header, or in the query of a presigned one.

Source: documented (the guide on signing AWS API requests); the messages are those of AWS's services in general
(observed); that an X-Amz-Expires out of bounds is an IncompleteSignature is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from personalize_local.wire.guards import AccessException, Request

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
MAX_AGE = timedelta(minutes=5)
LONGEST_EXPIRY_S = 7 * 86_400
SIGNATURE = "X-Amz-Signature"
_PART = re.compile(r"(\w+)=([^,\s]*)")
_IN_QUERY = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", SIGNATURE)


class MissingAuthenticationToken(AccessException):
    """The request is not signed."""


class IncompleteSignature(AccessException):
    """What tells of the signature lacks something, or cannot be read."""


@dataclass(frozen=True)
class Authorization:
    """A signature and what it covers. It counts from `signed_at` for `lifetime`."""

    access_key_id: str
    session_token: str | None
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    signed_at: datetime
    lifetime: timedelta = MAX_AGE

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


def read_authorization(request: Request) -> Authorization:
    """Read what a request says of its signature; the header counts before the query.

    Errors: MissingAuthenticationToken, IncompleteSignature.
    """
    header = request.headers.get("authorization", "").strip()
    if header:
        return _in_header(header, request.headers)
    parameters = dict(parse_qsl(request.query, keep_blank_values=True))
    if "X-Amz-Algorithm" in parameters:
        return _in_query(parameters)
    raise MissingAuthenticationToken("Missing Authentication Token")


def _in_header(header: str, headers: Mapping[str, str]) -> Authorization:
    algorithm, _, rest = header.partition(" ")
    _check_algorithm(algorithm)
    parts = dict(_PART.findall(rest))
    absent = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if absent:
        raise IncompleteSignature(" ".join(f"Authorization header requires '{name}' parameter." for name in absent))
    date = headers.get("x-amz-date", "")
    if not date:
        raise IncompleteSignature("Authorization header requires existence of a 'X-Amz-Date' header.")
    access_key_id, day, region, service = _read_credential(parts["Credential"])
    return Authorization(
        *(access_key_id, headers.get("x-amz-security-token"), day, region, service),
        *(_read_signed_headers(parts["SignedHeaders"]), parts["Signature"], _read_date(date)),
    )


def _in_query(parameters: Mapping[str, str]) -> Authorization:
    _check_algorithm(parameters["X-Amz-Algorithm"])
    absent = [name for name in _IN_QUERY if not parameters.get(name)]
    if absent:
        raise IncompleteSignature(
            f"AWS query-string parameters must include '{absent[0]}'. Re-examine the query-string parameters."
        )
    access_key_id, day, region, service = _read_credential(parameters["X-Amz-Credential"])
    return Authorization(
        *(access_key_id, parameters.get("X-Amz-Security-Token"), day, region, service),
        *(_read_signed_headers(parameters["X-Amz-SignedHeaders"]), parameters[SIGNATURE]),
        *(_read_date(parameters["X-Amz-Date"]), _read_expiry(parameters["X-Amz-Expires"])),
    )


def _check_algorithm(algorithm: str) -> None:
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm[:64]}'.")


def _read_credential(credential: str) -> tuple[str, str, str, str]:
    """Give access key, date, region and service."""
    access_key_id, *scope = credential.rsplit("/", 4)
    if len(scope) != 4 or scope[3] != TERMINATOR:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential[:128]}'."
        )
    return access_key_id, scope[0], scope[1], scope[2]


def _read_signed_headers(text: str) -> tuple[str, ...]:
    names = tuple(text.lower().split(";"))
    if "host" not in names:
        raise IncompleteSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    return names


def _read_date(text: str) -> datetime:
    try:
        return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise IncompleteSignature(f"Date must be in ISO-8601 'basic format'. Got '{text[:64]}'.") from None


def _read_expiry(text: str) -> timedelta:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_EXPIRY_S):
        raise IncompleteSignature(f"X-Amz-Expires must be a number of seconds from 1 to {LONGEST_EXPIRY_S}.")
    return timedelta(seconds=int(text[:9]))
