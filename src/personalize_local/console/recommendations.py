"""Ask a campaign or recommender for one reader, and compare two lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.endpoints import Endpoint


def ask(
    account: Account,
    endpoint: Endpoint,
    *,
    user_id: str,
    item_id: str,
    count: int,
    filter_arn: str = "",
    filter_values: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give `items`, each with its score if the service tells it, or the `error` that came instead.

    Args:
        item_id: for recipes that start from an article: the reader's last one.
    """
    if endpoint.needs_item and not item_id:
        return {"items": [], "error": "This one lists what is like an article: let the reader read one first."}
    request: dict[str, Any] = {endpoint.argument: endpoint.arn, "userId": user_id, "numResults": count}
    if endpoint.needs_item:
        request["itemId"] = item_id
    if filter_arn:
        request["filterArn"] = filter_arn
        request["filterValues"] = {name: _quoted(value) for name, value in (filter_values or {}).items()}
    if context:
        request["context"] = dict(context)
    try:
        answer = account.client("personalize-runtime").get_recommendations(**request)
    except ClientError as error:
        return {"items": [], "error": f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"}
    return {"items": [{"item_id": one["itemId"], "score": one.get("score")} for one in answer["itemList"]], "error": ""}


def mark_moves(items: Sequence[dict[str, Any]], before: Sequence[str]) -> None:
    """Add to each item how many places it rose (negative: fell) since another list; None for one that was not there."""
    places = {item_id: place for place, item_id in enumerate(before)}
    for place, item in enumerate(items):
        item["moved"] = places[item["item_id"]] - place if item["item_id"] in places else None


def _quoted(value: str) -> str:
    """Write filter values as the API takes them: each in double quotes, with commas between. Numbers stay bare."""
    if value.startswith('"'):
        return value
    pieces = [piece.strip() for piece in value.split(",")]
    return ",".join(piece if _is_number(piece) else f'"{_escaped(piece)}"' for piece in pieces)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
