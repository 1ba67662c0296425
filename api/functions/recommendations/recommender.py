"""Ask Personalize: the visitor's backend through its chain of filters, another backend when it fails or is slow."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from recommendations.backends import Backend
from recommendations.breaker import Breakers
from recommendations.chain import NO_FILTER, Step, Wishes, chain
from recommendations.deadline import Deadline
from recommendations.errors import BackendFailedError
from recommendations.logs import error_code, log_event
from recommendations.personalize import CALL_ERRORS, REFUSALS, PersonalizeRuntime
from recommendations.racing import HedgePolicy, TooSlowError, first_answer
from recommendations.requests import RecommendationsRequest

CONTEXT_COLUMNS = {"platform": "device_detector_visitorplatform", "visitor_type": "visitor_type"}


@dataclass
class Recommendations:
    """Personalize's items in Personalize's order, without the excluded ones."""

    backend: str
    recommendation_id: str = ""
    steps: list[tuple[Step, list[str]]] = field(default_factory=list)  # what each call of the chain added
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)  # by item, where it was asked for
    hedged: bool = False
    seconds: float = 0.0
    may_have_more: bool = False  # a call gave as many items as it was asked for

    @property
    def item_ids(self) -> list[str]:
        return [item_id for _, ids in self.steps for item_id in ids]

    def extend(self, answer: dict[str, Any], excluded: frozenset[str], asked: Step) -> None:
        """Take over the items of one answer that are not there yet."""
        known = excluded.union(self.item_ids)
        self.may_have_more |= len(answer.get("itemList", ())) >= asked.arguments["numResults"]
        ids = dict.fromkeys(item["itemId"] for item in answer.get("itemList", ()))
        fresh = [item_id for item_id in ids if item_id and item_id not in known]
        if fresh:
            self.recommendation_id = self.recommendation_id or answer.get("recommendationId", "")
            self.steps.append((asked, fresh))
        self.metadata |= {item["itemId"]: item["metadata"] for item in answer.get("itemList", ()) if "metadata" in item}


class Recommender:
    """Calls GetRecommendations, within a deadline."""

    def __init__(
        self,
        runtime: PersonalizeRuntime,
        wishes: Wishes,
        *,
        executor: Executor,
        breakers: Breakers,
        now_epoch_s: Callable[[], float],
    ) -> None:
        self._runtime = runtime
        self._wishes = wishes
        self._executor = executor
        self._breakers = breakers
        self._now_epoch_s = now_epoch_s
        self._hedges = HedgePolicy()

    def recommend(
        self, backends: Sequence[Backend], request: RecommendationsRequest, deadline: Deadline
    ) -> Recommendations:
        """Recommend from the first of the backends that answers; one alone has a second try.

        Errors: BackendFailedError when nothing could be had from any; InvalidRequestError.
        """
        for backend in backends[:1]:
            list(chain(backend, request, self._wishes, 0))  # what the caller got wrong is wrong everywhere
        trying = [backend for backend in backends if self._breakers.allows(backend.campaign_arn)]
        if not trying:
            raise BackendFailedError("Amazon Personalize keeps failing: it is left alone for a moment.")
        if len(trying) == 1:
            trying *= 2
        started: list[Recommendations] = []
        calls = [partial(self._fill, backend, request, deadline, started) for backend in trying]
        try:
            found, hedged = first_answer(self._executor, calls, self._hedges, deadline)
        except (*CALL_ERRORS, TooSlowError) as error:
            return self._what_there_is(error, started, trying[0])
        found.hedged = hedged
        self._hedges.answered(found.seconds)
        return found

    def rank(self, backends: Sequence[Backend], request: RecommendationsRequest, deadline: Deadline) -> Recommendations:
        """Order the given articles for a reader.

        Errors: BackendFailedError when no backend did.
        """
        trying = [backend for backend in backends if self._breakers.allows(backend.ranking_arn)]
        if not trying:
            raise BackendFailedError("No active backend orders articles.")
        calls = [partial(self._rank, backend, request, deadline) for backend in trying]
        try:
            found, _ = first_answer(self._executor, calls, self._hedges, deadline)
        except (*CALL_ERRORS, TooSlowError) as error:
            self._breakers.failed(trying[0].ranking_arn)
            log_event("warning", "ranking_failed", backend=trying[0].name, error=error_code(error))
            reason = error_code(error)
            raise BackendFailedError(
                f"Amazon Personalize did not answer ({reason}).", refused=reason in REFUSALS
            ) from None
        return found

    def _rank(self, backend: Backend, request: RecommendationsRequest, deadline: Deadline) -> Recommendations:
        call = {
            "campaignArn": backend.ranking_arn,
            "userId": request.visitor_id,
            "inputList": list(request.content_ids),
        }
        begun_s = deadline.clock()
        answer = self._runtime.rank(call, all_context(request))
        self._breakers.answered(backend.ranking_arn)
        ids = [entry["itemId"] for entry in answer.get("personalizedRanking", ())]
        found = Recommendations(backend.name, answer.get("recommendationId", ""), [(Step(NO_FILTER, call), ids)])
        found.seconds = deadline.clock() - begun_s
        return found

    def _what_there_is(self, error: Exception, started: list[Recommendations], backend: Backend) -> Recommendations:
        """Serve the longest list that was begun; with nothing in hand, say so."""
        if isinstance(error, TooSlowError):
            self._breakers.failed(backend.campaign_arn)
        best = max(started, key=lambda found: len(found.item_ids), default=None)
        if best is not None and best.steps:
            return best
        log_event("warning", "personalize_failed", backend=backend.name, error=error_code(error))
        reason = "too slow" if isinstance(error, TooSlowError) else error_code(error)
        message = f"Amazon Personalize did not answer ({reason}): try again in a moment."
        raise BackendFailedError(message, refused=reason in REFUSALS)

    def _fill(
        self, backend: Backend, request: RecommendationsRequest, deadline: Deadline, started: list[Recommendations]
    ) -> Recommendations:
        """Fill a list from the chain of filters until it is long enough.

        Errors: CALL_ERRORS when the backend gave nothing.
        """
        found = Recommendations(backend.name)
        started.append(found)
        begun_s = deadline.clock()
        context = all_context(request)
        excluded = frozenset(request.excluded_ids)
        failure: Exception | None = None
        for asked in chain(backend, request, self._wishes, self._now_epoch_s()):
            if len(found.item_ids) >= request.limit or (asked.last_resort and found.steps) or deadline.passed():
                break
            try:
                found.extend(self._runtime.recommend(asked.arguments, context), excluded, asked)
                self._breakers.answered(backend.campaign_arn)
            except CALL_ERRORS as error:
                failure = error
                if error_code(error) not in REFUSALS:
                    self._breakers.failed(backend.campaign_arn)
                    break
                log_event(
                    "warning", "call_refused", backend=backend.name, filter=asked.filter_used, error=error_code(error)
                )
        if failure and not found.steps:
            raise failure
        found.seconds = deadline.clock() - begun_s
        return found


def all_context(request: RecommendationsRequest) -> dict[str, str]:
    """Return what is known of the visit, by the model's columns; what the page says wins over the headers."""
    said = {column: value for name, column in CONTEXT_COLUMNS.items() if (value := getattr(request, name))}
    return {**dict(request.context_values), **said}
