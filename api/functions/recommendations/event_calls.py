"""From readers' events to calls of PutEvents: ten events of one reader and visit per call, to every active tracker.

A recommendationId goes only to the tracker of the backend that made the list: to the others it means nothing. The arms
of a release have one tracker, that of their dataset group.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations.backends import Backend
from recommendations.delivery import Delivery

EVENTS_PER_CALL = 10  # PutEvents' eventList; documented


@dataclass(frozen=True)
class ReaderEvent:
    """One event of one reader, in the shape of PutEvents, and the list that led to it."""

    user_id: str
    session_id: str
    event: Mapping[str, Any]
    recommendation_id: str = ""
    source: str = ""


def put_events(
    events: Sequence[ReaderEvent], backends: Iterable[Backend], arms: Mapping[str, str]
) -> Iterator[Delivery]:
    """Yield the calls; `arms` says which backend made which list."""
    trackers: dict[str, set[str]] = defaultdict(set)
    for backend in backends:
        if backend.tracker_id:
            trackers[backend.tracker_id].add(backend.name)
    visits: dict[tuple[str, str], list[ReaderEvent]] = defaultdict(list)
    for event in events:
        visits[event.user_id, event.session_id].append(event)
    for tracker_id, own_arms in trackers.items():
        for (user_id, session_id), visit in visits.items():
            shared = (("trackingId", tracker_id), ("userId", user_id), ("sessionId", session_id))
            for start in range(0, len(visit), EVENTS_PER_CALL):
                batch = visit[start : start + EVENTS_PER_CALL]
                entries = tuple(with_recommendation_id(event, own_arms, arms) for event in batch)
                yield Delivery("PutEvents", shared, entries, tuple(event.source for event in batch))


def with_recommendation_id(event: ReaderEvent, own_arms: set[str], arms: Mapping[str, str]) -> dict[str, Any]:
    """Return an event for the tracker of some arms."""
    own = event.recommendation_id and arms.get(event.recommendation_id) in own_arms
    return {**event.event, **({"recommendationId": event.recommendation_id} if own else {})}
