"""A local cloud for the API's measurements: a campaign, content and image tables, settings rows; without training."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks.gateway import CAMPAIGN_ARN, SCOPE, TRACKING_ID, fill

PERSONALIZE_LOCAL = Path(sys.executable).with_name("personalize-local")
CONTENT, IMAGES, SETTINGS, EXPOSURES, FALLBACK = "articles", "images", "settings", "exposures", "fallback"
KEYS = {CONTENT: "ContentId", IMAGES: "ContentID", EXPOSURES: "recommendationId", FALLBACK: "name"}
ROWS_PER_CALL = 25  # BatchWriteItem; documented


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def environment(port: int) -> dict[str, str]:
    """Give the variables that lead AWS clients to the cloud."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": SCOPE.region,
        "AWS_ACCESS_KEY_ID": SCOPE.account_id,
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def api_variables() -> dict[str, str]:
    """Give the API's own settings."""
    return {
        "SETTINGS_TABLE": SETTINGS,
        "CONTENT_TABLE": CONTENT,
        "IMAGE_TABLE": IMAGES,
        "EXPOSURES_TABLE": EXPOSURES,
        "FALLBACK_TABLE": FALLBACK,
    }


@contextmanager
def running_cloud(folder: Path, item_count: int) -> Iterator[int]:
    """Run a cloud with a newsroom of so many articles; give its port."""
    fill(folder, item_count)
    port = free_port()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    variables |= {"PERSONALIZE_LOCAL_PORT": str(port), "PERSONALIZE_LOCAL_DATA_DIR": str(folder)}
    subprocess.run([PERSONALIZE_LOCAL, "up"], env=variables, check=True, stdout=subprocess.DEVNULL)
    try:
        _fill_tables(port, item_count)
        yield port
    finally:
        subprocess.run([PERSONALIZE_LOCAL, "down"], env=variables, check=True, stdout=subprocess.DEVNULL)


def client(service: str, port: int) -> Any:
    """Make a client of the cloud."""
    variables = environment(port)
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=60, max_pool_connections=16),
    )


def _fill_tables(port: int, item_count: int) -> None:
    dynamodb = client("dynamodb", port)
    for table, key in KEYS.items():
        _create(dynamodb, table, [(key, "HASH")])
    _create(dynamodb, SETTINGS, [("name", "HASH"), ("status", "RANGE")])
    dynamodb.put_item(TableName=SETTINGS, Item=settings_row())
    ids = [f"i{number}" for number in range(item_count)]
    with ThreadPoolExecutor(4) as threads:
        for table, row in ((CONTENT, content_row), (IMAGES, image_row)):
            starts = range(0, len(ids), ROWS_PER_CALL)
            parts = [[row(item) for item in ids[start : start + ROWS_PER_CALL]] for start in starts]
            requests = ({table: [{"PutRequest": {"Item": item}} for item in part]} for part in parts)
            list(threads.map(lambda request: dynamodb.batch_write_item(RequestItems=request), requests))


def _create(dynamodb: Any, table: str, keys: list[tuple[str, str]]) -> None:
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    )


def settings_row() -> dict[str, Any]:
    """Give the row that the pipeline would write; no filters: the reader's whole catalogue is ranked."""
    return {
        "name": {"S": "blue"},
        "status": {"S": "active"},
        "campaignArn": {"S": CAMPAIGN_ARN},
        "eventTrackerId": {"S": TRACKING_ID},
        "trafficRatio": {"N": "100"},
        "context": {"M": {}},
    }


def content_row(item_id: str) -> dict[str, Any]:
    """Give an article of the usual size."""
    texts = {"ContentId": item_id, "Title": f"Title of {item_id}", "Deck": "d" * 140, "Category": "canada"}
    texts |= {"Section": "canada/atlantic", "CanonicalURL": f"/canada/article-{item_id}/", "ContentType": "news"}
    texts |= {"PublishedDate": "2021-11-02 09:15:00", "UpdatedDate": "2021-11-02 10:00:00", "Label": "Transit"}
    texts |= {"ContentRestriction": "green", "CreditLine": "Staff", "Caption": "c" * 80}
    byline = {"L": [{"S": "A. Roy"}, {"S": "B. Chen"}]}
    row = {name: {"S": text} for name, text in texts.items()}
    return row | {"Byline": byline, "WordCount": {"N": "412"}, "Sponsored": {"BOOL": False}}


def image_row(item_id: str) -> dict[str, Any]:
    """Give an article's pictures."""
    pictures = {
        name: {"L": [{"M": {"url220": {"S": f"https://img/{item_id}"}}}]} for name in ("AuthorRel", "PictureRel")
    }
    return {"ContentID": {"S": item_id}, **pictures}


def wait_for(port: int, path: str) -> None:
    """Wait until a server answers: seconds, or minutes where much else runs."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")
