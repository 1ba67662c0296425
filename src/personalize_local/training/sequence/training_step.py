"""One step of training: gradients on every device's rows of the batch, added up, and AdamW.

Item vectors in play are named by the batch: all of a small catalogue, or those that it reads, foretells or was given as
negatives. Only their rows, and the optimiser's of them, are read and written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from personalize_local.training.sequence.network import Dropout, Params, encode, item_vectors
from personalize_local.training.sequence.settings import SequenceSettings
from personalize_local.training.sequence.softmax_loss import softmax_loss

AXIS = "rows"
MAX_NORM = 1.0
SECOND_MOMENT_DECAY = 0.98
LAST_RATE_SHARE = 0.02
WARM_UP_SHARE = 0.03


class Tables(NamedTuple):
    """What stays the same in training.

    features: of items [items, features] float32, or None; words: of users [users, words of one] int32, -1 for none.
    """

    features: jax.Array | None
    words: jax.Array


class Rows(NamedTuple):
    """The items in play in one step; a batch's items and targets are places in `rows`.

    rows: [in play] int32, ascending; a place beyond the catalogue is no item. others: places [others] in rows of what
    targets are told from, bias: [others] to add to their logits.
    """

    rows: jax.Array
    others: jax.Array
    bias: jax.Array


def make_optimiser(settings: SequenceSettings) -> optax.GradientTransformation:
    """Give AdamW at a learning rate of 1, which each step scales; vectors and matrices decay, not scales."""
    return optax.chain(
        optax.clip_by_global_norm(MAX_NORM),
        optax.adamw(
            1.0,
            b2=SECOND_MOMENT_DECAY,
            weight_decay=settings.weight_decay,
            mask=lambda params: jax.tree.map(lambda values: values.ndim > 1, params),
        ),
    )


def learning_rates(highest: float, step_count: int) -> np.ndarray:
    """Give each step's learning rate: a short warm-up, then a cosine to nearly nothing: [steps] float32.

    They are handed to the compiled step, which so is the same for trainings of any length.
    """
    warm_up = max(1, round(WARM_UP_SHARE * step_count))
    step = np.arange(step_count)
    falling = (1.0 + np.cos(np.pi * (step - warm_up) / max(step_count - warm_up, 1))) / 2.0
    share = np.where(step < warm_up, step / warm_up, LAST_RATE_SHARE + (1.0 - LAST_RATE_SHARE) * falling)
    return (highest * share).astype(np.float32)


class TrainingStep:
    """The compiled step, on a mesh of devices, of this or several processes."""

    def __init__(
        self, settings: SequenceSettings, optimiser: optax.GradientTransformation, tables: Tables, mesh: Mesh
    ) -> None:
        self._settings = settings
        self._optimiser = optimiser
        self._everywhere = NamedSharding(mesh, PartitionSpec())
        self._by_rows = NamedSharding(mesh, PartitionSpec(AXIS))
        self._tables = jax.device_put(tables, self._everywhere)
        gradients = jax.shard_map(
            self._gradients,
            mesh=mesh,
            in_specs=(PartitionSpec(), PartitionSpec(), PartitionSpec(), PartitionSpec(AXIS), PartitionSpec()),
            out_specs=PartitionSpec(),
            check_vma=False,
        )
        self._sharded_gradients = gradients
        self._compiled = {whole: jax.jit(partial(self._step, whole), donate_argnums=(0, 1)) for whole in (True, False)}

    def begin(self, params: Any) -> tuple[Params, Any]:
        """Put parameters on the devices, and give the optimiser's first state."""
        placed = jax.device_put(params, self._everywhere)
        return placed, jax.jit(self._optimiser.init, out_shardings=self._everywhere)(placed)

    def __call__(
        self,
        params: Params,
        state: Any,
        rows: Rows,
        batch: Mapping[str, Any],
        seed: int,
        rate: np.float32,
        *,
        whole: bool,
    ) -> tuple[Params, Any, jax.Array]:
        """Train on one batch at a learning rate; give parameters and state anew, and the mean loss.

        Those given are used up.
        """
        sharded = {
            name: jax.make_array_from_process_local_data(self._by_rows, values) for name, values in batch.items()
        }
        return self._compiled[whole](params, state, self._tables, rows, sharded, jnp.uint32(seed), rate)

    def _step(
        self,
        whole: bool,
        params: Params,
        state: Any,
        tables: Tables,
        rows: Rows,
        batch: Any,
        seed: jax.Array,
        rate: jax.Array,
    ) -> Any:
        played, played_state = (params, state) if whole else _take((params, state), rows.rows)
        features = tables.features
        if features is not None and not whole:
            features = features.at[rows.rows].get(mode="fill", fill_value=0.0)
        loss, gradients = self._sharded_gradients(played, Tables(features, tables.words), rows, batch, seed)
        updates, played_state = self._optimiser.update(gradients, played_state, played)
        played = optax.apply_updates(played, jax.tree.map(lambda update: rate * update, updates))
        if whole:
            return played, played_state, loss
        params, state = _put((params, state), (played, played_state), rows.rows)
        return params, state, loss

    def _gradients(self, params: Params, tables: Tables, rows: Rows, batch: Any, seed: jax.Array) -> Any:
        """Give the mean loss over all devices, and its gradients: on each device, from its own rows."""
        settings = self._settings
        dropout = Dropout(settings, seed, jax.lax.axis_index(AXIS))

        def total(params: Params) -> jax.Array:
            vectors = item_vectors(params, rows.rows, tables.features, settings.id_dropout, seed)
            answers = encode(params, vectors, tables.words, batch, dropout, settings.heads, settings.window)
            target = batch["target"].reshape(-1)
            return softmax_loss(
                answers.reshape(-1, settings.width),
                vectors[target],
                target,
                batch["weight"].reshape(-1),
                vectors[rows.others],
                rows.others,
                rows.bias,
            )

        loss, gradients = jax.value_and_grad(total)(params)
        weight = jnp.maximum(jax.lax.psum(batch["weight"].sum(), AXIS), 1e-6)
        return jax.tree.map(lambda value: jax.lax.psum(value, AXIS) / weight, (loss, gradients))


def _take(tree: Any, rows: jax.Array) -> Any:
    """Replace every table of item vectors in a tree by its rows in play."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: leaf.at[rows].get(mode="clip") if _is_items(path) else leaf, tree
    )


def _put(tree: Any, played: Any, rows: jax.Array) -> Any:
    """Write the rows in play back; everything else is taken as played."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf, new: leaf.at[rows].set(new, mode="drop") if _is_items(path) else new, tree, played
    )


def _is_items(path: Any) -> bool:
    return path[-1] == jax.tree_util.DictKey("items")
