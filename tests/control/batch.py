"""Requests for batch jobs, which both kinds share."""

from __future__ import annotations

from typing import Any

from tests.conftest import ROLE


def ask(version_arn: str, name: str = "weekly", **more: Any) -> dict[str, Any]:
    """Give the request for a batch job on a solution version, with more members or other ones."""
    return {
        "jobName": name,
        "solutionVersionArn": version_arn,
        "jobInput": {"s3DataSource": {"path": "s3://data/in.json"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://data/out/"}},
        "roleArn": ROLE,
    } | more
