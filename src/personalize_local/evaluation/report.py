"""What an evaluation found: a row for each method, and all that has to be known to read it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from personalize_local.evaluation.errors_of_means import Estimate
from personalize_local.evaluation.measures import HIT_RATE, MRR, NDCG


@dataclass(frozen=True)
class Row:
    """One method.

    metrics: means over questions with errors over users. lists: what all recommendations say together. difference: of
    the main metric from the best baseline's, question by question; None for that one. seed_spread: the standard
    deviation of the main metric over trainings, None for one training.
    Units: seconds of wall clock and processor of one training, bytes, milliseconds of one answer.
    """

    name: str
    is_baseline: bool
    metrics: Mapping[str, Estimate]
    lists: Mapping[str, float]
    difference: Estimate | None
    seed_spread: float | None
    training_wall_s: float
    training_cpu_s: float
    peak_bytes: int
    scoring_p50_ms: float
    scoring_p99_ms: float


@dataclass(frozen=True)
class Report:
    """The whole result. The main metric is NDCG at the first of `cuts`; rows are ordered by it, the best first.

    rival: the row that all others are compared with, the best baseline unless others were named; None without any.
    """

    data: str
    protocol: tuple[str, ...]
    filter_seen: bool
    cuts: tuple[int, ...]
    user_count: int
    item_count: int
    training_count: int
    question_count: int
    left_out_count: int
    cold_relevant_count: int
    seeds: int
    notes: tuple[str, ...]
    rival: str | None
    rows: tuple[Row, ...]

    @property
    def main_metric(self) -> str:
        """Name what methods are compared by."""
        return NDCG.format(self.cuts[0])

    @property
    def shown_metrics(self) -> tuple[str, ...]:
        """Name the metrics of a short table."""
        return (self.main_metric, HIT_RATE.format(self.cuts[0]), MRR)

    def row(self, name: str) -> Row:
        """Find a method's row."""
        return next(row for row in self.rows if row.name == name)

    def facts(self) -> tuple[str, ...]:
        """Say how it was measured, line by line."""
        seen = "removed from" if self.filter_seen else "kept in"
        left_out = (
            f", {self.left_out_count:,} left out: all they ask for was seen before" if self.left_out_count else ""
        )
        return (
            *self.protocol,
            f"{self.user_count:,} users, {self.item_count:,} items, {self.training_count:,} events of training; "
            f"{self.question_count:,} questions{left_out}; {self.cold_relevant_count:,} relevant items are cold: they "
            "have no event in the training",
            f"full ranking of all items, what a user has seen is {seen} the ranking; ties count against the method",
            f"± is one standard error over users; differences are paired, question by question; {self.seeds} "
            f"seed{'s' if self.seeds != 1 else ''}",
            *self.notes,
        )

    def to_json(self) -> str:
        """Write everything, NaN as null."""
        content = asdict(self) | {"main_metric": self.main_metric, "facts": self.facts()}
        return json.dumps(_plain(content), indent=1, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
