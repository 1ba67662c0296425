"""Tell of a run: by mail to people, by an event to programs."""

from __future__ import annotations

import os
from typing import Any

import boto3
from alarm_mail import compose_alarm
from notification import Notification, compose, compose_stopped
from pipeline.events import PipelineEvents
from pipeline.logs import logged

ALARM = "CloudWatch Alarm State Change"


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Publish the mail and the event; give the error and cause with which the execution ends.

    The event comes from the state machine, or from EventBridge: for executions that ended without their own report, and
    for alarms.
    """
    label = os.environ["LABEL"]
    notification = _compose(event, label)
    if notification is None:
        return {"error": "", "cause": ""}
    publish(boto3.client("sns"), os.environ["TOPIC_ARN"], notification)
    if event.get("detail-type") != ALARM:
        announce(PipelineEvents(boto3.client("events"), _execution_arn(event)), event, notification)
    return {"error": notification.error, "cause": notification.cause}


def publish(client: Any, topic_arn: str, notification: Notification) -> None:
    """Publish the mail to the topic."""
    client.publish(TopicArn=topic_arn, Subject=notification.subject, Message=notification.message)


def announce(events: PipelineEvents, event: dict[str, Any], notification: Notification) -> None:
    """Send the event about the run's state."""
    status = event["outcome"] if "outcome" in event else event["detail"]["status"]
    cause = notification.cause or notification.error
    events.run_changed(event.get("workflow", "deploy"), event.get("dataset_group") or "", status, cause)


def _compose(event: dict[str, Any], label: str) -> Notification | None:
    if event.get("detail-type") == ALARM:
        return compose_alarm(event["detail"], label)
    return compose_stopped(event["detail"], label) if "detail-type" in event else compose(event, label)


def _execution_arn(event: dict[str, Any]) -> str:
    return event["detail"]["executionArn"] if "detail" in event else event["execution"]["Id"]
