"""Whether a training has a sequence layer, and where it comes from.

The layer is trained with JAX, which is imported here only, when a training needs it: an installation without it has the
statistics alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.content import ItemContent
from personalize_local.models.query import Recommender
from personalize_local.models.sequence_fit import Progress, SequenceFit
from personalize_local.models.sequences import Sequences, without_echoes
from personalize_local.training.former import Former
from personalize_local.training.recipes import Parameters
from personalize_local.training.sequence.replay import with_replay
from personalize_local.training.training_request import ALWAYS, NEVER, TrainingRequest

MIN_EVENTS = 100_000  # of MovieLens, 97,000 steps gain nothing in NDCG@10 for minutes of training; 1,000,000 a sixth
UPDATE_EPOCHS = 2  # over the users with new events, and as much of the others

_log = logging.getLogger(__name__)


class SequenceLayer:
    """A SequenceFit that keeps its first model for the next update, and may go on from the former version's.

    first: that model, and until_epoch_s the newest event it saw; None and 0 before.
    """

    def __init__(self, fit: SequenceFit, former: Former | None, seed: int) -> None:
        self._fit = fit
        self._former = former
        self._seed = seed
        self.first: Recommender | None = None
        self.until_epoch_s = 0

    @property
    def curve(self) -> list[tuple[int, float]]:
        """Give the events seen and the mean log likelihood of what came next, at each check of the fits so far."""
        return list(getattr(self._fit, "curve", ()))

    def fit(
        self,
        sequences: Sequences,
        content: ItemContent | None,
        start: Recommender | None,
        validation: Sequence[TrainingQuery] | None,
        progress: Progress,
    ) -> Recommender:
        """Fit on everything, or for an update on the users with newer events and as much of the others."""
        chosen = sequences
        if self._former is not None:
            chosen = with_replay(sequences, self._former.until_epoch_s, self._seed)
            start = start or self._former.layer
        model = self._fit.fit(chosen, content, start, validation, progress)
        if self.first is None:
            self.first, self.until_epoch_s = model, sequences.newest_epoch_s
        return model


def sequence_layer(
    request: TrainingRequest,
    parameters: Parameters,
    sequences: Sequences,
    readers: list[dict[str, object]] | None = None,
    former: Former | None = None,
) -> SequenceLayer | None:
    """Give what fits the sequence layer, None for a training without one.

    Args: readers: the records of the users, as the sequences number them. former: what an update goes on from.
    """
    if request.sequence_layer == NEVER:
        return None
    if request.sequence_layer != ALWAYS and _step_count(sequences, request) < MIN_EVENTS:
        return None
    try:
        from personalize_local.training.sequence.conversion import can_continue
        from personalize_local.training.sequence.fit import TransformerFit
        from personalize_local.training.sequence.settings import recipe_settings
    except ImportError as error:
        _log.warning("Training without the sequence layer: %s", error)
        return None
    settings = recipe_settings(parameters, request.seed)
    if former is not None and not can_continue(former.layer, settings, sequences.item_count):
        _log.warning("UPDATE trains the sequence layer anew: the version before has one of another shape")
        former = None
    if former is not None:
        settings = replace(settings, warm_epochs=UPDATE_EPOCHS)
    return SequenceLayer(TransformerFit(settings, readers), former, request.seed)


def _step_count(sequences: Sequences, request: TrainingRequest) -> int:
    """Count what the layer would learn from: a click and a watch of one moment are one step."""
    return len((sequences if request.has_echoes else without_echoes(sequences)).item_row)
