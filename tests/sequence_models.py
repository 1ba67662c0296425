"""A sequence layer of numbers made up here: no training, no JAX."""

from __future__ import annotations

import numpy as np

from personalize_local.models.reader_words import reader_words
from personalize_local.models.sequence_encoder import Block, SequenceEncoder
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequence_situation import Situation

WIDTH, INNER, WINDOW, ITEMS, WORDS = 8, 12, 10, 20, 3
RECORDS = [{"CITY": "Rome|Bern", "AGE": 30.0 + user} for user in range(5)] + [{"CITY": "Oslo"}]


def sequence_model(item_count: int = ITEMS, unknown_count: int = 2, word_count: int = WORDS) -> SequenceModel:
    """Make a model of some items, of which the last ones are unknown."""
    rng = np.random.default_rng(4)
    words = reader_words(RECORDS * 5)
    known = np.arange(item_count) < item_count - unknown_count
    situation = Situation(
        reader=_numbers(rng, WIDTH),
        words=words,
        reader_words=_numbers(rng, len(words.words), WIDTH),
        event_names=("view", "like"),
        event_types=_numbers(rng, 2, WIDTH),
        columns=("DEVICE",),
        values=(("phone", "desk"),),
        context=_numbers(rng, 2, WIDTH),
    )
    encoder = SequenceEncoder((_block(rng), _block(rng)), _numbers(rng, WIDTH) + 1, _numbers(rng, WIDTH), WINDOW)
    vectors = _numbers(rng, item_count, WIDTH) * known[:, None]
    return SequenceModel(vectors, known, known, _numbers(rng, word_count, WIDTH), encoder, situation)


def _numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32) * np.float32(0.3)


def _block(rng: np.random.Generator) -> Block:
    pairs = ((WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, INNER), (INNER, WIDTH))
    project, gather, widen, narrow = (_numbers(rng, *shape) for shape in pairs)
    return Block(
        attention_scale=_numbers(rng, WIDTH) + 1,
        attention_shift=_numbers(rng, WIDTH),
        project=project,
        project_shift=_numbers(rng, 3 * WIDTH),
        distance=_numbers(rng, 2, WINDOW + 1),
        gather=gather,
        gather_shift=_numbers(rng, WIDTH),
        inner_scale=_numbers(rng, WIDTH) + 1,
        inner_shift=_numbers(rng, WIDTH),
        widen=widen,
        widen_shift=_numbers(rng, INNER),
        narrow=narrow,
        narrow_shift=_numbers(rng, WIDTH),
    )
