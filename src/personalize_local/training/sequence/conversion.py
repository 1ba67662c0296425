"""Between what is trained and what serves: parameters of JAX here, a SequenceModel there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from personalize_local.models.reader_words import ReaderWords
from personalize_local.models.sequence_encoder import Block, SequenceEncoder
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequence_situation import Situation
from personalize_local.models.vocabulary import Vocabulary
from personalize_local.training.sequence.network import new_params
from personalize_local.training.sequence.settings import SequenceSettings
from personalize_local.training.sequence.spectral import linear_map


@dataclass(frozen=True)
class Described:
    """What the data have besides events.

    Shapes: features [items, k] float32 or None; word_map [words, k] from words to features; trained [items] bool, which
    items have events.
    """

    features: np.ndarray | None
    word_map: np.ndarray | None
    trained: np.ndarray
    vocabulary: Vocabulary
    words: ReaderWords

    def tables(self) -> dict[str, int]:
        """Give the rows of each table of vectors."""
        return {
            "items": len(self.trained),
            "events": len(self.vocabulary.event_types),
            "context": sum(len(values) for values in self.vocabulary.context.values()),
            "words": len(self.words.words),
            "content": 0 if self.features is None else self.features.shape[1],
        }

    def entries(self) -> dict[str, tuple[object, ...]]:
        """Name the rows of the tables that have names."""
        pairs = [(column, value) for column, values in self.vocabulary.context.items() for value in values]
        return {"events": self.vocabulary.event_types, "context": tuple(pairs), "words": self.words.words}


def to_params(
    described: Described, vectors: np.ndarray, settings: SequenceSettings, row_tokens: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Draw parameters around given vectors of the items [items, width].

    What the content tells of the vectors goes into its map, the rest stays with the items.
    """
    params = new_params(settings, row_tokens, described.tables(), rng)
    params["items"] = vectors.astype(np.float32)
    if described.features is not None:
        params["content"] = linear_map(described.features, vectors, described.trained)
        params["items"] = params["items"] - described.features @ params["content"]
    return params


def continued(
    described: Described, start: SequenceModel, settings: SequenceSettings, row_tokens: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Take parameters from a model; rows of tables that it lacks are drawn."""
    params = to_params(described, start.vectors, settings, row_tokens, rng)
    params["blocks"] = [dict(vars_of(block)) for block in start.encoder.blocks]
    params |= {"scale": start.encoder.scale, "shift": start.encoder.shift, "reader": start.situation.reader}
    situation = start.situation
    pairs = [(column, value) for column, of in zip(situation.columns, situation.values, strict=True) for value in of]
    old = {
        "events": (situation.event_names, situation.event_types),
        "context": (tuple(pairs), situation.context),
        "words": (situation.words.words, situation.reader_words),
    }
    for name, (old_names, table) in old.items():
        place = {entry: row for row, entry in enumerate(old_names)}
        for row, entry in enumerate(described.entries()[name]):
            if entry in place:
                params[name][row] = table[place[entry]]
    return params


def row_tokens_of(start: SequenceModel) -> int:
    """Give the length of the rows that a model was trained on."""
    return start.encoder.blocks[0].distance.shape[1]


def can_continue(start: SequenceModel, settings: SequenceSettings, item_count: int) -> bool:
    """Tell whether a model has the shapes that are asked for now."""
    blocks = start.encoder.blocks
    return (
        start.vectors.shape == (item_count, settings.width)
        and len(blocks) == settings.block_count
        and start.encoder.window == min(settings.window, row_tokens_of(start) - 1)
        and all(len(block.distance) == settings.heads for block in blocks)
        and all(block.widen.shape[1] == settings.inner for block in blocks)
    )


def to_model(params: Any, described: Described, window: int) -> SequenceModel:
    """Give what serves. Items without events have the vectors of their content."""
    values = jax.tree.map(np.asarray, params)
    vectors = np.where(described.trained[:, None], values["items"], np.float32(0.0))
    known = described.trained
    word_vectors = None
    if described.features is not None and described.word_map is not None:
        vectors = vectors + described.features @ values["content"]
        known = known | described.features.any(axis=1)
        word_vectors = described.word_map @ values["content"]
    context = described.vocabulary.context
    situation = Situation(
        reader=values["reader"],
        words=described.words,
        reader_words=values["words"],
        event_names=described.vocabulary.event_types,
        event_types=values["events"],
        columns=tuple(context),
        values=tuple(tuple(of) for of in context.values()),
        context=values["context"],
    )
    blocks = tuple(Block(**block) for block in values["blocks"])
    encoder = SequenceEncoder(blocks, values["scale"], values["shift"], window)
    return SequenceModel(vectors.astype(np.float32), known, described.trained, word_vectors, encoder, situation)


def vars_of(block: Block) -> dict[str, np.ndarray]:
    """Give a block's arrays by name."""
    return {name: getattr(block, name) for name in Block.__dataclass_fields__}
