"""Ask Personalize, through the declared chain of filters.

1. the filter of the request's context, 2. the default filter (the unread ones), when the first gives too little,
3. no filter at all, only when the two gave nothing: a short list that keeps the rules is better than a full one
that breaks them, and an empty one is worse than both.

A campaign whose data knows nothing of platforms and visitor types may refuse a call that names them: such a campaign is
asked again without, and remembered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.backends import Backend, FilterRule
from recommendations.errors import BackendFailedError, CallRefusedError
from recommendations.filter_values import filter_values
from recommendations.logs import error_code, log_event
from recommendations.request import MAX_LIMIT, RecommendationsRequest

SPARE_ITEMS = 10  # asked for beside the wanted ones: some may have no row in the content table
CONTEXT_COLUMNS = {"platform": "device_detector_visitorplatform", "visitor_type": "visitor_type"}
FILTER_ERRORS = frozenset({"InvalidInputException", "ResourceNotFoundException"})
NO_FILTER = "none"


@dataclass
class Recommendations:
    """Personalize's items in Personalize's order, without the excluded ones."""

    backend: str
    recommendation_id: str = ""
    item_ids: list[str] = field(default_factory=list)
    filters_used: list[str] = field(default_factory=list)

    def extend(self, answer: dict[str, Any], excluded: frozenset[str], filter_name: str) -> None:
        """Take over the items of one answer that are not there yet."""
        known = excluded.union(self.item_ids)
        ids = dict.fromkeys(item["itemId"] for item in answer.get("itemList", ()))
        fresh = [item_id for item_id in ids if item_id and item_id not in known]
        if fresh:
            self.recommendation_id = self.recommendation_id or answer.get("recommendationId", "")
            self.item_ids += fresh
            self.filters_used.append(filter_name)


class Recommender:
    """Calls GetRecommendations on one backend."""

    def __init__(self, personalize: Any, *, default_category: str) -> None:
        self._personalize = personalize
        self._default_category = default_category
        self._refuses_context: set[str] = set()  # campaign ARNs

    def recommend(
        self, backend: Backend, request: RecommendationsRequest, out_of_time: Callable[[], bool]
    ) -> Recommendations:
        """Recommend with the request's context, or without where the campaign does not take it.

        Errors: BackendFailedError when nothing could be had from this backend.
        """
        context = {} if backend.campaign_arn in self._refuses_context else context_of(request)
        try:
            return self._fill(backend, request, context, out_of_time)
        except CallRefusedError:
            if not context:
                raise
        found = self._fill(backend, request, {}, out_of_time)
        self._refuses_context.add(backend.campaign_arn)
        log_event("warning", "context_refused", backend=backend.name, columns=sorted(context))
        return found

    def _fill(
        self,
        backend: Backend,
        request: RecommendationsRequest,
        context: dict[str, str],
        out_of_time: Callable[[], bool],
    ) -> Recommendations:
        """Fill a list from the chain of filters until it is long enough."""
        found = Recommendations(backend.name)
        excluded = frozenset(request.excluded_ids)
        for rule, call in self._calls(backend, request, context):
            if len(found.item_ids) >= request.limit or (rule is None and found.item_ids):
                break
            if out_of_time():
                return given_up(found, "out of time")
            name = rule.name if rule else NO_FILTER
            try:
                found.extend(self._personalize.get_recommendations(**call), excluded, name)
            except (BotoCoreError, ClientError) as error:
                log_event("warning", "personalize_failed", backend=backend.name, filter=name, error=error_code(error))
                if rule is None or error_code(error) not in FILTER_ERRORS:
                    return given_up(found, error_code(error))
        return found

    def _calls(
        self, backend: Backend, request: RecommendationsRequest, context: dict[str, str]
    ) -> Iterator[tuple[FilterRule | None, dict[str, Any]]]:
        """Yield the chain: each filter, and at last none, with the arguments of its call."""
        plain = plain_call(backend, request, context)
        for rule in backend.filter_chain(request.context):
            values = filter_values(rule, request, self._default_category)
            yield rule, {**plain, "filterArn": backend.filter_arn(rule), **({"filterValues": values} if values else {})}
        yield None, plain


def context_of(request: RecommendationsRequest) -> dict[str, str]:
    """Return what the request says about the visit, by the model's columns."""
    return {column: value for name, column in CONTEXT_COLUMNS.items() if (value := getattr(request, name))}


def plain_call(backend: Backend, request: RecommendationsRequest, context: dict[str, str]) -> dict[str, Any]:
    """Return GetRecommendations' arguments without a filter."""
    return {
        "campaignArn": backend.campaign_arn,
        "userId": request.visitor_id,
        "numResults": min(MAX_LIMIT, request.limit + len(request.excluded_ids) + SPARE_ITEMS),
        **({"context": context} if context else {}),
    }


def given_up(found: Recommendations, reason: str) -> Recommendations:
    """Serve what there is; with nothing in hand, say so."""
    if found.item_ids:
        return found
    kind = CallRefusedError if reason == "InvalidInputException" else BackendFailedError
    raise kind(f"Amazon Personalize did not answer ({reason}): try again in a moment.")
