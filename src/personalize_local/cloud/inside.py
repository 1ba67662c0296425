"""What the models of this machine know and the API does not tell, for the console.

The models, and SciPy with them, are imported when a page first asks: a server answers before it has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personalize_local.runtime.engine import Engine
from personalize_spec.arns import Scope, parse_arn
from personalize_spec.errors import PersonalizeException


class PersonalizeInside:
    """Reads the engine and the folders of models; see console/inside.py."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def training(self, solution_version_arn: str) -> dict[str, Any] | None:
        """Give the report of a training; None for a version without one."""
        from personalize_local.training.report import load_report

        workspace = self._engine.service.workspace
        if workspace.resources.get(solution_version_arn) is None:
            return None
        return load_report(workspace.artifacts.folder(solution_version_arn))

    def reasons(
        self, endpoint_arn: str, user_id: str, item_id: str, context: Mapping[str, str], item_ids: Sequence[str]
    ) -> dict[str, dict[str, float]]:
        """Give what each part of the model adds to items' scores; nothing where the model cannot say."""
        from personalize_local.runtime.explain_recommendations import explain_recommendations

        arn = parse_arn(endpoint_arn)
        member = "recommender_arn" if arn.kind == "recommender" else "campaign_arn"
        request = {member: endpoint_arn, "user_id": user_id, "item_id": item_id, "context": context}
        try:
            scope = Scope(arn.region, arn.account_id, arn.partition)
            return explain_recommendations(self._engine, scope, request | {"item_ids": list(item_ids)})
        except PersonalizeException:
            return {}
