"""The transformer in JAX, over packed rows; sequence_encoder.py is the same for one reader.

Parameters are nested dictionaries of arrays. A table without rows belongs to data that have no such thing, and is left
out of the computation.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from personalize_local.training.sequence.batches import READER
from personalize_local.training.sequence.settings import SequenceSettings

Params = dict[str, Any]

DEVIATION = 0.02
NORM_EPSILON = 1e-5
FAR_AHEAD = -1e9
HASH_STEPS = ((16, 0x7FEB352D), (15, 0x846CA68B))


def new_params(
    settings: SequenceSettings, row_tokens: int, tables: dict[str, int], rng: np.random.Generator
) -> dict[str, Any]:
    """Draw parameters; tables gives the rows of each table of vectors. NumPy arrays, float32."""
    width = settings.width
    params: dict[str, Any] = {name: _normal(rng, DEVIATION, rows, width) for name, rows in tables.items()}
    params["reader"] = _normal(rng, DEVIATION, width)
    params["blocks"] = [_new_block(settings, row_tokens, rng) for _ in range(settings.block_count)]
    return params | {"scale": np.ones(width, np.float32), "shift": np.zeros(width, np.float32)}


def _new_block(settings: SequenceSettings, row_tokens: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    width, inner = settings.width, settings.inner
    deviation = 1.0 / math.sqrt(width)
    smaller = 1.0 / math.sqrt(2 * settings.block_count)  # so that the sum of all blocks begins near the tokens
    return {
        "attention_scale": np.ones(width, np.float32),
        "attention_shift": np.zeros(width, np.float32),
        "project": _normal(rng, deviation, width, 3 * width),
        "project_shift": np.zeros(3 * width, np.float32),
        "distance": np.zeros((settings.heads, row_tokens), np.float32),
        "gather": _normal(rng, deviation * smaller, width, width),
        "gather_shift": np.zeros(width, np.float32),
        "inner_scale": np.ones(width, np.float32),
        "inner_shift": np.zeros(width, np.float32),
        "widen": _normal(rng, deviation, width, inner),
        "widen_shift": np.zeros(inner, np.float32),
        "narrow": _normal(rng, smaller / math.sqrt(inner), inner, width),
        "narrow_shift": np.zeros(width, np.float32),
    }


def _normal(rng: np.random.Generator, deviation: float, *shape: int) -> np.ndarray:
    return (rng.standard_normal(shape) * deviation).astype(np.float32)


class Dropout:
    """Sets values to 0 by a hash of their place and the seed: cheap, and the same however a batch is shared out.

    shard: the number of this device, whose rows come after those of the devices before it.
    """

    def __init__(self, settings: SequenceSettings, seed: jax.Array, shard: jax.Array | int) -> None:
        self.values_rate, self.attention_rate = settings.dropout, settings.attention_dropout
        self._seed, self._shard, self._calls = seed, shard, 0

    def values(self, values: jax.Array) -> jax.Array:
        """Drop among tokens' values."""
        return self._drop(values, self.values_rate)

    def attention(self, weights: jax.Array) -> jax.Array:
        """Drop among weights of attention."""
        return self._drop(weights, self.attention_rate)

    def _drop(self, values: jax.Array, rate: float) -> jax.Array:
        self._calls += 1
        if rate == 0.0:
            return values
        begin = jnp.asarray(self._shard, jnp.uint32) * jnp.uint32(values.size)
        number = jax.lax.iota(jnp.uint32, values.size).reshape(values.shape) + begin
        kept = hashed(number, self._seed + jnp.uint32(0x9E3779B9 * self._calls & 0xFFFFFFFF)) >= _threshold(rate)
        return jnp.where(kept, values * (1.0 / (1.0 - rate)), 0.0)


class NoDropout(Dropout):
    """Leaves everything as it is."""

    def __init__(self) -> None:
        self.values_rate = self.attention_rate = 0.0
        self._calls = 0


def hashed(number: jax.Array, seed: jax.Array) -> jax.Array:
    """Scatter numbers evenly over uint32."""
    number = number.astype(jnp.uint32) * jnp.uint32(0x9E3779B1) + seed
    for shift, factor in HASH_STEPS:
        number = (number ^ (number >> shift)) * jnp.uint32(factor)
    return number ^ (number >> 16)


def _threshold(rate: float) -> jax.Array:
    return jnp.uint32(int(rate * 2**32))


