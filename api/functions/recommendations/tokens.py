"""Check a JSON Web Token of any OpenID Connect issuer, Cognito among them: RS256, issuer, audience, time.

Source: RFC 7515, 7517, 7519; the signature is RSASSA-PKCS1-v1_5, RFC 8017 §8.2.2, which needs only integer arithmetic.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any

ALGORITHM = "RS256"
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo of SHA-256, RFC 8017 §9.2
MIN_KEY_BITS = 2048
LEEWAY_S = 60


class TokenError(Exception):
    """The token lets nobody in; the message says why, and nothing of what is in it."""


class UnknownKeyError(TokenError):
    """The issuer's keys, as they are known here, do not have the token's: it may have new ones."""


def verify(
    token: str, keys: Sequence[Mapping[str, Any]], *, issuer: str, audience: str, now_epoch_s: float
) -> dict[str, Any]:
    """Give the claims of a token that is right.

    Errors: TokenError.
    """
    try:
        head_text, claims_text, signature_text = token.split(".")
        head, claims = json.loads(decoded(head_text)), json.loads(decoded(claims_text))
        signature = decoded(signature_text)
    except (ValueError, RecursionError):
        raise TokenError("no token") from None
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise TokenError("no token")
    if head.get("alg") != ALGORITHM:
        raise TokenError("another algorithm")
    key = next((key for key in keys if key.get("kid") == head.get("kid") and key.get("kty") == "RSA"), None)
    if key is None:
        raise UnknownKeyError("an unknown key")
    if not is_signed(f"{head_text}.{claims_text}".encode(), signature, key):
        raise TokenError("a wrong signature")
    check_claims(claims, issuer, audience, now_epoch_s)
    return claims


def check_claims(claims: Mapping[str, Any], issuer: str, audience: str, now_epoch_s: float) -> None:
    """Check who the token is from, for whom, and when; Cognito's access tokens name their client in `client_id`.

    Errors: TokenError.
    """
    if claims.get("iss") != issuer:
        raise TokenError("another issuer")
    named = claims.get("aud", claims.get("client_id"))
    if audience not in (named if isinstance(named, list) else [named]):
        raise TokenError("another audience")
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        raise TokenError("no time")
    if not begins - LEEWAY_S <= now_epoch_s < expires + LEEWAY_S:
        raise TokenError("not its time")


def is_signed(message: bytes, signature: bytes, key: Mapping[str, Any]) -> bool:
    """Tell whether a signature is a key's, of a message."""
    try:
        modulus, exponent = (int.from_bytes(decoded(str(key[part])), "big") for part in ("n", "e"))
    except (KeyError, ValueError):
        return False
    length = (modulus.bit_length() + 7) // 8
    if modulus.bit_length() < MIN_KEY_BITS or len(signature) != length:
        return False
    opened = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(length, "big")
    digest = SHA256_PREFIX + hashlib.sha256(message).digest()
    expected = b"\x00\x01" + b"\xff" * (length - len(digest) - 3) + b"\x00" + digest
    return compare_digest(opened, expected)


def decoded(text: str) -> bytes:
    """Decode base64url without padding.

    Errors: ValueError.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
