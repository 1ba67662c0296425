"""The deployed stacks of the API: their parameters, outputs and resources, remembered for a minute."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.console.account import Account

CONTENT_PARAMETER = "ContentDynamoDbTableName"  # only the API's template has it
KEPT_S = 60.0


@dataclass(frozen=True)
class ApiStack:
    """One stack."""

    name: str
    parameters: dict[str, str]
    outputs: dict[str, str]
    resources: dict[str, str]

    @property
    def settings_table(self) -> str:
        prefix, environment = self.parameters.get("ResourcesPrefix", ""), self.parameters.get("Environment", "")
        return self.outputs.get("SettingsTable") or f"{prefix}-{environment}-api-settings"


class ApiStacks:
    """Finds the stacks; none where the account has no such right."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._read_at, self._found = float("-inf"), ()
        self._lock = threading.Lock()

    def find(self) -> tuple[ApiStack, ...]:
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_S:
                self._found, self._read_at = tuple(self._read()), time.monotonic()
            return self._found

    def _read(self) -> list[ApiStack]:
        try:
            stacks = self._account.list("cloudformation", "describe_stacks", "Stacks")
            return [self._stack(stack) for stack in stacks if CONTENT_PARAMETER in _given(stack)]
        except (ClientError, BotoCoreError):
            return []

    def _stack(self, stack: dict[str, Any]) -> ApiStack:
        found = self._account.client("cloudformation").describe_stack_resources(StackName=stack["StackName"])
        resources = {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found["StackResources"]}
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
        return ApiStack(stack["StackName"], _given(stack), outputs, resources)


def _given(stack: dict[str, Any]) -> dict[str, str]:
    return {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", ())}
