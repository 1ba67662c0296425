"""The list that is there when all else fails: what a reader without a history is recommended, kept fresh beforehand.

It holds whole articles, so that it needs neither Personalize nor the content table when it is needed. A scheduled
function, or a thread of the server, asks for it and stores it; every instance of the API keeps a copy in memory, and
beside it what it has served lately, for the time before there is a stored list.
"""

import json
import zlib
from collections.abc import Callable, Iterable
from threading import Event, Lock
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.article_cache import Article
from recommendations.logs import error_code, log_event

ROW_NAME = "popular"
MOST_ARTICLES = 100
MOST_SERVED = 300
LOADING_WAIT_S = 0.25


class Store(Protocol):
    """Where the list is kept between instances."""

    def load(self) -> list[Article]: ...

    def save(self, articles: list[Article]) -> None: ...


class TableStore:
    """The list as one row of a DynamoDB table, compressed: a row holds 400 KB at most."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def load(self) -> list[Article]:
        """Errors: ClientError or BotoCoreError."""
        answer = self._dynamodb.get_item(TableName=self._table, Key={"name": {"S": ROW_NAME}})
        stored = answer.get("Item", {}).get("articles", {}).get("B")
        return json.loads(zlib.decompress(stored)) if stored else []

    def save(self, articles: list[Article]) -> None:
        """Errors: ClientError or BotoCoreError."""
        packed = zlib.compress(json.dumps(articles, ensure_ascii=False).encode())
        row = {"name": {"S": ROW_NAME}, "articles": {"B": packed}, "count": {"N": str(len(articles))}}
        self._dynamodb.put_item(TableName=self._table, Item=row)


class MemoryStore:
    """The list of one process, where there is no table."""

    def __init__(self) -> None:
        self._articles: list[Article] = []

    def load(self) -> list[Article]:
        return self._articles

    def save(self, articles: list[Article]) -> None:
        self._articles = articles


class PopularList:
    """The copy in memory."""

    def __init__(self, store: Store, *, ttl_s: float, clock: Callable[[], float]) -> None:
        self._store = store
        self._ttl_s = ttl_s
        self._clock = clock
        self._articles: list[Article] = []
        self._served: dict[str, Article] = {}  # the latest last
        self._load_again_at = float("-inf")
        self._lock = Lock()
        self._is_loaded = Event()  # not set while somebody loads the copy

    def known(self) -> bool:
        """Tell whether there is anything to fall back on."""
        return bool(self._articles or self._served)

    def due(self) -> bool:
        """Tell whether the copy should be loaded again; true for one caller each time, who has to do it."""
        with self._lock:
            if self._clock() < self._load_again_at:
                return False
            self._load_again_at = self._clock() + self._ttl_s
            self._is_loaded.clear()
            return True

    def load(self) -> None:
        """Load the stored list; the copy of before stays when that fails or there is none."""
        try:
            self._articles = self._store.load() or self._articles
        except (BotoCoreError, ClientError, zlib.error, ValueError) as error:
            log_event("warning", "popular_not_loaded", error=error_code(error), articles_known=len(self._articles))
        finally:
            self._is_loaded.set()

    def save(self, articles: list[Article]) -> None:
        """Store a new list; an empty one is no news.

        Errors: ClientError or BotoCoreError.
        """
        if articles:
            self._articles = articles[:MOST_ARTICLES]
            self._store.save(self._articles)

    def served(self, articles: Iterable[Article]) -> None:
        """Take note of what readers got."""
        with self._lock:
            for article in articles:
                self._served.pop(article["content_id"], None)
                self._served[article["content_id"]] = article
            while len(self._served) > MOST_SERVED:
                del self._served[next(iter(self._served))]

    def articles(self, excluded: Iterable[str], categories: tuple[str, ...]) -> list[Article]:
        """Give the list without the excluded ones: first those of the asked categories, then the others.

        While there is no list yet, it waits a moment for the one that is being loaded.
        """
        if not self._articles:
            if self.due():
                self.load()
            self._is_loaded.wait(LOADING_WAIT_S)
        with self._lock:
            served = list(reversed(self._served.values()))
        unwanted = set(excluded)
        every = {article["content_id"]: article for article in (*self._articles, *served)}
        kept = [article for item, article in every.items() if item not in unwanted]
        return sorted(kept, key=lambda article: article.get("category") not in categories) if categories else kept
