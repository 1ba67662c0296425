"""What the sequence layer is to the ensemble: something that fits a model of the order of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.content import ItemContent
from personalize_local.models.query import Recommender
from personalize_local.models.sequences import Sequences

Progress = Callable[[str, float], None]


class SequenceFit(Protocol):
    """Fits the sequence layer; whoever trains passes one in, or none.

    The models it gives are `LikelihoodRecommender`s too, and the storage knows their kind.
    """

    def fit(
        self,
        sequences: Sequences,
        content: ItemContent | None,
        start: Recommender | None,
        validation: Sequence[TrainingQuery] | None,
        progress: Progress,
    ) -> Recommender:
        """Fit on sequences without echoes.

        Args: start: a model fitted on less of the same catalogue, to go on from with an epoch or two; None begins
            anew. validation: newer events of some users, to stop by; None trains for the length that is usual.
        """
        ...
