"""Whether a training has a sequence layer, and where it comes from.

The layer is trained with JAX, which is imported here only, when a training needs it: an installation without it has the
statistics alone.
"""

from __future__ import annotations

import logging

from personalize_local.models.sequence_fit import SequenceFit
from personalize_local.models.sequences import Sequences
from personalize_local.training.recipes import Parameters
from personalize_local.training.training_request import ALWAYS, NEVER, TrainingRequest

MIN_EVENTS = 50_000  # below, minutes of training gain little over the statistics

_log = logging.getLogger(__name__)


def sequence_fit(
    request: TrainingRequest,
    parameters: Parameters,
    sequences: Sequences,
    readers: list[dict[str, object]] | None = None,
) -> SequenceFit | None:
    """Give what fits the sequence layer, None for a training without one.

    Args: readers: the records of the users, as the sequences number them.
    """
    if request.sequence_layer == NEVER:
        return None
    if request.sequence_layer != ALWAYS and len(sequences.item_row) < MIN_EVENTS:
        return None
    try:
        from personalize_local.training.sequence.fit import TransformerFit
        from personalize_local.training.sequence.settings import recipe_settings
    except ImportError as error:
        _log.warning("Training without the sequence layer: %s", error)
        return None
    return TransformerFit(recipe_settings(parameters, request.seed), readers)
