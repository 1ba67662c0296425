"""Pages and their tokens, and the form of what a list gives. Recipes are what every account has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from personalize_local.probe.check import DOCUMENTED, MODEL, OBSERVED, Check, expect, expect_error, expect_success
from personalize_local.probe.endpoint import Endpoint

AREA = "pages"
PAGE_LIMIT = 200
EARLIEST_EPOCH_S, LATEST_EPOCH_S = 1_000_000_000, 10_000_000_000


def paging_checks() -> list[Check]:
    """Give the checks of pages, tokens and times."""
    return [
        Check(AREA, "pages of 7 give what one page gives", MODEL, _pages),
        Check(AREA, "a token that nobody gave", MODEL, _foreign_token),
        Check(AREA, "the last page has no token", OBSERVED, _last_page),
        Check(AREA, "times are epoch seconds", DOCUMENTED, _times),
        Check(AREA, "nothing is null", OBSERVED, _no_null),
        Check(AREA, "successes have their headers", MODEL, _headers),
    ]


def list_recipes(endpoint: Endpoint, **members: Any) -> Iterator[list[dict[str, Any]]]:
    """Give the recipes page by page.

    Errors: MismatchError, also when the pages do not end.
    """
    token: dict[str, str] = {}
    for _ in range(PAGE_LIMIT):
        page = expect_success(endpoint.call("ListRecipes", {**members, **token})).members
        yield page["recipes"]
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}
    expect(False, f"there are more than {PAGE_LIMIT} pages")


def _arns(pages: Iterator[list[dict[str, Any]]]) -> list[str]:
    return [recipe["recipeArn"] for page in pages for recipe in page]


def _pages(endpoint: Endpoint) -> None:
    whole, parts = _arns(list_recipes(endpoint, maxResults=100)), _arns(list_recipes(endpoint, maxResults=7))
    expect(len(set(parts)) == len(parts), "a recipe is on two pages")
    expect(set(parts) == set(whole), f"{len(set(whole) ^ set(parts))} recipes are in one of the two only")


def _foreign_token(endpoint: Endpoint) -> None:
    expect_error(endpoint.call("ListSchemas", {"nextToken": "bm9ib2R5"}), "InvalidNextTokenException")


def _last_page(endpoint: Endpoint) -> None:
    pages = list(list_recipes(endpoint, maxResults=100))
    expect(bool(pages[-1]) or len(pages) == 1, "a last page is empty")


def _times(endpoint: Endpoint) -> None:
    for page in list_recipes(endpoint):
        for recipe in page:
            for name in ("creationDateTime", "lastUpdatedDateTime"):
                value = recipe.get(name, EARLIEST_EPOCH_S)
                is_seconds = isinstance(value, int | float) and EARLIEST_EPOCH_S <= value < LATEST_EPOCH_S
                expect(is_seconds, f"{name} is {value!r}")


def _no_null(endpoint: Endpoint) -> None:
    answer = expect_success(endpoint.call("ListRecipes", {"maxResults": 100}))
    nulls = {name for recipe in answer.members["recipes"] for name, value in recipe.items() if value is None}
    expect(not nulls, f"null in place of nothing: {', '.join(sorted(nulls))}")


def _headers(endpoint: Endpoint) -> None:
    headers = expect_success(endpoint.call("ListSchemas")).headers
    expect(headers.get("content-type") == "application/x-amz-json-1.1", f"the type is {headers.get('content-type')}")
    expect("x-amzn-requestid" in headers, "there is no x-amzn-RequestId header")
