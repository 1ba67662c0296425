"""The pipeline's events on EventBridge's default bus: for each resource that changes, and for each run's ends.

They are a service to others: one that cannot be sent is logged, and stops nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.logs import logger

SOURCE = "personalize.pipeline"
RESOURCE_CHANGE = "Personalize Resource State Change"
PIPELINE_CHANGE = "Personalize Pipeline State Change"
FAILED = "FAILED"
_TEXT_MAX_LENGTH = 10_000  # an entry may have 256 KB


class PipelineEvents:
    """Sends events; `execution` is the ARN of the execution they are about."""

    def __init__(self, client: Any, execution: str) -> None:
        self._client = client
        self._execution = execution

    def resource_changed(self, condition: Mapping[str, Any], previous_status: str) -> None:
        """Tell that a resource has another status than before; "" for one that was just made or found."""
        self._send(RESOURCE_CHANGE, self._about(condition, condition["status"], previous_status))

    def resource_failed(self, resource: Mapping[str, Any], reason: str) -> None:
        """Tell that a resource cannot become usable; `resource` is its definition or last condition."""
        about = self._about(resource, FAILED, resource.get("status", ""))
        self._send(RESOURCE_CHANGE, {**about, "failure_reason": reason[:_TEXT_MAX_LENGTH]})

    def run_changed(self, workflow: str, dataset_group: str, status: str, cause: str = "") -> None:
        """Tell that a run has started or ended."""
        about = {"workflow": workflow, "dataset_group": dataset_group, "status": status}
        self._send(PIPELINE_CHANGE, {**about, "execution": self._execution, "cause": cause[:_TEXT_MAX_LENGTH]})

    def _about(self, resource: Mapping[str, Any], status: str, previous_status: str) -> dict[str, str]:
        return {
            "kind": resource["kind"],
            "name": resource.get("name", ""),
            "arn": resource.get("arn") or "",
            "status": status,
            "previous_status": previous_status,
            "failure_reason": "",
            "execution": self._execution,
        }

    def _send(self, detail_type: str, detail: Mapping[str, str]) -> None:
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        try:
            reply = self._client.put_events(Entries=[entry])
        except (BotoCoreError, ClientError) as error:
            logger.warning("event not sent", extra={"execution": self._execution, "cause": str(error)})
            return
        if reply.get("FailedEntryCount"):
            cause = reply["Entries"][0].get("ErrorMessage", "")
            logger.warning("event not sent", extra={"execution": self._execution, "cause": cause})
