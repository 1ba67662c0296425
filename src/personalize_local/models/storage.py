"""Keep a model in a folder: numbers in model.json, arrays as .npy files beside it, never pickle.

Any frozen dataclass of arrays, numbers, texts, None, tuples and mappings of these, and other such dataclasses can be
kept. Large arrays are mapped, not
read, when loaded: several processes share them, and serving touches only the rows that a history needs.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from personalize_local.models.age_lift import AgeLift
from personalize_local.models.blend import Blend
from personalize_local.models.cold_items import ColdItems, ColdWeights
from personalize_local.models.content import ContentAffinity
from personalize_local.models.context_lift import ContextLift
from personalize_local.models.conversion import ConversionRates
from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.factors import Factors
from personalize_local.models.item_objective import ItemObjective
from personalize_local.models.item_similarity import ItemSimilarity, LikenessRule
from personalize_local.models.popularity import Popularity
from personalize_local.models.reader_lift import ReaderLift
from personalize_local.models.reader_words import ReaderWords
from personalize_local.models.returns import Returns
from personalize_local.models.sequence_encoder import Block, SequenceEncoder
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequence_situation import Situation
from personalize_local.models.sequential_ridge import SequentialRidge
from personalize_local.models.sequential_rules import SequentialRules
from personalize_local.models.session_neighbours import SessionNeighbours
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.models.taste import Taste
from personalize_local.models.trending import Trending
from personalize_local.models.vocabulary import Vocabulary

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        AgeLift,
        Blend,
        Block,
        ColdItems,
        ColdWeights,
        ContentAffinity,
        ContextLift,
        ConversionRates,
        DecayedCounts,
        Factors,
        ItemObjective,
        ItemSimilarity,
        LikenessRule,
        Popularity,
        ReaderLift,
        ReaderWords,
        Returns,
        SequenceEncoder,
        SequenceModel,
        SequentialRidge,
        SequentialRules,
        Situation,
        SessionNeighbours,
        SparseRows,
        Taste,
        Trending,
        Vocabulary,
    )
}
MANIFEST = "model.json"
MAPPED_BYTES = 1 << 20


class UnreadableModelError(Exception):
    """The folder holds no model that this version can read."""


def save_model(folder: Path, model: object) -> None:
    """Write a model into a folder. The same model gives the same bytes."""
    manifest = _pack(model, "model", folder)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_model(folder: Path) -> Any:
    """Read a model back.

    Errors: UnreadableModelError when a file is missing, or of a kind unknown here.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return _unpack(manifest, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableModelError(f"{folder} holds no readable model: {error}") from error


def _pack(value: Any, path: str, folder: Path) -> Any:
    """Turn a value into JSON, with arrays written beside it."""
    if isinstance(value, np.ndarray):
        np.save(folder / f"{path}.npy", value, allow_pickle=False)
        return {"array": f"{path}.npy"}
    if isinstance(value, tuple):
        return {"items": [_pack(item, f"{path}.{place}", folder) for place, item in enumerate(value)]}
    if isinstance(value, Mapping):
        return {"mapping": [[name, _pack(item, f"{path}.{name}", folder)] for name, item in value.items()]}
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        packed = {name: _pack(item, f"{path}.{name}", folder) for name, item in fields.items()}
        return {"kind": type(value).__name__, "fields": packed}
    return value.item() if isinstance(value, np.generic) else value


def _unpack(value: Any, folder: Path) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        path = folder / value["array"]
        mapped = path.stat().st_size >= MAPPED_BYTES
        # As a plain array: numpy.memmap passes itself on to all that is computed from it, which takes its time.
        return np.asarray(np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False))
    if "mapping" in value:
        return {name: _unpack(item, folder) for name, item in value["mapping"]}
    if "items" in value:
        return tuple(_unpack(item, folder) for item in value["items"])
    return KINDS[value["kind"]](**{name: _unpack(item, folder) for name, item in value["fields"].items()})
