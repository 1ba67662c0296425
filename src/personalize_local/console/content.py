"""Titles and pictures of articles, from the tables that the API joins."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.api_stack import CONTENT_PARAMETER, ApiStacks

IMAGE_PARAMETER = "ImageDynamoDbTableName"
DEFAULT_CONTENT_TABLE = "Sophi3ContentMetaData"  # the default of the API's template
CONTENT_KEY, IMAGE_KEY = "ContentId", "ContentID"
BATCH_ROWS = 100  # BatchGetItem's limit; documented
ROWS_S = 300.0
MAX_ROWS = 20_000


class Content:
    """Reads articles by id and remembers them for some minutes; ids that no table knows stay bare."""

    def __init__(self, account: Account, stacks: ApiStacks) -> None:
        self._account, self._stacks = account, stacks
        self._rows: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def articles(self, item_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give title, section, category, publication date and picture of each id; the title of an unknown one is it."""
        wanted, now = list(dict.fromkeys(item_ids)), time.monotonic()
        with self._lock:
            missing = [one for one in wanted if now - self._rows.get(one, (float("-inf"), {}))[0] > ROWS_S]
            if missing:
                self._remember(missing, now)
            return {one: self._rows[one][1] for one in wanted}

    def _remember(self, item_ids: list[str], now: float) -> None:
        if len(self._rows) > MAX_ROWS:
            self._rows = {one: row for one, row in self._rows.items() if now - row[0] <= ROWS_S}
        content_table, image_table = self._find_tables()
        content = self._read(content_table, CONTENT_KEY, item_ids)
        images = self._read(image_table, IMAGE_KEY, item_ids)
        for one in item_ids:
            self._rows[one] = (now, _article(one, {**content.get(one, {}), **images.get(one, {})}))

    def _find_tables(self) -> tuple[str, str]:
        """Find the tables that a deployed API names; its template's default without one."""
        for stack in self._stacks.find():
            if stack.parameters.get(CONTENT_PARAMETER):
                return stack.parameters[CONTENT_PARAMETER], stack.parameters.get(IMAGE_PARAMETER, "")
        return DEFAULT_CONTENT_TABLE, ""

    def _read(self, table: str, key: str, item_ids: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        if not table:
            return found
        from boto3.dynamodb.types import TypeDeserializer  # only here: the server starts without boto3

        plain = TypeDeserializer().deserialize
        for start in range(0, len(item_ids), BATCH_ROWS):
            keys = [{key: {"S": one}} for one in item_ids[start : start + BATCH_ROWS]]
            try:
                answer = self._account.client("dynamodb").batch_get_item(RequestItems={table: {"Keys": keys}})
            except ClientError:  # no such table, or no right to read it: the pages do without titles
                return found
            for row in answer["Responses"].get(table, ()):
                found[row[key]["S"]] = {name: plain(value) for name, value in row.items()}
        return found


def _article(item_id: str, row: dict[str, Any]) -> dict[str, Any]:
    pictures = row.get("PictureRel") or [{}]
    picture = str(pictures[0].get("url220", "")) if isinstance(pictures[0], dict) else ""
    return {
        "item_id": item_id,
        "title": str(row.get("Title") or item_id),
        "section": str(row.get("Section") or ""),
        "category": str(row.get("Category") or ""),
        "published": str(row.get("PublishedDate") or ""),
        "picture": picture if picture.startswith("https://") else "",
    }
