"""Experiments: how the traffic is split, what each arm achieves, and when the difference can be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.api_stack import ApiStack
from personalize_local.console.experiments import LIFT, read_arms, read_counts
from personalize_local.console.experiments import judge as judge_arms
from personalize_local.console.http import Request
from personalize_local.console.page import Page
from personalize_local.console.sources import Sources
from personalize_local.console.words import name_of

DAYS = (1, 7, 14, 30)
DEFAULT_DAYS = 7


def experiments_page(sources: Sources, request: Request) -> Page:
    """Give the arms of each deployed API."""
    asked = request.query.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DEFAULT_DAYS
    end = datetime.now(UTC)
    stacks = [_stack(sources.account, stack, end - timedelta(days=days), end) for stack in sources.api_stacks.find()]
    data = {"stacks": stacks, "days": days, "spans": list(DAYS), "lift": LIFT}
    return Page("experiments.html", "Experiments", data, section="experiments")


def _stack(account: Account, stack: ApiStack, start: datetime, end: datetime) -> dict[str, Any]:
    rows = read_arms(account, stack)
    try:
        counted, problem = read_counts(account, stack, start, end), ""
    except ClientError as error:
        counted, problem = {"counts": {}, "source": "", "is_partial": False}, str(error)
    judged = judge_arms(counted["counts"], end - start)
    high = max((one["high"] for one in judged), default=0.0)
    return {
        "name": stack.name,
        "table": stack.settings_table,
        "rows": [_row(row) for row in rows],
        "campaign": stack.parameters.get("CampaignName", ""),
        "arms": [one | {"scale": high} for one in judged],
        "source": counted["source"],
        "is_partial": counted["is_partial"],
        "problem": problem,
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    context = row.get("context") or {}
    return {
        "name": row["name"],
        "status": row.get("status", ""),
        "weight": row.get("trafficRatio", 1),
        "share": row["share"],
        "campaign": name_of(row.get("campaignArn", "")),
        "campaign_arn": row.get("campaignArn", ""),
        "contexts": {name: entry.get("filter_name", "") for name, entry in context.items() if isinstance(entry, dict)},
        "versions": {name: name_of(str(arn)) for name, arn in (row.get("versions") or {}).items()},
        "released_at": str(row.get("releasedAt", "")),
    }
