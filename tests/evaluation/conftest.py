"""Small data to evaluate on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personalize_local.evaluation.data import Data, data_from_arrays
from personalize_local.models.testing import markov_sequences
from personalize_local.store.tables import MetadataTable


def make_chain(**settings: object) -> Data:
    """Give users that mostly go from each item to its one successor: see models/testing.py."""
    events = markov_sequences(**settings)
    users = [f"u{row:03}" for row in events.user_of_event()]
    return data_from_arrays("chain", users, [f"i{row:02}" for row in events.item_row], events.epoch_s)


@pytest.fixture(scope="session")
def chain() -> Data:
    """120 users, 60 items, 3,000 events."""
    return make_chain()


@pytest.fixture(scope="session")
def described(chain: Data) -> Data:
    """The same with a colour for each item, and two items that nobody touched."""
    ids = np.array([*chain.interactions.item_ids, "x0", "x1"], dtype=object)
    colours = np.array([("red", "green", "blue")[row % 3] for row in range(len(ids))], dtype=object)
    return replace(chain, items=MetadataTable(ids, {"COLOUR": colours}), categorical_columns=("COLOUR",))


@pytest.fixture
def chain_csv(chain: Data, tmp_path: Path) -> Path:
    """The chain as Personalize's file, its header in lower case."""
    table = chain.interactions
    rows = zip(table.user_ids[table.user_row], table.item_ids[table.item_row], table.timestamp_epoch_s, strict=True)
    path = tmp_path / "interactions.csv"
    path.write_text("user_id,item_id,timestamp\n" + "".join(f"{u},{i},{t}\n" for u, i, t in rows), encoding="utf-8")
    return path
