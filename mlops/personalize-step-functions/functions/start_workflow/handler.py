"""Start the workflow when the parameter file arrives in the input bucket."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import boto3
from trigger import Upload, parameter_uploads

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: object) -> dict[str, list[str]]:
    """Start one execution per upload in the event; give their ARNs."""
    client = boto3.client("stepfunctions")
    uploads = parameter_uploads(event, os.environ["PARAMETER_FILE"])
    return {"executions": [start(client, os.environ["STATE_MACHINE_ARN"], upload) for upload in uploads]}


def start(client: Any, state_machine_arn: str, upload: Upload) -> str:
    """Start the execution of an upload, or find that an earlier event has; give its ARN."""
    try:
        reply = client.start_execution(
            stateMachineArn=state_machine_arn,
            name=upload.execution_name,
            input=json.dumps(upload.execution_input()),
        )
        execution_arn = reply["executionArn"]
        logger.info("Started %s", execution_arn)
    except client.exceptions.ExecutionAlreadyExists:
        execution_arn = f"{state_machine_arn.replace(':stateMachine:', ':execution:')}:{upload.execution_name}"
        logger.info("Already started: %s", execution_arn)
    return execution_arn
