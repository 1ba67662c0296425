"""What PutItems and PutUsers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personalize_local.events.properties import column_values, parse_properties
from personalize_local.events.targets import dataset_to_put
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException


def put_records(
    service: Service,
    scope: Scope,
    dataset_arn: str,
    dataset_type: str,
    id_column: str,
    records: Sequence[Mapping[str, Any]],
    id_member: str,
) -> None:
    """Check records against the dataset's schema and store them.

    Errors: InvalidInputException naming the record that is wrong.
    """
    target = dataset_to_put(service, scope, dataset_arn, dataset_type)
    rows = []
    for record in records:
        try:
            columns = column_values(target.schema, parse_properties(record.get("properties")), elsewhere=(id_column,))
        except InvalidInputException as error:
            raise InvalidInputException(f"{record[id_member]}: {error.message}") from error
        rows.append((record[id_member], columns))
    service.workspace.records.put(target.dataset_arn, rows)
