"""Names of what an installation makes; pure. All begin with its prefix, which no other installation's names share."""

from __future__ import annotations

import hashlib
import re

NAME_MAX_LENGTH = 255


def alarm_name(prefix: str, title: str, path: str) -> str:
    """Name an alarm by what it is of; names cut short end in a digest of the whole."""
    return _fit(f"{prefix}{title}-{path}")


def dashboard_name(prefix: str, group_arn: str, home_region: str) -> str:
    """Name a dataset group's dashboard: letters, digits, - and _ only (PutDashboard, documented)."""
    region, _, path = group_arn.split(":", 5)[3:]
    name = path.rpartition("/")[2]
    label = name if region == home_region else f"{name}_{region}"
    return _fit(prefix + re.sub(r"[^A-Za-z0-9_-]", "-", label))


def stacks_dashboard_name(prefix: str) -> str:
    """Name the dashboard of pipelines and APIs; no dataset group's name holds an underscore at its end."""
    return f"{prefix}pipelines_and_apis_"


def topic_name(prefix: str) -> str:
    """Name the topic of a region other than the home region."""
    return f"{prefix}notifications"


def _fit(name: str) -> str:
    if len(name) <= NAME_MAX_LENGTH:
        return name
    return f"{name[: NAME_MAX_LENGTH - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
