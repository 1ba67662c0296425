"""What a service may tell about its models beyond its API: this machine's does, Amazon's does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Inside(Protocol):
    """Looks into models."""

    def training(self, solution_version_arn: str) -> dict[str, Any] | None:
        """Give what a training learnt beside its metrics; None where nothing is known.

        Shapes: `errors` by metric; `popularity`: `metrics` and `errors`; `weights` by part; `curve` of [events, mean
        log likelihood]; `shelves`: shares per tenth of the items, most read first.
        """
        ...

    def reasons(
        self, endpoint_arn: str, user_id: str, item_id: str, context: Mapping[str, str], item_ids: Sequence[str]
    ) -> dict[str, dict[str, float]]:
        """Give by item what each part of the model adds to its score, and the score's `place` among all items."""
        ...


class Closed:
    """Tells nothing, as AWS does."""

    def training(self, solution_version_arn: str) -> None:
        """Give nothing."""

    def reasons(
        self, endpoint_arn: str, user_id: str, item_id: str, context: Mapping[str, str], item_ids: Sequence[str]
    ) -> dict[str, dict[str, float]]:
        """Give nothing."""
        return {}
