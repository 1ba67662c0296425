"""What may be done with a list after Personalize ranked it, before it is cut to the page's length.

A hook gets the articles, best first, more of them than the page shows (the look-ahead), and gives them in the order to
show. `section_limit` is built in; `POST_RANKING_HOOK=module:function` names one of your own.
"""

from collections import Counter
from collections.abc import Callable
from importlib import import_module

from recommendations.article_cache import Article
from recommendations.requests import RecommendationsRequest

Hook = Callable[[list[Article], RecommendationsRequest], list[Article]]
WINDOW = 10


def section_limit(most: int) -> Hook:
    """Make a hook that lets at most `most` articles of a category into each ten; the others wait for the next ten."""

    def spread(articles: list[Article], request: RecommendationsRequest) -> list[Article]:
        waiting, ordered = list(articles), []
        while waiting:
            chosen = _next_window(waiting, most)
            ordered += chosen
            taken = {article["content_id"] for article in chosen}
            waiting = [article for article in waiting if article["content_id"] not in taken]
        return ordered

    return spread


def _next_window(waiting: list[Article], most: int) -> list[Article]:
    """Choose up to ten; when a category has to be repeated more often to fill them, the best of what is left is."""
    counts: Counter[str] = Counter()
    chosen: list[Article] = []
    for article in waiting:
        if len(chosen) < WINDOW and counts[article["category"]] < most:
            counts[article["category"]] += 1
            chosen.append(article)
    taken = {article["content_id"] for article in chosen}
    rest = [article for article in waiting if article["content_id"] not in taken]
    return chosen + rest[: WINDOW - len(chosen)]


def load_hook(path: str) -> Hook | None:
    """Import a hook by `module:function`; None for "".

    Errors: ImportError, AttributeError or ValueError: a wrong name stops the start, not a request.
    """
    if not path:
        return None
    module, _, name = path.partition(":")
    hook = getattr(import_module(module), name)
    if not callable(hook):
        raise ValueError(f"{path} is no function.")
    return hook
