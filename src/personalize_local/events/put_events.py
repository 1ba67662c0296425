"""PutEvents: what users do, as it happens.

Source: contract §6.4. The whole call is refused when one event is wrong (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.events.properties import column_value, column_values, parse_properties
from personalize_local.events.targets import interactions_of_tracker
from personalize_local.jobs.service import Service
from personalize_local.store.events import StreamedEvent
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import ID_MAX_LENGTH
from personalize_spec.schemas import DatasetSchema, fold_column

FORBIDDEN_PROPERTIES: Mapping[str, str] = {
    fold_column(name): name
    for name in ("userId", "sessionId", "eventType", "timestamp", "recommendationId", "impression")
}
# Columns whose values come with the event itself. Old clients put the last two into the properties.
EVENT_COLUMNS = ("USER_ID", "TIMESTAMP", "EVENT_TYPE", "RECOMMENDATION_ID", "IMPRESSION", "ITEM_ID", "EVENT_VALUE")
ATTRIBUTION_COLUMN = "EVENT_ATTRIBUTION_SOURCE"


def put_events(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Store events durably; recommendations reflect them from the next request on."""
    target = interactions_of_tracker(service, scope, request["tracking_id"])
    events = [
        read_event(target.schema, request["session_id"], request.get("user_id"), event)
        for event in request["event_list"]
    ]
    service.workspace.events.append(target.dataset_arn, events)


def read_event(schema: DatasetSchema, session_id: str, user_id: str | None, event: Mapping[str, Any]) -> StreamedEvent:
    """Check one event against the schema.

    Errors: InvalidInputException.
    """
    properties = parse_properties(event.get("properties"))
    _refuse_forbidden(properties)
    item_id = event.get("item_id") or _item_id_in(properties)
    columns = column_values(schema, properties | _attribution(event), elsewhere=EVENT_COLUMNS)
    impression = tuple(event.get("impression", ()))
    recommendation_id = event.get("recommendation_id")
    _require(schema, "IMPRESSION", "|".join(impression) or None)
    _require(schema, "RECOMMENDATION_ID", recommendation_id)
    return StreamedEvent(
        session_id=session_id,
        event_type=event["event_type"],
        sent_at_epoch_s=int(event["sent_at"].timestamp()),
        user_id=user_id,
        item_id=item_id,
        event_value=_event_value(schema, event, properties),
        event_id=event.get("event_id"),
        recommendation_id=recommendation_id,
        impression=impression,
        properties={name: value for name, value in columns.items() if value is not None} | _attribution(event),
    )


def _refuse_forbidden(properties: Mapping[str, Any]) -> None:
    for name in properties:
        if member := FORBIDDEN_PROPERTIES.get(fold_column(name)):
            raise InvalidInputException(
                f"'{name}' may not be one of the properties: its value belongs in the request's {_place(member)}."
            )


def _place(member: str) -> str:
    return "sentAt" if member == "timestamp" else member


def _item_id_in(properties: Mapping[str, Any]) -> str | None:
    item_id = _property(properties, "ITEM_ID")
    if item_id is None:
        return None
    if not isinstance(item_id, str) or not 1 <= len(item_id) <= ID_MAX_LENGTH:
        raise InvalidInputException(f"itemId must be a string of 1 to {ID_MAX_LENGTH} characters.")
    return item_id


def _event_value(schema: DatasetSchema, event: Mapping[str, Any], properties: Mapping[str, Any]) -> float | None:
    """Give the event's value; a schema without the column drops it."""
    value = event.get("event_value")
    return _require(schema, "EVENT_VALUE", _property(properties, "EVENT_VALUE") if value is None else value)


def _require(schema: DatasetSchema, column: str, value: Any) -> Any:
    """Check the value of a column that comes with the event itself, if the schema has the column."""
    field = schema.field(column)
    return column_value(field, value) if field is not None else None


def _attribution(event: Mapping[str, Any]) -> dict[str, Any]:
    """Give the event's source as a column: metric attributions need it, whatever the schema has (inferred)."""
    attribution = event.get("metric_attribution")
    return {ATTRIBUTION_COLUMN: attribution["event_attribution_source"]} if attribution else {}


def _property(properties: Mapping[str, Any], column: str) -> Any:
    folded = fold_column(column)
    return next((value for name, value in properties.items() if fold_column(name) == folded), None)
