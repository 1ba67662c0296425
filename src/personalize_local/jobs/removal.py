"""What goes with a resource when it is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace

# Kinds that go with their parent. Import jobs with their dataset: observed, clients use the job names again; that other
# jobs go with what they worked on is inferred from it.
OWNED: Mapping[str, tuple[str, ...]] = {
    "dataset": ("dataset-import-job", "dataset-export-job"),
    "dataset-group": ("data-deletion-job",),
    "solution": ("solution-version",),
    "solution-version": ("batch-inference-job", "batch-segment-job"),
}


def remove_resource(connection: sqlite3.Connection, workspace: Workspace, resource: Resource) -> None:
    """Remove a resource, what it owns, and their files.

    Files go first: when the process dies in between, the resource is still there and is removed again.
    """
    for kind in OWNED.get(resource.kind, ()):
        for child in workspace.resources.list(kind, parent_arn=resource.arn, connection=connection):
            remove_resource(connection, workspace, child)
    if resource.kind in ("recommender", "solution-version"):
        workspace.artifacts.remove(resource.arn)
    if resource.kind == "dataset":
        workspace.datasets.remove(connection, resource.arn)
    if resource.kind == "metric-attribution":
        workspace.attributions.remove(connection, resource.arn)
    workspace.tags.remove(connection, resource.arn)
    workspace.transitions.remove(connection, resource.arn)
    workspace.resources.delete(connection, resource.arn)
