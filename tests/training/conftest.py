"""Small tables of interactions and items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from personalize_local.models.testing import markov_sequences
from personalize_local.store.tables import InteractionTable, MetadataTable

COLOURS = ("red", "green", "blue")


def make_interactions(**settings: Any) -> InteractionTable:
    """Give users on a chain of items; every third event is a "like" with a value, the others are a "view"."""
    data = markov_sequences(**settings)
    count = len(data.item_row)
    liked = np.arange(count) % 3 == 0
    return InteractionTable(
        user_ids=np.array([f"user-{row:04}" for row in range(data.user_count)], dtype=object),
        item_ids=np.array([f"item-{row:03}" for row in range(data.item_count)], dtype=object),
        user_row=data.user_of_event(),
        item_row=data.item_row,
        timestamp_epoch_s=data.epoch_s,
        event_type=liked.astype(np.int16),
        event_types=("view", "like"),
        event_value=np.where(liked, np.arange(count) % 5, np.nan).astype(np.float32),
    )


def make_items(count: int = 64) -> MetadataTable:
    """Describe more items than have interactions."""
    ids = np.array([f"item-{row:03}" for row in range(count)], dtype=object)
    colours = np.array([COLOURS[row % 3] for row in range(count)], dtype=object)
    return MetadataTable(ids, {"COLOUR": colours, "CREATION_TIMESTAMP": np.arange(count, dtype=np.float64)})


def halves_by_plan(table: InteractionTable) -> tuple[InteractionTable, MetadataTable]:
    """Let each reader have one of two plans and read one half of the catalogue: even items go with "gold"."""
    half = table.user_row % 2
    plans = np.array([("gold", "silver")[row % 2] for row in range(len(table.user_ids))], dtype=object)
    moved = replace(table, item_row=(table.item_row // 2 * 2 + half).astype(np.int32))
    return moved, MetadataTable(table.user_ids, {"PLAN": plans})


@pytest.fixture
def interactions() -> InteractionTable:
    """120 users, 60 items, 3,000 events."""
    return make_interactions()


@pytest.fixture
def interactions_of() -> Callable[..., InteractionTable]:
    """Give what makes tables of interactions."""
    return make_interactions


@pytest.fixture
def items() -> MetadataTable:
    """64 items, four of them without interactions in any table here."""
    return make_items()
