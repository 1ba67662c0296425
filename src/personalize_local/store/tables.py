"""The tables that training and the runtime read: ids as strings, everything else as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class InteractionTable:
    """Every interaction of a dataset, sorted by user, then time, then arrival.

    Shapes: user_ids [users], item_ids [items] of str, both sorted; all other arrays [events].
    Units: timestamp_epoch_s in seconds; event_type is an index into event_types, -1 for none; event_value NaN for none.
    """

    user_ids: np.ndarray  # [users] object str
    item_ids: np.ndarray  # [items] object str
    user_row: np.ndarray  # [events] int32
    item_row: np.ndarray  # [events] int32
    timestamp_epoch_s: np.ndarray  # [events] int64
    event_type: np.ndarray  # [events] int16
    event_types: tuple[str, ...]
    event_value: np.ndarray | None = None  # [events] float32
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)  # name → [events] object

    def __len__(self) -> int:
        return len(self.user_row)


@dataclass(frozen=True)
class MetadataTable:
    """The newest record of every item or user, sorted by id.

    Shapes: ids [rows] of str; each column [rows], float64 (NaN for null) or object str (None for null).
    """

    ids: np.ndarray  # [rows] object str
    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.ids)


def empty_interactions(columns: tuple[str, ...] = ()) -> InteractionTable:
    """Give a table without events."""
    nothing = np.empty(0, dtype=object)
    return InteractionTable(
        user_ids=nothing,
        item_ids=nothing,
        user_row=np.empty(0, dtype=np.int32),
        item_row=np.empty(0, dtype=np.int32),
        timestamp_epoch_s=np.empty(0, dtype=np.int64),
        event_type=np.empty(0, dtype=np.int16),
        event_types=(),
        columns=dict.fromkeys(columns, nothing),
    )
