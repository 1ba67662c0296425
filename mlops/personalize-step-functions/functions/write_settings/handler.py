"""Write the row from which the API takes its campaign, event tracker and filters."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import boto3
from settings_row import settings_row


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Put the row of `event["settings"]`, complete with what was made; give it.

    A put replaces the row at once: the API sees the old one or the new one, never none.
    """
    row = settings_row(event["settings"], event["solutions"], event["event_trackers"], event["filters"])
    # DynamoDB takes decimal numbers only.
    item = json.loads(json.dumps(row), parse_float=Decimal)
    boto3.resource("dynamodb").Table(os.environ["SETTINGS_TABLE"]).put_item(Item=item)
    return row
