"""JAX as this machine should have it: its processors, its share of a cluster, and the folder of compiled steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
from jax.sharding import Mesh

from personalize_local.training.sequence.training_step import AXIS

SHORTEST_COMPILE_S = 0.5


@dataclass(frozen=True)
class Cluster:
    """One of several processes that train together: the address of the first, how many they are, which this is."""

    coordinator: str
    process_count: int
    process: int


def keep_compiled(folder: Path) -> None:
    """Keep compiled steps in a folder, so that the next training with the same shapes starts at once."""
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", SHORTEST_COMPILE_S)


def join(cluster: Cluster) -> None:
    """Connect to the other processes; they all then have all devices. Must come before anything else of JAX."""
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(cluster.coordinator, cluster.process_count, cluster.process)


def make_mesh() -> Mesh:
    """Line up the devices of all processes to share the rows of a batch. A machine's processors are one device."""
    return Mesh(np.array(jax.devices()), (AXIS,))


def leads() -> bool:
    """Tell whether this process is the first of those that train together."""
    return jax.process_index() == 0


def own_rows(batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give the rows of a batch that are this process's to work on."""
    share, count = jax.process_index(), jax.process_count()
    if count == 1:
        return batch
    return {name: np.array_split(values, count)[share] for name, values in batch.items()}
