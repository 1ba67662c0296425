"""Sequences and content as one file, for machines that share nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from personalize_local.models.content import ItemContent
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.models.vocabulary import Vocabulary

EVENT_ARRAYS = ("user_start", "item_row", "epoch_s", "weight", "event_code", "context_code")
WORD_ARRAYS = ("start", "column", "value")


def write_training_data(path: Path, sequences: Sequences, content: ItemContent | None) -> None:
    """Write a .npz file; nothing is pickled."""
    arrays = {name: getattr(sequences, name) for name in EVENT_ARRAYS if getattr(sequences, name) is not None}
    vocabulary = sequences.vocabulary
    head = {
        "item_count": sequences.item_count,
        "event_types": vocabulary.event_types,
        "context": dict(vocabulary.context),
        "word_count": None if content is None else content.features.column_count,
    }
    if content is not None:
        arrays |= {name: getattr(content.features, name) for name in WORD_ARRAYS}
        arrays["created_epoch_s"] = content.created_epoch_s
    np.savez(path, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays)


def read_training_data(path: Path) -> tuple[Sequences, ItemContent | None]:
    """Read it back. Errors: OSError, KeyError and ValueError for a file that is none."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    head = json.loads(arrays["head"].tobytes())
    context = {name: tuple(values) for name, values in head["context"].items()}
    events = {name: arrays.get(name) for name in EVENT_ARRAYS}
    vocabulary = Vocabulary(tuple(head["event_types"]), context)
    sequences = Sequences(**events, item_count=head["item_count"], vocabulary=vocabulary)
    if head["word_count"] is None:
        return sequences, None
    features = SparseRows(*(arrays[name] for name in WORD_ARRAYS), head["word_count"])
    return sequences, ItemContent(features, arrays["created_epoch_s"])
