"""The optimization objective: a column of the items whose values are to grow, beside relevance.

Source: contract §4.3, documented: LOW, MEDIUM and HIGH weigh the objective against relevance, OFF leaves it out. By how
much is inferred: from the least to the most valuable item it is worth as much as a factor of e, e² or e⁴ in likelihood.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.item_objective import ItemObjective, item_objective
from personalize_local.store.tables import MetadataTable
from personalize_local.training.training_request import Objective, TrainingFailedError

STRENGTHS = {"LOW": 0.5, "MEDIUM": 1.0, "HIGH": 2.0}


def read_objective(objective: Objective, items: MetadataTable | None, item_ids: np.ndarray) -> ItemObjective | None:
    """Give the worth of the catalogue's items, None when the sensitivity is OFF.

    Errors: TrainingFailedError when there is no such column of numbers.
    """
    strength = STRENGTHS.get(objective.sensitivity.upper())
    if strength is None:
        return None
    columns = {} if items is None else {name.casefold(): values for name, values in items.columns.items()}
    found = columns.get(objective.column.casefold())
    if items is None or found is None or found.dtype == object:
        raise TrainingFailedError(
            f"Create failed. The optimization objective's column {objective.column} is no column of numbers of the "
            "Items dataset."
        )
    values = np.full(len(item_ids), np.nan)
    values[np.searchsorted(item_ids.astype(str), items.ids.astype(str))] = found
    return item_objective(values, strength)


def with_objective(blend: Blend, objective: ItemObjective) -> Blend:
    """Add the objective to a blend, with the weight 1."""
    weights = np.append(blend.weights, 1.0).astype(np.float32)
    strangers = weights if blend.stranger_weights is None else np.append(blend.stranger_weights, np.float32(1.0))
    return replace(blend, parts=(*blend.parts, objective), weights=weights, stranger_weights=strangers)
