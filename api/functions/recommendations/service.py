"""The path of one request: the visitor's backend → Personalize → the articles → the order → the reply; never empty.

Read `recommendations` first; `related` and `rerank` are its sisters.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, field, replace
from itertools import chain as joined
from typing import Any, TypeVar

from recommendations.article_cache import Article
from recommendations.backends import Backend
from recommendations.chain import ANY_AGE, Step
from recommendations.content import Content
from recommendations.conversion import article_from_metadata, to_recommendation
from recommendations.deadline import PERSONALIZE_SHARE, Deadline
from recommendations.directory import BackendDirectory
from recommendations.errors import ApiError, BackendFailedError, ContentFailedError, NoBackendError
from recommendations.exposures import Exposures
from recommendations.meters import measure
from recommendations.popular import MOST_ARTICLES, PopularList
from recommendations.post_ranking import Hook
from recommendations.published import published_epoch_s
from recommendations.recommender import Recommendations, Recommender
from recommendations.requests import MAX_LIMIT, RecommendationsRequest
from recommendations.sections import categories_of
from recommendations.split import order_for_visitor

T = TypeVar("T")
PERSONALIZE, POPULAR, GIVEN = "personalize", "popular", "given"
EXPOSURE_WAIT_S = 0.05  # so that an instance is not frozen while it writes
UNCOVERED_S = 6.0  # while there is no list to fall back on, a late answer is better than none
ANONYMOUS = "anonymous"  # who is asked for where no reader is named
NO_BACKEND = "No backend is active: run the pipeline, or deploy this stack with CampaignName and FiltersPrefix."


@dataclass
class Answer:
    """A list for the page, and how it came about."""

    articles: list[Article]
    source: str
    backend: str = ""
    recommendation_id: str = ""
    filters_used: list[str] = field(default_factory=list)
    personalize_s: float = 0.0
    content_s: float = 0.0


class Service:
    """Answers parsed requests; everything that talks to the world is passed in."""

    def __init__(
        self,
        *,
        directory: BackendDirectory,
        recommender: Recommender,
        content: Content,
        popular: PopularList,
        exposures: Exposures,
        executor: Executor,
        hooks: Sequence[Hook],
        default_category: str,
        deadline_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._recommender = recommender
        self._content = content
        self._popular = popular
        self._exposures = exposures
        self._executor = executor
        self._hooks = tuple(hooks)
        self._default_category = default_category
        self._deadline_s = deadline_s
        self._clock = clock

    def recommendations(self, request: RecommendationsRequest) -> Answer:
        """Answer POST /recommendations.

        Errors: ApiError when there is nothing at all to show.
        """
        return self._answer(request, lambda backend: True)

    def related(self, request: RecommendationsRequest) -> Answer:
        """Answer /related: articles like one, from the backends that have such a campaign."""
        asked = request if request.visitor_id else replace(request, visitor_id=ANONYMOUS)
        return self._answer(asked, lambda backend: bool(backend.related_arn))

    def rerank(self, request: RecommendationsRequest) -> Answer:
        """Answer /rerank: the given articles in the reader's order, or as they were given when nobody knows it."""
        deadline = self._new_deadline()
        answer = Answer([], GIVEN)

        def rank(backends: list[Backend]) -> Recommendations:
            return self._recommender.rank(backends, request, deadline.part(PERSONALIZE_SHARE))

        try:
            found = self._ask(rank, request, lambda backend: bool(backend.ranking_arn))
            ids = list(dict.fromkeys((*found.item_ids, *request.content_ids)))
            answer = self._answer_of(found)
        except BackendFailedError:
            ids = list(request.content_ids)
        articles, complete = self._content.find(ids, deadline)
        if not complete:  # the page has these articles: their order is what it asked for
            articles = {item: to_recommendation({"ContentId": item}, {}) for item in ids} | articles
        answer.articles = [articles[item] for item in ids if item in articles][: request.limit]
        return self._finish(answer, request)

    def refresh_popular(self, deadline: Deadline) -> int:
        """Ask for what a reader without a history is recommended, and store it; return how many articles.

        Errors: ApiError when it cannot be had; ClientError or BotoCoreError when it cannot be stored.
        """
        request = RecommendationsRequest(ANONYMOUS, limit=MOST_ARTICLES)
        backends = order_for_visitor(self._directory.serving(), ANONYMOUS)
        found = self._recommender.recommend(backends, request, deadline.part(PERSONALIZE_SHARE))
        articles = self._enriched(request, found, deadline).articles
        self._popular.save(articles)
        return len(articles)

    def deadline(self, seconds: float) -> Deadline:
        """Give a deadline some seconds from now."""
        return Deadline(self._clock() + seconds, self._clock)

    def _new_deadline(self) -> Deadline:
        if self._popular.due():
            self._executor.submit(self._popular.load)
        return self.deadline(self._deadline_s if self._popular.known() else max(self._deadline_s, UNCOVERED_S))

    def _ask(
        self, call: Callable[[list[Backend]], T], request: RecommendationsRequest, suits: Callable[[Backend], bool]
    ) -> T:
        """Call with the suitable backends; when they are refused, with those that the table names now.

        Errors: what the call raises.
        """
        known = self._directory.serving()
        try:
            return call(suitable(known, request, suits))
        except BackendFailedError as error:
            if not error.refused or not self._directory.has_changed(known):
                raise
        return call(suitable(self._directory.serving(), request, suits))

    def _answer(self, request: RecommendationsRequest, suits: Callable[[Backend], bool]) -> Answer:
        deadline = self._new_deadline()

        def personal(backends: list[Backend]) -> Answer:
            if not backends:
                raise NoBackendError(NO_BACKEND)
            return self._personal(request, backends, deadline)

        try:
            answer = self._ask(personal, request, suits)
            if answer.articles:
                self._popular.served(answer.articles)
                return self._finish(answer, request)
        except (NoBackendError, BackendFailedError, ContentFailedError) as error:
            return self._fallback(request, error)
        return self._fallback(request, answer)

    def _personal(self, request: RecommendationsRequest, backends: list[Backend], deadline: Deadline) -> Answer:
        found = self._recommender.recommend(backends, request, deadline.part(PERSONALIZE_SHARE))
        measure("HedgedCalls", int(found.hedged))
        writing = self._exposures.shown(found.recommendation_id, found.backend)
        kept = [self._executor.submit(writing)] if writing else []
        answer = self._enriched(request, found, deadline)
        if len(answer.articles) < request.limit < MAX_LIMIT and found.may_have_more and not deadline.passed():
            wider = self._recommender.recommend(backends[:1], replace(request, limit=MAX_LIMIT), deadline.part(0.5))
            wider.recommendation_id = found.recommendation_id or wider.recommendation_id
            answer = self._enriched(request, wider, deadline)
        wait(kept, min(deadline.left_s(), EXPOSURE_WAIT_S))
        return answer

    def _enriched(self, request: RecommendationsRequest, found: Recommendations, deadline: Deadline) -> Answer:
        """Put the articles behind the ids: as many as are sure to suffice, then the rest if they did not."""
        begun_s = self._clock()
        ids = found.item_ids
        if found.metadata:
            articles, complete = {item: article_from_metadata(item, found.metadata.get(item, {})) for item in ids}, True
        else:
            articles, complete = self._content_of(request, found, ids, deadline)
        answer = self._answer_of(found)
        self._arrange(answer, request, found, articles)
        answer.content_s = self._clock() - begun_s
        if not answer.articles and not complete:
            raise ContentFailedError("The content table did not answer: try again in a moment.")
        return answer

    def _content_of(
        self, request: RecommendationsRequest, found: Recommendations, ids: list[str], deadline: Deadline
    ) -> tuple[dict[str, Article], bool]:
        enough = len(ids) if self._needs_all(found) else request.limit
        articles, complete = self._content.find(ids[:enough], deadline)
        if len(articles) < request.limit and len(ids) > enough:
            more, complete_too = self._content.find(ids[enough:], deadline)
            articles, complete, enough = articles | more, complete and complete_too, len(ids)
        measure("MissingContent", len(ids[:enough]) - len(articles) if complete else 0)
        return articles, complete

    def _needs_all(self, found: Recommendations) -> bool:
        return bool(self._hooks) or any(asked.newest_first_than_epoch_s for asked, _ in found.steps)

    def _arrange(
        self, answer: Answer, request: RecommendationsRequest, found: Recommendations, articles: dict[str, Article]
    ) -> None:
        """Order by the chain, let the hooks have their say, cut, and tell which filters are in what is left."""
        ordered = list(joined.from_iterable(labelled(asked, ids, articles) for asked, ids in found.steps))
        labels = {article["content_id"]: label for label, article in ordered}
        shown = [article for _, article in ordered]
        for hook in self._hooks:
            shown = hook(shown, request)
        answer.articles = shown[: request.limit]
        used = {labels[article["content_id"]] for article in answer.articles}
        answer.filters_used = [label for label in dict.fromkeys(label for label, _ in ordered) if label in used]

    def _answer_of(self, found: Recommendations) -> Answer:
        return Answer([], PERSONALIZE, found.backend, found.recommendation_id, [], personalize_s=found.seconds)

    def _fallback(self, request: RecommendationsRequest, otherwise: Answer | ApiError) -> Answer:
        """Serve the popular list; without one, the empty list that the catalogue gives.

        Errors: what failed, when there is no list.
        """
        categories = categories_of(request.sections, self._default_category) if request.sections else ()
        articles = self._popular.articles(request.excluded_ids, categories)[: request.limit]
        if not articles:
            if isinstance(otherwise, ApiError):
                raise otherwise
            return self._finish(otherwise, request)
        measure("FallbackLists", 1)
        return self._finish(Answer(articles, POPULAR, filters_used=[POPULAR]), request)

    def _finish(self, answer: Answer, request: RecommendationsRequest) -> Answer:
        measure("ReturnRecommendations", len(answer.articles))
        measure("MissingRecommendations", request.limit - len(answer.articles))
        measure("ReturnBackupRecommendations", int(len(answer.filters_used) > 1))
        measure("PersonalizeRequestTime", answer.personalize_s * 1000)
        measure("ContentRequestTime", answer.content_s * 1000)
        if answer.recommendation_id:
            measure("Exposures", 1, answer.backend)
        return answer


