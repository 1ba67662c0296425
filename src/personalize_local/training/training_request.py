"""What a training is asked, gives, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class TrainingFailedError(Exception):
    """The data do not allow this training; `reason` is for the customer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


AUTO, ALWAYS, NEVER = "auto", "always", "never"
FULL, UPDATE = "FULL", "UPDATE"


@dataclass(frozen=True)
class EventRule:
    """Events of one type that count: from a value on when `threshold` is given, by weight."""

    event_type: str
    threshold: float | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Objective:
    """Items with a higher value of a column of numbers are worth more; sensitivity LOW, MEDIUM or HIGH."""

    column: str
    sensitivity: str


@dataclass(frozen=True)
class TuningRange:
    """What a hyperparameter may be while tuning; None and no values mean all that the recipe allows."""

    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tuning:
    """Tune the recipe's hyperparameters in at most `job_count` trials; without ranges, all that can be tuned."""

    job_count: int = 8
    ranges: Mapping[str, TuningRange] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingRequest:
    """One solution version to train.

    Parameters are as on the wire, strings; absent ones have the recipe's defaults. `event_rules`, when there are any,
    take the place of event_type and event_value_threshold. Item columns are those that describe the item: categorical
    ones hold values joined by "|", textual ones prose, numeric ones numbers. Context columns are the interactions'
    that requests may name too. sequence_layer: whether the transformer has a part, see training/sequence_layer.py.
    text_embedder: what tells the meaning of texts, see training/text_embedder.py.
    has_echoes: whether a click and a watch of one moment are two steps of the reader, so that an item just seen may
    come next.
    """

    recipe_name: str
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    feature_parameters: Mapping[str, str] = field(default_factory=dict)
    event_type: str | None = None
    event_value_threshold: float | None = None
    event_rules: tuple[EventRule, ...] = ()
    categorical_columns: tuple[str, ...] = ()
    textual_columns: tuple[str, ...] = ()
    numeric_columns: tuple[str, ...] = ()
    context_columns: tuple[str, ...] = ()
    sequence_layer: str = AUTO
    text_embedder: str = "none"
    has_echoes: bool = False
    objective: Objective | None = None
    tuning: Tuning | None = None
    training_mode: str = FULL
    seed: int = 20_240_229

    def rules(self) -> tuple[EventRule, ...]:
        """Give the events that count; none means all."""
        if self.event_rules:
            return self.event_rules
        return (EventRule(self.event_type, self.event_value_threshold),) if self.event_type else ()


@dataclass(frozen=True)
class TrainingResult:
    """What came of it: metrics under AWS's keys, the time it took in hours, and what tuning found, as on the wire."""

    metrics: dict[str, float]
    training_hours: float
    tuned: dict[str, str] = field(default_factory=dict)
