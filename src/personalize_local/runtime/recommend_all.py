"""The main path of batch inference: recommendations for many readers, some dozens at a time.

Readers of a block are scored together, in products of matrices; the rest is done for each as the runtime does it.
Memory is that of one block's scores, whatever the number of readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.ranking import Ranked, shares_of_block
from personalize_local.runtime.recommend import Question, choose, read
from personalize_local.runtime.served_model import ServedModel
from personalize_spec.errors import PersonalizeException

BLOCK_READERS = 64
BLOCK_SCORES = 1 << 22  # 16 MiB of float32

Recommended = list[Ranked] | PersonalizeException


def recommend_all(
    model: ServedModel, data: GroupData, questions: Sequence[Question], rng: np.random.Generator
) -> Iterator[Recommended]:
    """Give the recommended items of each question in its turn, or why there are none.

    What is drawn from `rng` is drawn in the questions' order.
    """
    height = max(1, min(BLOCK_READERS, BLOCK_SCORES // max(model.item_count, 1)))
    for begin in range(0, len(questions), height):
        yield from _block(model, data, questions[begin : begin + height], rng)


def _block(
    model: ServedModel, data: GroupData, questions: Sequence[Question], rng: np.random.Generator
) -> Iterable[Recommended]:
    with data.lock:
        readings = [read(model, data, question) for question in questions]
    scores = model.block_scores([reading.of_model for reading in readings])
    shares = shares_of_block(scores, max(question.count for question in questions))
    with data.lock:
        found: list[Recommended] = []
        for question, reading, share in zip(questions, readings, shares, strict=True):
            try:
                found.append(choose(model, data, question, reading, share, rng))
            except PersonalizeException as refusal:
                found.append(refusal)
        return found
