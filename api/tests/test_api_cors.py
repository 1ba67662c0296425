"""Which pages may read an answer."""

import pytest
from recommendations.cors import cors_headers, matches


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://theglobeandmail.com", True),
        ("https://www.theglobeandmail.com", True),
        ("https://WWW.TheGlobeAndMail.com", True),
        ("https://www.theglobeandmail.com:443", True),
        ("https://eviltheglobeandmail.com", False),
        ("https://theglobeandmail.com.evil.example", False),
        ("https://evil.example/theglobeandmail.com", False),
        ("http://www.theglobeandmail.com", False),
        ("https://www.theglobeandmail.com:8443", False),
        ("null", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_host_covers_itself_and_its_subdomains(origin: str, allowed: bool):
    assert matches(origin, "theglobeandmail.com") is allowed


def test_an_origin_covers_itself_only():
    assert matches("http://localhost:8000", "http://localhost:8000")
    assert not matches("http://localhost:8001", "http://localhost:8000")
    assert not matches("http://a.localhost:8000", "http://localhost:8000")


def test_the_headers_of_an_answer():
    assert cors_headers("https://a.example", ("a.example",)) == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": "https://a.example",
        "Access-Control-Expose-Headers": "ETag,Retry-After",
    }
    assert cors_headers("https://b.example", ("a.example",)) == {"Vary": "Origin"}
    assert cors_headers("", ("*",)) == {"Vary": "Origin"}
    assert "Access-Control-Allow-Origin" in cors_headers("https://b.example", ("*",))
