"""Send the mail about an execution's end."""

from __future__ import annotations

import os
from typing import Any

import boto3
from notification import Notification, compose, compose_stopped


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Publish the mail; give the error and cause with which the execution ends.

    The event comes from the state machine, or from EventBridge for executions that ended without their own report.
    """
    label = os.environ["LABEL"]
    notification = compose_stopped(event["detail"], label) if "detail-type" in event else compose(event, label)
    if notification is None:
        return {"error": "", "cause": ""}
    publish(boto3.client("sns"), os.environ["TOPIC_ARN"], notification)
    return {"error": notification.error, "cause": notification.cause}


def publish(client: Any, topic_arn: str, notification: Notification) -> None:
    """Publish the mail to the topic."""
    client.publish(TopicArn=topic_arn, Subject=notification.subject, Message=notification.message)
