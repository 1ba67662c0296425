"""What events bring, per source that recommended: pure sums, no storage.

Source: contract §3.12. That event types and column names are compared without letter case is inferred, and so is that
an event without a number to add is left out, and that sources beyond the hundredth are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from personalize_local.jobs.metrics import Statistics
from personalize_local.jobs.recommendation_ids import mark_in
from personalize_local.store.attributions import Total
from personalize_local.store.events import StreamedEvent
from personalize_spec.limits import SOURCES_PER_ATTRIBUTION
from personalize_spec.metric_expressions import MetricExpression, parse_expression

WINDOW_S = 900
UNDEFINED = "SOURCE_NAME_UNDEFINED"
SOURCE_COLUMN = "EVENT_ATTRIBUTION_SOURCE"

ItemNumber = Callable[[str, str], float | None]  # (column, item id) → number


@dataclass(frozen=True)
class Metric:
    """A metric of a metric attribution."""

    name: str
    event_type: str
    expression: MetricExpression

    @classmethod
    def of(cls, member: Mapping[str, str]) -> Metric:
        """Read a member of the attribution's `metrics`."""
        return cls(member["metric_name"], member["event_type"], parse_expression(member["expression"]))


@dataclass
class Sources:
    """Who recommended: names by the marks of recommendation ids; at most a hundred different ones count."""

    name_of_mark: Mapping[str, str]
    known: set[str] = field(default_factory=set)

    def of(self, event: StreamedEvent) -> str | None:
        """Give the source of an event; None for one too many."""
        source = str(event.properties.get(SOURCE_COLUMN) or self._recommended_by(event.recommendation_id))
        if source not in self.known and len(self.known) >= SOURCES_PER_ATTRIBUTION:
            return None
        self.known.add(source)
        return source

    def _recommended_by(self, recommendation_id: str | None) -> str:
        return self.name_of_mark.get(mark_in(recommendation_id), UNDEFINED) if recommendation_id else UNDEFINED


def attribute(
    metrics: Sequence[Metric], events: Iterable[StreamedEvent], sources: Sources, item_number: ItemNumber
) -> list[Total]:
    """Add up what the events bring, per metric, source and window of 15 minutes."""
    sums: dict[tuple[Metric, str, int], Statistics] = {}
    for event in events:
        for metric in metrics:
            if metric.event_type.casefold() != event.event_type.casefold():
                continue
            value = _value(metric.expression, event, item_number)
            source = sources.of(event) if value is not None else None
            if value is None or source is None:
                continue
            window_epoch_s = event.sent_at_epoch_s - event.sent_at_epoch_s % WINDOW_S
            known = sums.setdefault((metric, source, window_epoch_s), Statistics())
            known.merge(Statistics(1, value, value, value))
    return [_total(*key, values) for key, values in sums.items()]


def _value(expression: MetricExpression, event: StreamedEvent, item_number: ItemNumber) -> float | None:
    if expression.column is None:
        return 1.0
    if expression.dataset_type == "ITEMS":
        return item_number(expression.column, event.item_id) if event.item_id is not None else None
    return _event_number(event, expression.column.upper())


def _event_number(event: StreamedEvent, column: str) -> float | None:
    own = {"EVENT_VALUE": event.event_value, "TIMESTAMP": event.sent_at_epoch_s}
    if column in own:
        return own[column]
    found = next((value for name, value in event.properties.items() if name.upper() == column), None)
    return float(found) if isinstance(found, int | float) else None


def _total(metric: Metric, source: str, window_epoch_s: int, values: Statistics) -> Total:
    return Total(
        metric_name=metric.name,
        event_type=metric.event_type,
        function=metric.expression.function,
        source=source,
        window_epoch_s=window_epoch_s,
        count=values.count,
        total=values.total,
        minimum=values.minimum,
        maximum=values.maximum,
    )
