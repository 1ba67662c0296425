"""Put the articles behind the recommended ids: content and images asked side by side, Personalize's order kept."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.conversion import to_recommendation
from recommendations.errors import ContentFailedError
from recommendations.logs import error_code, log_event

Rows = dict[str, dict[str, Any]]
MIN_BATCH = 10


class RowReader(Protocol):
    """Rows by id."""

    def read(self, ids: Sequence[str]) -> Rows: ...


class Content:
    """The newspaper's articles, by id."""

    def __init__(self, articles: RowReader, images: RowReader | None, executor: Executor) -> None:
        self._articles = articles
        self._images = images
        self._executor = executor

    def enrich(self, item_ids: Sequence[str], limit: int) -> list[dict[str, Any]]:
        """Return the first `limit` items that have content, in the given order.

        Errors: ContentFailedError when the content table does not answer; images are optional.
        """
        found: list[dict[str, Any]] = []
        rest = list(item_ids)
        while rest and len(found) < limit:
            size = max(limit - len(found), MIN_BATCH)
            batch, rest = rest[:size], rest[size:]
            found += self._enrich_batch(batch)
        return found[:limit]

    def _enrich_batch(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        images = self._executor.submit(self._read_images, ids)
        articles = self._read_articles(ids)
        pictures = images.result()
        return [to_recommendation(articles[item], pictures.get(item, {})) for item in ids if item in articles]

    def _read_articles(self, ids: Sequence[str]) -> Rows:
        try:
            return self._articles.read(ids)
        except (BotoCoreError, ClientError) as error:
            log_event("error", "content_failed", error=error_code(error))
            raise ContentFailedError("The content table did not answer: try again in a moment.") from None

    def _read_images(self, ids: Sequence[str]) -> Rows:
        try:
            return self._images.read(ids) if self._images else {}
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "images_failed", error=error_code(error))
            return {}
