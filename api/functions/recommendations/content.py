"""Put the articles behind recommended ids: content and pictures asked side by side, and remembered for a while."""

from collections.abc import Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.article_cache import Article, ArticleCache
from recommendations.breaker import Breakers
from recommendations.conversion import to_recommendation
from recommendations.deadline import Deadline
from recommendations.logs import error_code, log_event
from recommendations.tables import Rows, batches

PICTURES_WAIT_S = 0.1  # how much longer than the articles the pictures may take
CONTENT, PICTURES = "content", "pictures"


class RowReader(Protocol):
    """Rows by id, at most a hundred at a time, and the ids that were not got to."""

    def read(self, ids: Sequence[str], deadline: Deadline) -> tuple[Rows, frozenset[str]]: ...


@dataclass
class Answered:
    """What a table said so far: rows by id, and the ids it was asked for in vain."""

    rows: Rows = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


class Content:
    """The newspaper's articles, by id."""

    def __init__(
        self,
        articles: RowReader,
        images: RowReader | None,
        *,
        cache: ArticleCache,
        executor: Executor,
        breakers: Breakers,
    ) -> None:
        self._articles = articles
        self._images = images
        self._cache = cache
        self._executor = executor
        self._breakers = breakers

    def find(self, ids: Sequence[str], deadline: Deadline) -> tuple[dict[str, Article], bool]:
        """Return the articles that exist, by id, and whether the table answered for all of them.

        What it did not answer for comes from before, where it is known. Pictures are optional.
        """
        fresh = self._cache.fresh(ids)
        missing = [item for item in ids if item not in fresh]
        found = {item: article for item, article in fresh.items() if article is not None}
        if not missing:
            return found, True
        articles, pictures = self._ask(missing, deadline)
        read = {item: to_recommendation(row, pictures.rows.get(item, {})) for item, row in articles.rows.items()}
        certain = [item for item in missing if item not in articles.unread and item not in pictures.unread]
        self._cache.keep({item: read.get(item) for item in certain})
        return found | self._cache.known(articles.unread) | read, not articles.unread

    def _ask(self, ids: Sequence[str], deadline: Deadline) -> tuple[Answered, Answered]:
        articles = self._start(self._articles, CONTENT, ids, deadline)
        pictures = self._start(self._images, PICTURES, ids, deadline) if self._images else {}
        wait(articles, deadline.left_s())
        wait(pictures, min(deadline.left_s(), PICTURES_WAIT_S))
        return self._collect(articles, CONTENT, ids), self._collect(pictures, PICTURES, ids if self._images else ())

    def _start(
        self, reader: RowReader, name: str, ids: Sequence[str], deadline: Deadline
    ) -> dict[Future[tuple[Rows, frozenset[str]]], Sequence[str]]:
        if not self._breakers.allows(name):
            return {}
        return {self._executor.submit(reader.read, part, deadline): part for part in batches(ids)}

    def _collect(
        self, futures: dict[Future[tuple[Rows, frozenset[str]]], Sequence[str]], name: str, ids: Sequence[str]
    ) -> Answered:
        answered = Answered(unread=set(ids))
        for future, part in futures.items():
            if error := failure_of(future):
                self._breakers.failed(name)
                log_event("warning", f"{name}_failed", error=error)
                continue
            rows, unread = future.result()
            answered.rows |= rows
            answered.unread -= set(part) - unread
            self._breakers.answered(name)
        return answered


def failure_of(future: Future[tuple[Rows, frozenset[str]]]) -> str:
    """Say why a table did not answer, "" when it did.

    Errors: whatever is not the table's fault.
    """
    if not future.done():
        return "TooSlow"
    error = future.exception()
    if error is None:
        return ""
    if not isinstance(error, BotoCoreError | ClientError):
        raise error
    return error_code(error)