def suitable(
    backends: Sequence[Backend], request: RecommendationsRequest, suits: Callable[[Backend], bool]
) -> list[Backend]:
    """Order the backends that suit for a visitor; without one, for the article that the page shows."""
    return list(filter(suits, order_for_visitor(backends, request.visitor_id or request.content_id)))


def labelled(asked: Step, ids: Sequence[str], articles: dict[str, Article]) -> Iterator[tuple[str, Article]]:
    """Yield a step's articles with the name of the filter: the recent ones, then those of any age."""
    there = [articles[item] for item in ids if item in articles]
    older = [article for article in there if published_epoch_s(article) < asked.newest_first_than_epoch_s]
    aged = {article["content_id"] for article in older}
    yield from ((asked.filter_used, article) for article in there if article["content_id"] not in aged)
    yield from ((asked.filter_used + ANY_AGE, article) for article in older)


def as_reply(answer: Answer, widget_id: str, request_id: str) -> list[dict[str, Any]]:
    """Return the reply: a list of one, as the newspaper's previous API gave it."""
    return [
        {
            "recommendations": answer.articles,
            "request_id": request_id,
            "container_position": 0,
            "widget_id": widget_id,
            "recommendationId": answer.recommendation_id,
            "filter_used": ", ".join(answer.filters_used),
            "backend": answer.backend,
            "source": answer.source,
        }
    ]
