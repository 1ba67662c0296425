"""The declared chain of filters: what to ask Personalize in turn until the list is long enough.

1. the filter of the request's context, recent articles only where it says so; 2. the same, of any age; 3. the default
filter, recent; 4. the same, of any age; 5. no filter at all, only when all the others gave nothing: a short list that
keeps the rules is better than a full one that breaks them, and an empty one is worse than both.

A filter with the parameter `$minTimestamp` gets the age limit from Personalize, and 2 and 4 are calls of their own.
Without it the age is judged by the published date of the content rows, and 2 and 4 are the older rest of 1 and 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recommendations.backends import TIME_PARAMETER, Backend, FilterRule
from recommendations.filter_values import filter_values
from recommendations.requests import MAX_LIMIT, RecommendationsRequest
from recommendations.sections import categories_of

SPARE_ITEMS = 10  # asked for beside the wanted ones: some may have no row in the content table
RECENT_LOOK_AHEAD = 3  # where the age is judged here, the older ones fall behind
ANY_AGE = " (any age)"
NO_FILTER = "none"
DAY_S = 86_400
MAX_LIMIT_WITH_METADATA = 50  # GetRecommendations with metadataColumns; documented


@dataclass(frozen=True)
class Step:
    """One call of the chain."""

    filter_used: str
    arguments: dict[str, Any]
    newest_first_than_epoch_s: float = 0.0  # items published before come after the others; 0 is any age
    last_resort: bool = False


@dataclass(frozen=True)
class Wishes:
    """What the API adds to every request."""

    default_category: str
    recent_days: float
    look_ahead: int = 1
    metadata_columns: tuple[str, ...] = ()


def chain(backend: Backend, request: RecommendationsRequest, wishes: Wishes, now_epoch_s: float) -> Iterator[Step]:
    """Yield the calls for one request.

    Errors: InvalidRequestError when a value would be longer than Personalize takes.
    """
    categories = categories_of(request.sections, wishes.default_category)
    for rule in backend.filter_chain(request.context):
        recent = rule.wants_recent(categories)
        days = wishes.recent_days if rule.days is None else rule.days
        oldest = now_epoch_s - days * DAY_S if recent else 0.0
        if TIME_PARAMETER not in rule.parameters:
            yield step(backend, rule, request, categories, wishes, judged_from_epoch_s=oldest)
            continue
        if recent:
            yield step(backend, rule, request, categories, wishes, oldest_epoch_s=oldest)
        yield step(backend, rule, request, categories, wishes, suffix=ANY_AGE if recent else "")
    yield Step(NO_FILTER, plain_call(backend, request, wishes), last_resort=True)


def step(
    backend: Backend,
    rule: FilterRule,
    request: RecommendationsRequest,
    categories: tuple[str, ...],
    wishes: Wishes,
    *,
    oldest_epoch_s: float = 0.0,
    judged_from_epoch_s: float = 0.0,
    suffix: str = "",
) -> Step:
    """Return the call with one filter."""
    factor = RECENT_LOOK_AHEAD if judged_from_epoch_s else 1
    call = plain_call(backend, request, wishes, factor) | {"filterArn": backend.filter_arn(rule)}
    if values := filter_values(rule, categories, int(oldest_epoch_s)):
        call["filterValues"] = values
    return Step(rule.name + suffix, call, judged_from_epoch_s)


def plain_call(backend: Backend, request: RecommendationsRequest, wishes: Wishes, factor: int = 1) -> dict[str, Any]:
    """Return GetRecommendations' arguments without a filter."""
    wanted = request.limit * max(factor, wishes.look_ahead) + len(request.excluded_ids) + SPARE_ITEMS
    most = MAX_LIMIT_WITH_METADATA if wishes.metadata_columns else MAX_LIMIT
    related = bool(request.content_id)
    return {
        "campaignArn": backend.related_arn if related else backend.campaign_arn,
        **({"itemId": request.content_id} if related else {}),
        **({"userId": request.visitor_id} if request.visitor_id else {}),
        "numResults": min(most, wanted),
        **({"metadataColumns": {"ITEMS": list(wishes.metadata_columns)}} if wishes.metadata_columns else {}),
    }
