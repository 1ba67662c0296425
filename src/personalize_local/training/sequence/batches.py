"""From sequences to batches of fixed shape: users one after the other, in rows without gaps.

A token foretells one event. It is read as the item before that event, or as the reader where there is none. A row holds
the tokens of one or several users, each of whom sees his own only; where a row cuts through a history, the reader's
token is repeated at the head of the next, as it is when a history is cut to the window while serving.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from personalize_local.models.sequences import Sequences

READER, PADDING = -1, -2
BLOCK_TOKENS = 2_000_000

Batch = dict[str, np.ndarray]


class Batches:
    """All events of all users once per epoch, in an order that the seed and the epoch decide.

    A batch has item [rows, tokens] int32, the item read, READER or PADDING; target and user likewise; segment int32,
    equal among tokens that may see each other; weight float32 of the target; event int32 and context [rows, tokens,
    columns] int32, -1 unknown, the context numbered over all columns.
    """

    def __init__(self, sequences: Sequences, row_tokens: int, row_count: int, seed: int, unknown_share: float) -> None:
        self._data = sequences
        self._shape = (row_count, row_tokens)
        self._seed = seed
        self._unknown_share = unknown_share
        self._user = sequences.user_of_event()
        sizes = [len(values) for values in sequences.vocabulary.context.values()]
        self._column_start = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int32)

    @property
    def steps_per_epoch(self) -> float:
        """How many batches an epoch has."""
        return len(self._data.item_row) / (self._shape[0] * (self._shape[1] - 1))

    def forever(self) -> Iterator[Batch]:
        """Give epoch after epoch, of data that are not empty; a batch may begin in one epoch and end in the next."""
        waiting = np.empty((0, self._shape[1] - 1), dtype=np.int64)
        epoch = 0
        while True:
            rng = np.random.default_rng([self._seed, epoch])
            for rows in self._rows(rng):
                waiting = np.concatenate([waiting, rows])
                while len(waiting) >= self._shape[0]:
                    yield self._batch(waiting[: self._shape[0]], rng)
                    waiting = waiting[self._shape[0] :]
            epoch += 1

    def _rows(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Give places of events in shuffled rows [rows, tokens - 1], -1 where a row has none, in large blocks."""
        users = rng.permutation(self._data.user_count)
        ends = np.cumsum(self._data.lengths()[users])
        cuts = np.searchsorted(ends, np.arange(BLOCK_TOKENS, ends[-1] + BLOCK_TOKENS, BLOCK_TOKENS)) + 1
        for chosen in np.split(users, cuts):
            places = _places(self._data.user_start[chosen], self._data.lengths()[chosen])
            width = self._shape[1] - 1
            padded = np.full(-(-len(places) // width) * width, -1, dtype=np.int64)
            padded[: len(places)] = places
            rows = padded.reshape(-1, width)
            yield rows[rng.permutation(len(rows))]

    def _batch(self, places: np.ndarray, rng: np.random.Generator) -> Batch:
        """Fill in one batch from the places of the events to foretell [rows, tokens - 1], -1 for none."""
        data = self._data
        exists = places >= 0
        places = np.where(exists, places, 0)
        user = self._user[places]
        is_first = places == data.user_start[user]
        before = np.maximum(places - 1, 0)
        item = np.where(exists, np.where(is_first, READER, data.item_row[before]), PADDING)
        segment = np.where(exists, user, PADDING)
        head = np.where(is_first[:, 0] | ~exists[:, 0], PADDING, READER)
        batch = {
            "item": _headed(head, item),
            "segment": _headed(np.where(head == READER, segment[:, 0], PADDING - 1), segment),
            "target": _headed(0, data.item_row[places]),
            "user": _headed(user[:, 0], user),
            "weight": _headed(0.0, np.where(exists, data.weight[places], 0.0)).astype(np.float32),
        }
        if data.event_code is not None:
            event = np.where(exists & ~is_first, data.event_code[before], -1)
            batch["event"] = _headed(-1, self._forget(event, rng))
        if data.context_code is not None and data.context_code.shape[1]:
            code = data.context_code[places]
            code = np.where(code >= 0, code + self._column_start, -1)
            known = np.where(exists, self._forget(np.zeros_like(item), rng), -1)[..., None] >= 0
            batch["context"] = _headed(-1, np.where(known, code, -1))
        return batch

    def _forget(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Make a share of codes unknown."""
        return np.where(rng.random(codes.shape) < self._unknown_share, -1, codes)


def _places(start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Give start, start + 1 … of each of several runs: [sum of lengths] int64."""
    return np.arange(length.sum()) + np.repeat(start - (np.cumsum(length) - length), length)


def _headed(head: np.ndarray | float, rest: np.ndarray) -> np.ndarray:
    """Put a value, or one per row, before the first token; integers become int32."""
    first = np.broadcast_to(np.reshape(head, (-1, 1) + (1,) * (rest.ndim - 2)), (len(rest), 1, *rest.shape[2:]))
    joined = np.concatenate([first, rest], axis=1)
    return joined if joined.dtype.kind == "f" else joined.astype(np.int32)
