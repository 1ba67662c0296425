"""What a gradual deployment asks before any reader meets a new version: does it answer at all?"""

import json
import os
from typing import Any

import boto3

HEALTH = {"httpMethod": "GET", "resource": "/health", "path": "/health", "headers": {}, "requestContext": {}}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Invoke the new version's /health and tell CodeDeploy; anything but 200 stops the deployment."""
    healthy = is_healthy(os.environ["NEW_VERSION"])
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if healthy else "Failed",
    )
    return {"healthy": healthy}


def is_healthy(version_arn: str) -> bool:
    """Tell whether a version answers."""
    answer = boto3.client("lambda").invoke(FunctionName=version_arn, Payload=json.dumps(HEALTH).encode())
    return "FunctionError" not in answer and json.loads(answer["Payload"].read()).get("statusCode") == 200
