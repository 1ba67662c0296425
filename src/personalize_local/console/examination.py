"""What the page of data says of a group: its profile, its schemas, and what the check before an import finds."""

from __future__ import annotations

import json
import time
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.background import Background, StillReadingError
from personalize_local.console.bulk import GroupData
from personalize_local.console.imports import sources_of
from personalize_local.console.profile import profile_of
from personalize_spec.preflight import BUDGET_BYTES, DataReport, check_data

KEPT, WAIT_S = 4, 4.0


class Examination:
    """Makes profiles and checks aside, once for each set of imports."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._profiles: Background[dict[str, Any]] = Background(KEPT, WAIT_S)
        self._checks: Background[DataReport] = Background(KEPT, 0.0)

    def profile(self, data: GroupData) -> dict[str, Any]:
        """Give a group's profile. Errors: StillReadingError."""

        def make(tell: Any) -> dict[str, Any]:
            tell("The rows are read; now they are counted.")
            return profile_of(data)

        return self._profiles.get(data.key, make)

    def report(self, data: GroupData, schemas: dict[str, Any]) -> DataReport | None:
        """Give what the preflight finds; None while it looks."""
        try:
            return self._checks.get(data.key, lambda tell: self._check(data, schemas))
        except StillReadingError:
            return None

    def schemas(self, data: GroupData) -> dict[str, dict[str, Any]]:
        """Give each dataset's name, schema's name, and schema."""
        personalize = self._account.client("personalize")

        def read(kind: str) -> dict[str, Any]:
            dataset = personalize.describe_dataset(datasetArn=data.imported[kind].dataset_arn)["dataset"]
            schema = personalize.describe_schema(schemaArn=dataset["schemaArn"])["schema"]
            return {"name": dataset["name"], "schema_name": schema["name"], "schema": json.loads(schema["schema"])}

        kinds = list(data.imported)
        return dict(zip(kinds, self._account.side_by_side(read, kinds), strict=True))

    def close(self) -> None:
        self._profiles.close()
        self._checks.close()

    def _check(self, data: GroupData, schemas: dict[str, Any]) -> DataReport:
        files = {
            kind: [source.file for source in sources_of(self._account, one)] for kind, one in data.imported.items()
        }
        declared = {kind: {"schema": one["schema"]} for kind, one in schemas.items()}
        return check_data({"datasets": declared}, files, time.time(), BUDGET_BYTES)
