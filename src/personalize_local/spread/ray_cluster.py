"""Work on the cores of a Ray cluster: machines that `ray start` has joined, or this one alone.

What the work needs travels once to each machine, arrays without a copy for each process. Ray is imported when it is
first used: an installation without it has the other ways.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_local.spread.spread import Part, Result, SpreadError, Work

LOOPBACK: Mapping[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
ONE_THREAD: Mapping[str, str] = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # each core has a worker


@dataclass(frozen=True)
class RayCluster:
    """Joins a cluster at the first work, and stays until this process ends.

    Args: address: of the cluster's head, as `ray.init` takes it; None starts one on this machine, for this process.
        options: more arguments of `ray.init`.
    """

    address: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    shares_memory = False

    def map(self, work: Work[Part, Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Give the result of each part in the parts' order; at most two parts per core are under way.

        Errors: SpreadError when Ray is not installed or the cluster cannot be reached.
        """
        ray = self._joined()
        task = ray.remote(_work).options(max_retries=2, retry_exceptions=False)
        shared = ray.put(work)
        limit = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[Any] = deque()
        try:
            for place, part in enumerate(parts):
                waiting.append(task.remote(shared, place, part))
                if len(waiting) >= limit:
                    yield _result(ray, waiting.popleft())
            while waiting:
                yield _result(ray, waiting.popleft())
        finally:
            for reference in waiting:
                ray.cancel(reference, force=True)

    def _joined(self) -> Any:
        """Give Ray, joined to the cluster."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers about each cluster
        try:
            import ray
        except ImportError as error:
            raise SpreadError("Ray is not installed: pip install ray.") from error
        if not ray.is_initialized():
            own = LOOPBACK if self.address is None else {}
            given = {"runtime_env": {"env_vars": dict(ONE_THREAD)}, "log_to_driver": False, **own, **self.options}
            try:
                ray.init(address=self.address, **given)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise SpreadError(f"The Ray cluster at {self.address} cannot be reached: {error}") from error
        return ray


def _result(ray: Any, reference: Any) -> Any:
    """Wait for a result. Errors: the work's own, as it was raised there."""
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error


def _work(work: Work[Any, Any], place: int, part: Any) -> Any:
    return work(place, part)
