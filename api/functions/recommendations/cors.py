"""Which pages may read the answers, decided anew for each request."""

from urllib.parse import urlsplit

PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Headers": "Authorization,Content-Type,If-None-Match,X-Api-Key",
    "Access-Control-Max-Age": "600",
}


def cors_headers(origin: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Return the headers for one answer; a foreign origin, or none, gets no permission."""
    headers = {"Vary": "Origin"}
    if origin and any(matches(origin, entry) for entry in allowed):
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "ETag,Retry-After"}
    return headers


def matches(origin: str, entry: str) -> bool:
    """Tell whether an entry of the allow-list covers this origin.

    An entry with a scheme is one exact origin ("http://localhost:8000"); a bare host covers itself and its
    subdomains over https on the standard port; "*" covers every origin.
    """
    if entry == "*":
        return True
    if "://" in entry:
        return origin.lower() == entry.lower().rstrip("/")
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    host = parts.netloc.removesuffix(":443")
    return parts.scheme == "https" and (host == entry.lower() or host.endswith("." + entry.lower()))
