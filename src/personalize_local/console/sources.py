"""What pages read from and act through."""

from __future__ import annotations

from dataclasses import dataclass

from personalize_local.console.account import Account
from personalize_local.console.demo import Demo


@dataclass(frozen=True)
class Sources:
    """The account; whether pages may change it; the demo, where there is one to start."""

    account: Account
    may_change: bool
    demo: Demo | None = None
