"""The settings of the service, and the environment variables they come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from personalize_local.jobs.clock import Clock, ShiftedClock, SystemClock
from personalize_local.spread.settings import CORES, MEANING, VARIABLE, read_spread
from personalize_local.training.text_embedder import NONE, check_embedder

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def _setting(default: Any, variable: str, read: Callable[[str], Any], meaning: str) -> Any:
    return field(default=default, metadata={"variable": variable, "read": read, "meaning": meaning})


def _switch(text: str) -> bool:
    return {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}[text.lower()]


def _embedder(text: str) -> str:
    return check_embedder(text.lower())


def _layer(text: str) -> str:
    return {"auto": "auto", "always": "always", "never": "never"}[text.lower()]


@dataclass(frozen=True)
class Settings:
    """How the service behaves. Every field names its environment variable and its meaning (see `fields`)."""

    status_dwell_s: float = _setting(
        0.3,
        "PERSONALIZE_LOCAL_STATUS_DWELL_S",
        float,
        "seconds that a resource shows each status on its way, such as CREATE PENDING",
    )
    worker_limit: int = _setting(2, "PERSONALIZE_LOCAL_WORKERS", int, "imports and trainings that run at the same time")
    job_attempts: int = _setting(
        3, "PERSONALIZE_LOCAL_JOB_ATTEMPTS", int, "times that interrupted work is started before it fails"
    )
    worker_niceness: int = _setting(
        10, "PERSONALIZE_LOCAL_WORKER_NICENESS", int, "how far workers stand back for answering requests, 0 to 19"
    )
    automatic_training: bool = _setting(
        True,
        "PERSONALIZE_LOCAL_AUTOMATIC_TRAINING",
        _switch,
        "on or off: whether solutions with performAutoTraining train on their schedule",
    )

    sequence_layer: str = _setting(
        "auto",
        "PERSONALIZE_LOCAL_SEQUENCE_LAYER",
        _layer,
        "auto, always or never: whether trainings of personalization recipes train a transformer too; auto from "
        "100,000 events on, where events of one moment on one item are one",
    )

    text_embedder: str = _setting(
        NONE,
        "PERSONALIZE_LOCAL_TEXT_EMBEDDER",
        _embedder,
        "none, or wordllama where the extra 'text' is installed: whether items' texts count by what they mean too, not "
        "by their words alone",
    )

    spread: str = _setting(
        CORES,
        "PERSONALIZE_LOCAL_SPREAD",
        read_spread,
        f"where batch jobs and the statistics of trainings are worked on: {MEANING}",
    )

    metrics_interval_s: float = _setting(
        10.0, "PERSONALIZE_LOCAL_METRICS_INTERVAL_S", float, "seconds between two batches of metrics to CloudWatch"
    )

    attribution_interval_s: float = _setting(
        15.0, "PERSONALIZE_LOCAL_ATTRIBUTION_INTERVAL_S", float, "seconds between two reports of metric attributions"
    )

    policy_log: bool = _setting(
        True,
        "PERSONALIZE_LOCAL_POLICY_LOG",
        _switch,
        "on or off: whether the chances of what was recommended are logged, to judge policies by",
    )

    clock_offset_s: float = _setting(
        0.0,
        "PERSONALIZE_LOCAL_CLOCK_OFFSET_S",
        float,
        "seconds that Personalize's clock is ahead of the machine's, to try what takes weeks; behind it below zero",
    )

    @property
    def clock(self) -> Clock:
        """The clock of the service."""
        return ShiftedClock(self.clock_offset_s) if self.clock_offset_s else SystemClock()

    @property
    def worker_environment(self) -> dict[str, str]:
        """The environment variables of a worker process, beside the server's own.

        The cores are shared out among the workers, unless the variables say otherwise: threads of linear algebra that
        wait for a core spin, and take several times the processor's time.
        """
        threads = str(max(1, (os.cpu_count() or 1) // max(1, self.worker_limit)))
        wanted = {name: os.environ.get(name) or threads for name in THREAD_VARIABLES}
        return wanted | {
            "PERSONALIZE_LOCAL_SEQUENCE_LAYER": self.sequence_layer,
            "PERSONALIZE_LOCAL_TEXT_EMBEDDER": self.text_embedder,
            VARIABLE: self.spread,
        }

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; a variable that is absent or empty leaves its default.

        Errors: ValueError naming the variable whose value cannot be read.
        """
        values = {}
        for entry in fields(cls):
            variable = entry.metadata["variable"]
            if text := environment.get(variable):
                try:
                    values[entry.name] = entry.metadata["read"](text)
                except (ValueError, KeyError) as error:
                    raise ValueError(f"{variable} is '{text}': it should be {entry.metadata['meaning']}.") from error
        return cls(**values)
