"""POST /events: a page's own events, to the trackers of all active backends and, if there is one, to a stream."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.dead_letters import DeadLetters, failed_call
from recommendations.delivery import Deliverer, Undelivered
from recommendations.directory import BackendDirectory
from recommendations.errors import EventsFailedError
from recommendations.event_calls import ReaderEvent, put_events
from recommendations.exposures import Exposures
from recommendations.logs import error_code, log_event
from recommendations.meters import measure
from recommendations.requests import Event, EventsRequest
from recommendations.split import order_for_visitor


class FanOut:
    """A Kinesis stream that gets every event too; none without a name."""

    def __init__(self, kinesis: Any, stream: str) -> None:
        self._kinesis = kinesis
        self._stream = stream

    def put(self, events: Sequence[ReaderEvent]) -> int:
        """Put the events; return how many the stream did not take.

        Errors: ClientError or BotoCoreError.
        """
        if not self._stream:
            return 0
        records = [
            {
                "Data": json.dumps({"userId": e.user_id, "sessionId": e.session_id, **e.event}).encode(),
                "PartitionKey": e.user_id,
            }
            for e in events
        ]
        return self._kinesis.put_records(StreamName=self._stream, Records=records)["FailedRecordCount"]


class EventIntake:
    """Takes events, and answers when they are delivered, or safe in the dead-letter queue."""

    def __init__(
        self,
        *,
        directory: BackendDirectory,
        exposures: Exposures,
        deliverer: Deliverer,
        dead_letters: DeadLetters,
        fan_out: FanOut,
        now_epoch_s: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._exposures = exposures
        self._deliverer = deliverer
        self._dead_letters = dead_letters
        self._fan_out = fan_out
        self._now_epoch_s = now_epoch_s

    def take(self, request: EventsRequest) -> int:
        """Deliver a reader's events; return how many.

        Errors: EventsFailedError when they are neither delivered nor kept.
        """
        backends = self._directory.everywhere()
        if not any(backend.tracker_id for backend in backends):
            raise EventsFailedError("No active backend has an event tracker: run the pipeline.")
        events = [reader_event(request, event, self._now_epoch_s()) for event in request.events]
        arms = self._arms(events, request.visitor_id)
        failed = self._deliverer.deliver(list(put_events(events, backends, arms)))
        self._keep(failed)
        self._pass_on(events)
        for recommendation_id, arm in arms.items():
            self._count(recommendation_id, arm)
        measure("SuccessEvents", len(events))
        return len(events)

    def _arms(self, events: Sequence[ReaderEvent], visitor_id: str) -> dict[str, str]:
        """Say which arm made which list; the visitor's own arm where that is not known."""
        own = next((backend.name for backend in order_for_visitor(self._directory.serving(), visitor_id)), "")
        return {rid: self._arm(rid) or own for rid in {event.recommendation_id for event in events} if rid}

    def _arm(self, recommendation_id: str) -> str:
        try:
            return self._exposures.arm_of(recommendation_id)
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "exposure_not_read", error=error_code(error))
            return ""

    def _count(self, recommendation_id: str, arm: str) -> None:
        try:
            if self._exposures.followed(recommendation_id):
                measure("Conversions", 1, arm)
        except (BotoCoreError, ClientError) as error:
            log_event("warning", "conversion_not_counted", error=error_code(error))

    def _keep(self, failed: Sequence[Undelivered]) -> None:
        if not failed:
            return
        log_event("warning", "events_failed", calls=len(failed), reasons=sorted({entry.reason for entry in failed}))
        messages = [failed_call(f.delivery.operation, f.delivery.arguments, f.reason) for f in failed]
        measure("FailEvents", len(failed))
        try:
            if self._dead_letters.exists and not self._dead_letters.put(messages):
                return
        except (BotoCoreError, ClientError) as error:
            log_event("error", "dead_letters_failed", error=error_code(error))
        raise EventsFailedError("The events were not taken: send them again, with the same event_id, in a moment.")

    def _pass_on(self, events: Sequence[ReaderEvent]) -> None:
        try:
            if lost := self._fan_out.put(events):
                log_event("error", "fan_out_failed", events=lost)
        except (BotoCoreError, ClientError) as error:
            log_event("error", "fan_out_failed", events=len(events), error=error_code(error))


def reader_event(request: EventsRequest, event: Event, now_epoch_s: float) -> ReaderEvent:
    """Put an event into the shape of PutEvents."""
    sent_at = event.sent_at_epoch_s if event.sent_at_epoch_s is not None else now_epoch_s
    body = {
        "eventType": event.event_type,
        "itemId": event.content_id,
        "eventId": event.event_id or fingerprint(request, event, sent_at),
        "sentAt": int(sent_at),
        **({"properties": text} if (text := properties_of(event)) else {}),
    }
    return ReaderEvent(request.visitor_id, request.session_id, body, event.page_rid)


def properties_of(event: Event) -> str:
    """Return the properties as PutEvents takes them; nulls are left out."""
    kept = {name: value for name, value in event.properties.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


def fingerprint(request: EventsRequest, event: Event, sent_at: float) -> str:
    """Make an id of an event that has none: the same event has the same one."""
    parts = (request.visitor_id, request.session_id, event.event_type, event.content_id, int(sent_at))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
