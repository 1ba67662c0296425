"""Which items may be explored: those created since the cut-off, and how little is known of each."""

from __future__ import annotations

import numpy as np

from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.served_model import ServedModel

DAY_S = 86_400
MAX_YOUNG = 1000
HOUR_S = 3600


def young_rows(model: ServedModel, data: GroupData, age_cut_off_days: float) -> np.ndarray:
    """Give rows of the catalogue that are young: at most 1,000, those with the fewest events in the bulk data.

    An item without a time of creation is as old as its oldest event, and new where it has none. Whoever asks holds the
    data's lock. Source: contract §3.4.
    """
    items, newest = data.items, data.histories.newest_epoch_s
    key = (len(items), data.put_count, newest // HOUR_S, age_cut_off_days)
    if model.young is None or model.young[0] != key:
        oldest = newest - age_cut_off_days * DAY_S
        created = items.created_epoch_s(np.arange(len(items)))
        unsaid = np.flatnonzero(np.isinf(created))
        created[unsaid] = data.histories.first_epoch_s(unsaid)
        rows = np.flatnonzero(created >= oldest)
        fewest = np.argsort(data.histories.bulk_counts(rows), kind="stable")[:MAX_YOUNG]
        model.young = key, np.sort(rows[fewest])
    return model.young[1]


def bonus_of(rows: np.ndarray, data: GroupData) -> np.ndarray:
    """Give 1 / (1 + interactions + impressions) of rows, as of now: [rows]."""
    return 1.0 / (1.0 + data.histories.bulk_counts(rows) + data.impressions.counts(rows))