def item_vectors(params: Params, rows: jax.Array, features: jax.Array | None, id_dropout: float, seed: Any) -> Any:
    """Give the vectors of items [rows, width] from their own [rows, width] and their features [rows, features].

    With features, a share of the items is known by these alone; a hash of row and seed says which.
    """
    own = params["items"]
    if features is None:
        return own
    if id_dropout > 0.0:
        own = own * (hashed(rows, seed) >= _threshold(id_dropout))[:, None]
    return own + features @ params["content"]


def encode(
    params: Params, vectors: jax.Array, words: jax.Array, batch: Any, dropout: Dropout, heads: int, window: int
) -> jax.Array:
    """Give each token's answer: [rows, tokens, width], from at most `window` tokens before it.

    Shapes: vectors [items, width]; words [users, words of one] int32, -1 for none; batch as Batches makes them.
    """
    tokens = dropout.values(_tokens(params, vectors, words, batch))
    hidden = _hidden(batch["segment"], window)
    for block in params["blocks"]:
        tokens = tokens + dropout.values(_attend(block, tokens, hidden, dropout, heads))
        tokens = tokens + dropout.values(_think(block, tokens))
    if "context" in batch:
        tokens = tokens + _sum_known(params["context"], batch["context"])
    return _normalise(tokens, params["scale"], params["shift"])


def _tokens(params: Params, vectors: jax.Array, words: jax.Array, batch: Any) -> jax.Array:
    item = batch["item"]
    size = math.sqrt(vectors.shape[1])
    readers = params["reader"]
    if words.shape[1]:
        readers = readers + _sum_known(params["words"], words[batch["user"]])
    tokens = jnp.where((item == READER)[..., None], readers, vectors[jnp.maximum(item, 0)] * size)
    if "event" in batch:
        tokens = tokens + _sum_known(params["events"], batch["event"][..., None])
    return tokens


def _sum_known(table: jax.Array, codes: jax.Array) -> jax.Array:
    """Add up a table's rows: codes [..., several] to [..., width]; -1 adds nothing."""
    return jnp.where((codes >= 0)[..., None], table[jnp.maximum(codes, 0)], 0.0).sum(axis=-2)


def _hidden(segment: jax.Array, window: int) -> jax.Array:
    """Give what to add to attention so that a token sees those up to itself of its user: [rows, 1, to, from]."""
    place = jnp.arange(segment.shape[1])
    back = place[:, None] - place[None, :]
    seen = ((back >= 0) & (back <= window))[None] & (segment[:, :, None] == segment[:, None, :])
    return jnp.where(seen, 0.0, FAR_AHEAD)[:, None]


def _attend(block: Params, tokens: jax.Array, hidden: jax.Array, dropout: Dropout, heads: int) -> jax.Array:
    rows, count, width = tokens.shape
    size = width // heads
    normed = _normalise(tokens, block["attention_scale"], block["attention_shift"]).reshape(rows * count, width)
    projected = (normed @ block["project"] + block["project_shift"]).reshape(rows, count, 3, heads, size)
    queries, keys, values = projected[:, :, 0], projected[:, :, 1], projected[:, :, 2]
    place = jnp.arange(count)
    distance = block["distance"][:, jnp.maximum(place[:, None] - place[None, :], 0)]  # [heads, to, from]
    alike = jnp.einsum("rthd,rfhd->rhtf", queries * (1.0 / math.sqrt(size)), keys)
    weights = dropout.attention(jax.nn.softmax(alike + distance[None] + hidden, axis=-1))
    mixed = jnp.einsum("rhtf,rfhd->rthd", weights, values).reshape(rows * count, width)
    return (mixed @ block["gather"] + block["gather_shift"]).reshape(rows, count, width)


def _think(block: Params, tokens: jax.Array) -> jax.Array:
    rows, count, width = tokens.shape
    normed = _normalise(tokens, block["inner_scale"], block["inner_shift"]).reshape(rows * count, width)
    inner = jax.nn.relu(normed @ block["widen"] + block["widen_shift"])
    return (inner @ block["narrow"] + block["narrow_shift"]).reshape(rows, count, width)


def _normalise(values: jax.Array, scale: jax.Array, shift: jax.Array) -> jax.Array:
    centred = values - values.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + NORM_EPSILON) * scale + shift
