"""PutActionInteractions: what users do with the actions they are shown, as it happens.

An action interaction is kept as an event whose item is the action.

Source: contract §6.5, §2.2. The whole call is refused when one is wrong (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.events.properties import column_value, column_values, parse_properties
from personalize_local.events.targets import action_interactions_of
from personalize_local.jobs.service import Service
from personalize_local.store.events import StreamedEvent
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.outcomes import OUTCOMES, outcome_of
from personalize_spec.schemas import DatasetSchema

# Columns whose values come with the interaction itself.
OWN_COLUMNS = ("USER_ID", "ACTION_ID", "TIMESTAMP", "EVENT_TYPE", "RECOMMENDATION_ID", "IMPRESSION")


def put_action_interactions(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Store action interactions durably; recommended actions reflect them from the next request on."""
    target = action_interactions_of(service, scope, request["tracking_id"])
    events = [read_interaction(target.schema, interaction) for interaction in request["action_interactions"]]
    service.workspace.events.append(target.dataset_arn, events)


def read_interaction(schema: DatasetSchema, interaction: Mapping[str, Any]) -> StreamedEvent:
    """Check one action interaction against the schema.

    Errors: InvalidInputException.
    """
    outcome = outcome_of(interaction["event_type"])
    if outcome is None:
        raise InvalidInputException(f"'{interaction['event_type']}' is not an eventType: use {', '.join(OUTCOMES)}.")
    columns = column_values(schema, parse_properties(interaction.get("properties")), elsewhere=OWN_COLUMNS)
    impression = tuple(interaction.get("impression", ()))
    recommendation_id = interaction.get("recommendation_id")
    for name, value in (("IMPRESSION", "|".join(impression) or None), ("RECOMMENDATION_ID", recommendation_id)):
        if (field := schema.field(name)) is not None:
            column_value(field, value)
    return StreamedEvent(
        session_id=interaction["session_id"],
        event_type=outcome,
        sent_at_epoch_s=int(interaction["timestamp"].timestamp()),
        user_id=interaction.get("user_id"),
        item_id=interaction["action_id"],
        event_id=interaction.get("event_id"),
        recommendation_id=recommendation_id,
        impression=impression,
        properties={name: value for name, value in columns.items() if value is not None},
    )
