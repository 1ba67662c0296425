"""What pages read from and act through."""

from __future__ import annotations

from dataclasses import dataclass

from personalize_local.console.account import Account
from personalize_local.console.api_stack import ApiStacks
from personalize_local.console.bulk import Bulk
from personalize_local.console.clicks import Clicks
from personalize_local.console.content import Content
from personalize_local.console.demo import Demo
from personalize_local.console.examination import Examination
from personalize_local.console.executions import Executions
from personalize_local.console.inside import Inside
from personalize_local.console.newspaper_api import NewspaperApi


@dataclass(frozen=True)
class Sources:
    """The account and what is read of it; whether pages may change it; the demo, where there is one to start.

    inside: what models know beyond the API. look_every_s: how often a run that is watched is looked at.
    """

    account: Account
    api_stacks: ApiStacks
    newspaper_api: NewspaperApi
    bulk: Bulk
    examination: Examination
    content: Content
    clicks: Clicks
    executions: Executions
    inside: Inside
    may_change: bool
    look_every_s: float = 1.0
    demo: Demo | None = None

    def close(self) -> None:
        self.account.close()
        self.bulk.close()
        self.examination.close()
