"""The transformer of the sequence layer, run for one reader: pre-norm blocks, causal attention with learnt distances.

Rule 1: where a token stands does not matter, only how far back another one is; so that a history may be cut anywhere.
Rule 2: all that the answer needs of the last block is its last position; keys and values alone are computed for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

NORM_EPSILON = np.float32(1e-5)
FAR_AHEAD = np.float32(-1e9)
TOGETHER = 16  # readers whose tokens are worked on at once
BLOCK_TOKENS = 8  # products this small are one thread's work; see row_products


@dataclass(frozen=True)
class Block:
    """Attention, then two layers over each token.

    Shapes: *_scale and *_shift [width]; project [width, 3 × width] to queries, keys and values of all heads; distance
    [heads, window + 1], what it counts to be so many tokens back; gather [width, width]; widen [width, inner]; narrow
    [inner, width]; *_shift of these as wide as what they give.
    """

    attention_scale: np.ndarray
    attention_shift: np.ndarray
    project: np.ndarray
    project_shift: np.ndarray
    distance: np.ndarray
    gather: np.ndarray
    gather_shift: np.ndarray
    inner_scale: np.ndarray
    inner_shift: np.ndarray
    widen: np.ndarray
    widen_shift: np.ndarray
    narrow: np.ndarray
    narrow_shift: np.ndarray

    def run(self, tokens: np.ndarray, first: int) -> np.ndarray:
        """Give the tokens [tokens, width] from `first` on after this block: [tokens - first, width]."""
        count, width = tokens.shape
        normed = normalise(tokens, self.attention_scale, self.attention_shift)
        keys_values = product(normed, self._keys_values) + self.project_shift[width:]
        queries = product(normed[first:], self._queries) + self.project_shift[:width]
        mixed = np.concatenate(
            [
                self._attend(queries, keys_values, head, self._distances[head, first:count, :count])
                for head in range(len(self.distance))
            ],
            axis=1,
        )
        after = tokens[first:] + product(mixed, self.gather) + self.gather_shift
        inner = product(normalise(after, self.inner_scale, self.inner_shift), self.widen) + self.widen_shift
        np.maximum(inner, 0.0, out=inner)
        return after + product(inner, self.narrow) + self.narrow_shift

    def _attend(self, queries: np.ndarray, keys_values: np.ndarray, head: int, distances: np.ndarray) -> np.ndarray:
        """Give what one head makes of it: [queries, width of a head]."""
        size = queries.shape[1] // len(self.distance)
        here = slice(head * size, (head + 1) * size)
        there = slice(queries.shape[1] + here.start, queries.shape[1] + here.stop)
        keys = np.ascontiguousarray(keys_values[:, here].T) * np.float32(1.0 / np.sqrt(size))
        weights = product(np.ascontiguousarray(queries[:, here]), keys)  # [queries, tokens]
        weights += distances
        weights -= weights.max(axis=1, keepdims=True)
        np.exp(weights, out=weights)
        total = weights.sum(axis=1, keepdims=True)
        return product(weights, np.ascontiguousarray(keys_values[:, there])) / total

    def run_block(self, tokens: np.ndarray, missing: np.ndarray, first: int) -> np.ndarray:
        """Do as `run` for several readers, whose tokens end together: tokens [readers, tokens, width].

        Shapes: missing [readers, 1, tokens], far below 0 where a reader has no token, else 0; gives
        [readers, tokens - first, width].
        """
        count, width = tokens.shape[1:]
        normed = normalise(tokens, self.attention_scale, self.attention_shift)
        keys_values = normed @ self._keys_values + self.project_shift[width:]
        queries = normed[:, first:] @ self._queries + self.project_shift[:width]
        queries *= np.float32(1.0 / np.sqrt(width // len(self.distance)))
        mixed = np.empty_like(queries)
        for head, distances in enumerate(self._distances[:, first:count, :count]):
            here = slice(head * width // len(self.distance), (head + 1) * width // len(self.distance))
            there = slice(width + here.start, width + here.stop)
            weights = queries[..., here] @ keys_values[..., here].transpose(0, 2, 1)  # [readers, queries, tokens]
            weights += distances
            weights += missing
            weights -= weights.max(axis=2, keepdims=True)
            np.exp(weights, out=weights)
            mixed[..., here] = (weights @ keys_values[..., there]) / weights.sum(axis=2, keepdims=True)
        after = tokens[:, first:] + mixed @ self.gather + self.gather_shift
        inner = normalise(after, self.inner_scale, self.inner_shift) @ self.widen + self.widen_shift
        np.maximum(inner, 0.0, out=inner)
        return after + inner @ self.narrow + self.narrow_shift

    @cached_property
    def _queries(self) -> np.ndarray:
        return np.ascontiguousarray(self.project[:, : len(self.project)])

    @cached_property
    def _keys_values(self) -> np.ndarray:
        return np.ascontiguousarray(self.project[:, len(self.project) :])

    @cached_property
    def _distances(self) -> np.ndarray:
        """Spread `distance` over pairs of tokens: [heads, tokens, tokens], far below 0 for those ahead."""
        heads, count = self.distance.shape
        ahead = np.full((heads, count - 1), FAR_AHEAD, dtype=np.float32)
        line = np.concatenate([self.distance[:, ::-1], ahead], axis=1)
        return np.ascontiguousarray(sliding_window_view(line, count, axis=1)[:, ::-1])


@dataclass(frozen=True)
class SequenceEncoder:
    """Blocks, and the norm of what they give.

    Shapes: scale and shift [width]. window: how many events of a history are looked at.
    """

    blocks: tuple[Block, ...]
    scale: np.ndarray
    shift: np.ndarray
    window: int

    def encode(self, reader: np.ndarray, events: np.ndarray, situation: np.ndarray) -> np.ndarray:
        """Read a reader's token [width] and the events' [events, width], oldest first; add what holds at the moment
        [width]: the vector to compare with the items' [width] float32.
        """
        tokens = np.concatenate([reader[None], events]).astype(np.float32)
        for block in self.blocks[:-1]:
            tokens = block.run(tokens, 0)
        last = self.blocks[-1].run(tokens, len(tokens) - 1) + situation
        return normalise(last, self.scale, self.shift)[0]

    def encode_block(self, readers: np.ndarray, events: Sequence[np.ndarray], situations: np.ndarray) -> np.ndarray:
        """Do the same for several readers: readers and situations [readers, width], each one's events [events, width]:
        [readers, width] float32. Those with histories of like length go through the blocks together.
        """
        found = np.empty(readers.shape, dtype=np.float32)
        lengths = np.array([len(each) for each in events])
        order = np.argsort(lengths, kind="stable")
        for begin in range(0, len(order), TOGETHER):
            places = order[begin : begin + TOGETHER]
            longest = int(lengths[places[-1]]) + 1
            tokens = np.zeros((len(places), longest, readers.shape[1]), dtype=np.float32)
            missing = np.zeros((len(places), 1, longest), dtype=np.float32)
            for row, place in enumerate(places):
                first = longest - lengths[place] - 1
                tokens[row, first], tokens[row, first + 1 :] = readers[place], events[place]
                missing[row, 0, :first] = FAR_AHEAD
            for block in self.blocks[:-1]:
                tokens = block.run_block(tokens, missing, 0)
            last = self.blocks[-1].run_block(tokens, missing, longest - 1)[:, 0]
            found[places] = normalise(last + situations[places], self.scale, self.shift)
        return found


def normalise(values: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Give rows [..., width] mean 0 and variance 1, then scale and shift them."""
    width = np.float32(values.shape[-1])
    found = values - (np.einsum("...w->...", values) / width)[..., None]  # in a third of the time that `mean` takes
    variance = np.einsum("...w,...w->...", found, found)[..., None] / width
    found /= np.sqrt(variance + NORM_EPSILON)
    found *= scale
    found += shift
    return found


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Multiply rows [rows, width] by a matrix [width, columns], a few rows at a time, in one thread."""
    whole = len(rows) // BLOCK_TOKENS * BLOCK_TOKENS
    found = np.empty((len(rows), matrix.shape[1]), dtype=np.float32)
    shape = (-1, BLOCK_TOKENS)
    np.matmul(rows[:whole].reshape(*shape, rows.shape[1]), matrix, out=found[:whole].reshape(*shape, matrix.shape[1]))
    np.matmul(rows[whole:], matrix, out=found[whole:])
    return found
