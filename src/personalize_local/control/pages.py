"""Pages of List operations, with tokens that say where the next one begins.

A token holds its operation, its parent and a place; it is good for those only. Pages follow the order of creation, so
what is created or deleted between two pages neither repeats nor hides anything else.
Source: contract §1.7; the order is inferred for most resources.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from personalize_local.control.resources import description
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidNextTokenException
from personalize_spec.limits import PAGE_MAX_RESULTS


def list_page(
    service: Service,
    scope: Scope,
    request: Mapping[str, Any],
    kind: str,
    member: str,
    *,
    parent_member: str | None = None,
) -> dict[str, Any]:
    """Give a page of the resources of a kind, all of the region's or only those of the parent in the request.

    Errors: InvalidNextTokenException.
    """
    parent_arn = request.get(parent_member) if parent_member else None
    size = request.get("max_results", PAGE_MAX_RESULTS)
    place = read_token(request, kind, parent_arn)
    found = service.workspace.resources.list(kind, scope, parent_arn, after_seq=place, limit=size + 1)
    page = {member: [description(resource) for resource in found[:size]]}
    return page | (next_token(kind, parent_arn, found[size - 1].seq) if len(found) > size else {})


def next_token(listing: str, parent: str | None, place: int) -> dict[str, str]:
    """Give the `next_token` member that leads on from a place."""
    text = json.dumps([listing, parent, place], separators=(",", ":"))
    return {"next_token": base64.urlsafe_b64encode(text.encode()).decode()}


def read_token(request: Mapping[str, Any], listing: str, parent: str | None) -> int:
    """Give the place that the request's token stands for; 0 without a token.

    Errors: InvalidNextTokenException for a token that this listing, of this parent, did not give.
    """
    token = request.get("next_token")
    if token is None:
        return 0
    try:
        given_listing, given_parent, place = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error):
        raise _bad_token() from None
    if (given_listing, given_parent) != (listing, parent) or not isinstance(place, int):
        raise _bad_token()
    return place


def _bad_token() -> InvalidNextTokenException:
    return InvalidNextTokenException("The token is invalid: pass the nextToken of the previous answer, unchanged.")
