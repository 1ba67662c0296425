"""What pages read from and act through."""

from __future__ import annotations

from dataclasses import dataclass

from personalize_local.console.account import Account
from personalize_local.console.bulk import Bulk
from personalize_local.console.clicks import Clicks
from personalize_local.console.content import Content
from personalize_local.console.demo import Demo
from personalize_local.console.executions import Executions


@dataclass(frozen=True)
class Sources:
    """The account and what is read of it; whether pages may change it; the demo, where there is one to start."""

    account: Account
    bulk: Bulk
    content: Content
    clicks: Clicks
    executions: Executions
    may_change: bool
    demo: Demo | None = None
