"""What API Gateway asks, where tokens let in instead of API keys: is this one right?"""

import json
import os
import time
import urllib.request
from typing import Any

from recommendations.logs import log_event
from recommendations.tokens import TokenError, UnknownKeyError, verify

KEPT_S = 3600
NOT_AGAIN_FOR_S = 60  # a wrong token must not have the keys fetched each time
TIMEOUT_S = 3


class IssuerKeys:
    """The issuer's public keys, fetched when they are needed and kept for a while."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._keys: list[dict[str, Any]] = []
        self._fetched_at = float("-inf")

    def get(self, *, again: bool = False) -> list[dict[str, Any]]:
        """Give the keys; `again` fetches them anew, if that is not just done.

        Errors: OSError or ValueError when the issuer does not answer with keys.
        """
        age_s = time.monotonic() - self._fetched_at
        if age_s > KEPT_S or (again and age_s > NOT_AGAIN_FOR_S):
            address = fetch(f"{self._issuer}/.well-known/openid-configuration")["jwks_uri"]
            self._keys = fetch(address)["keys"]
            self._fetched_at = time.monotonic()
        return self._keys


def fetch(address: str) -> Any:
    """Read JSON over TLS.

    Errors: OSError or ValueError.
    """
    if not address.startswith("https://"):
        raise ValueError("keys are fetched over https only")
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
        return json.loads(answer.read())


KEYS = IssuerKeys(os.environ.get("JWT_ISSUER", ""))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Let a token's bearer call every path of the stage; API Gateway answers 401 for the exception."""
    token = event.get("authorizationToken", "").removeprefix("Bearer ").strip()
    try:
        claims = claims_of(token)
    except (TokenError, OSError, ValueError) as error:
        log_event("warning", "token_refused", reason=str(error) if isinstance(error, TokenError) else "no keys")
        raise Exception("Unauthorized") from None  # API Gateway's own word
    stage = "/".join(event["methodArn"].split("/")[:2])
    allowed = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{stage}/*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    return {"principalId": str(claims.get("client_id") or claims.get("azp") or "client"), "policyDocument": policy}


def claims_of(token: str) -> dict[str, Any]:
    """Give a token's claims; a key that is not known may be a new one.

    Errors: TokenError; OSError or ValueError when the issuer does not answer.
    """
    asked = {"issuer": os.environ["JWT_ISSUER"], "audience": os.environ["JWT_AUDIENCE"], "now_epoch_s": time.time()}
    try:
        return verify(token, KEYS.get(), **asked)
    except UnknownKeyError:
        return verify(token, KEYS.get(again=True), **asked)
