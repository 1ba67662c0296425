"""What is known of a model's items, kept beside it: later items are described in the same words and find their like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.training.text_embedder import NONE, text_embedder

if TYPE_CHECKING:
    from personalize_local.models.content import ItemContent
    from personalize_local.models.text_meaning import TextMeaning

WORDS = "words.json"
MAPPED_BYTES = 1 << 20
COLUMNS = ("categorical", "textual", "numeric")
CENTRE = "centre.npy"
ARRAYS = ("start", "column", "value", "created_epoch_s", "rarity", "edges")


def save_content(folder: Path, content: ItemContent) -> None:
    """Write the items' features and words into a folder, made when missing; nothing when the words are not known."""
    words, features = content.words, content.features
    if words is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    arrays = (features.start, features.column, features.value, content.created_epoch_s, words.rarity, words.edges)
    for name, array in zip(ARRAYS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    named = {name: getattr(words, name) for name in ("words", *COLUMNS)}
    if words.meaning is not None:
        named["embedder"] = words.meaning.embedder.name
        np.save(folder / CENTRE, words.meaning.centre, allow_pickle=False)
    (folder / WORDS).write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")


def load_content(folder: Path) -> ItemContent | None:
    """Read these back, large arrays mapped; None when the model was trained without them.

    Errors: OSError or ValueError when the folder is not whole; UnknownEmbedderError, a ValueError, when what embedded
        its texts is not installed.
    """
    from personalize_local.models.content import ItemContent
    from personalize_local.models.item_words import ItemWords
    from personalize_local.models.sparse_rows import SparseRows

    if not (folder / WORDS).exists():
        return None
    named = json.loads((folder / WORDS).read_text(encoding="utf-8"))
    start, column, value, created, rarity, edges = (_array(folder / f"{name}.npy") for name in ARRAYS)
    lists = (tuple(named[name]) for name in COLUMNS)
    words = ItemWords(tuple(named["words"]), rarity, *lists, edges, _meaning(folder, named))
    return ItemContent(SparseRows(start, column, value, words.column_count), created, words)


def _meaning(folder: Path, named: Mapping[str, Any]) -> TextMeaning | None:
    from personalize_local.models.text_meaning import TextMeaning

    embedder = text_embedder(named.get("embedder", NONE))
    return None if embedder is None else TextMeaning(embedder, np.load(folder / CENTRE, allow_pickle=False))


def _array(path: Path) -> np.ndarray:
    mapped = path.stat().st_size >= MAPPED_BYTES
    return np.asarray(np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False))
