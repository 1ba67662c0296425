"""When an article was published, told from its text."""

from datetime import UTC, datetime
from functools import lru_cache

from recommendations.article_cache import Article


def published_epoch_s(article: Article) -> float:
    """Give seconds since 1970; infinity where there is no date, as an article without one is not judged old."""
    return parse_published(article.get("published_at") or "")


@lru_cache(maxsize=20_000)
def parse_published(text: str) -> float:
    """Read `2021-10-20 06:00:00` or an ISO time; without a zone it is taken for UTC (approximated: limits are days)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float("inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
