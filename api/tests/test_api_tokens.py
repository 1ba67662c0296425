"""Tokens: the right one, and every way to be wrong."""

import base64
import hashlib
import json
from typing import Any

import pytest
from recommendations.tokens import SHA256_PREFIX, TokenError, UnknownKeyError, verify
from test_api_commands import load_app

# A key that needs no secret and no time to make: the product of two Mersenne primes.
P, Q, E = 2**1279 - 1, 2**2203 - 1, 65537
N, D = P * Q, pow(E, -1, (P - 1) * (Q - 1))
LENGTH = (N.bit_length() + 7) // 8
NOW = 1_635_900_000
ISSUER, AUDIENCE = "https://issuer.example", "pages"
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 600, "client_id": AUDIENCE}
ARN = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3/v1/POST/recommendations"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


KEY = {"kid": "k1", "kty": "RSA", "n": encoded(N.to_bytes(LENGTH, "big")), "e": encoded(E.to_bytes(3, "big"))}


def token(claims: Any = CLAIMS, head: Any = None) -> str:
    head = {"alg": "RS256", "kid": "k1"} if head is None else head
    signed = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(claims).encode())}"
    digest = SHA256_PREFIX + hashlib.sha256(signed.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (LENGTH - len(digest) - 3) + b"\x00" + digest
    return f"{signed}.{encoded(pow(int.from_bytes(padded, 'big'), D, N).to_bytes(LENGTH, 'big'))}"


def check(text: str, key: Any = KEY) -> dict[str, Any]:
    return verify(text, [key], issuer=ISSUER, audience=AUDIENCE, now_epoch_s=NOW)


@pytest.mark.parametrize(
    "changes", [{}, {"aud": ["x", AUDIENCE]}, {"exp": NOW - 30}, {"nbf": NOW + 30}, {"aud": AUDIENCE, "client_id": "x"}]
)
def test_a_right_token(changes):
    assert check(token(CLAIMS | changes))["iss"] == ISSUER


def test_cognitos_access_tokens_name_the_client():
    assert check(token({name: value for name, value in CLAIMS.items() if name != "aud"}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no token"),
        ("a.b", "no token"),
        ("é.é.é", "no token"),
        (token([]), "no token"),
        (token(CLAIMS | {"iss": "https://other.example"}), "another issuer"),
        (token(CLAIMS | {"aud": "x"}), "another audience"),
        (token(CLAIMS | {"exp": NOW - 61}), "not its time"),
        (token(CLAIMS | {"nbf": NOW + 61}), "not its time"),
        (token(CLAIMS | {"exp": None}), "no time"),
        (token(head={"alg": "none", "kid": "k1"}), "another algorithm"),
        (token(head={"alg": "HS256", "kid": "k1"}), "another algorithm"),
        (token(head={"alg": "RS256", "kid": "k2"}), "an unknown key"),
        (token()[:-8] + "AAAAAAAA", "a wrong signature"),
        (token().rpartition(".")[0] + ".", "a wrong signature"),
        (token().rpartition(".")[0] + "." + token(CLAIMS | {"x": 1}).rpartition(".")[2], "a wrong signature"),
    ],
    ids=range(15),
)
def test_a_wrong_token(text, reason):
    with pytest.raises(TokenError, match=reason):
        check(text)


@pytest.mark.parametrize("key", [KEY | {"n": "AQAB"}, KEY | {"n": "!"}, {"kid": "k1", "kty": "RSA"}])
def test_a_key_that_is_too_short_or_none(key):
    with pytest.raises(TokenError, match="a wrong signature"):
        check(token(), key)
    with pytest.raises(UnknownKeyError):
        check(token(), KEY | {"kty": "EC"})


@pytest.fixture
def authorize(monkeypatch):
    monkeypatch.setenv("JWT_ISSUER", ISSUER)
    monkeypatch.setenv("JWT_AUDIENCE", AUDIENCE)
    app = load_app("authorize")
    app.asked = []
    answers = {
        f"{ISSUER}/.well-known/openid-configuration": {"jwks_uri": f"{ISSUER}/keys"},
        f"{ISSUER}/keys": {"keys": [KEY]},
    }
    monkeypatch.setattr(app, "fetch", lambda address: app.asked.append(address) or answers[address])
    monkeypatch.setattr(app.time, "time", lambda: NOW)
    return app


def test_a_right_token_may_call_every_path_of_the_stage(authorize):
    for _ in range(3):
        answer = authorize.lambda_handler({"authorizationToken": f"Bearer {token()}", "methodArn": ARN}, None)
    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == (
        "Allow",
        "arn:aws:execute-api:us-east-1:000000000000:a1b2c3/v1/*",
    )
    assert len(authorize.asked) == 2  # the keys are kept


def test_a_wrong_token_is_unauthorized_and_not_in_the_log(authorize, capsys):
    wrong = token(CLAIMS | {"aud": "x"})
    for text in (wrong, token(head={"alg": "RS256", "kid": "k2"}), "Bearer x"):
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            authorize.lambda_handler({"authorizationToken": text, "methodArn": ARN}, None)
    assert wrong not in capsys.readouterr().out
    assert len(authorize.asked) == 2


def test_keys_are_fetched_over_tls_only(monkeypatch):
    with pytest.raises(ValueError, match="https only"):
        load_app("authorize").fetch("http://issuer.example/keys")
