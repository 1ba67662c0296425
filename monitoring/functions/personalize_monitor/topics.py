"""The topic of each region: an alarm can only notify one of its own region (documented)."""

from __future__ import annotations

import json

from personalize_monitor.clients import Clients, pages
from personalize_monitor.names import topic_name
from personalize_monitor.notices import Notice
from personalize_monitor.settings import Settings


class Topics:
    """The home region's topic is the stack's; the other regions' are made when they are first watched."""

    def __init__(self, clients: Clients, settings: Settings) -> None:
        self._clients, self._settings = clients, settings

    def ensure(self, region: str) -> str:
        """Give the ARN of a region's topic, with the address subscribed once. Errors: those of boto3."""
        if region == self._settings.home_region:
            return self._settings.topic_arn
        client = self._clients.get("sns", region)
        arn = client.create_topic(Name=topic_name(self._settings.prefix))["TopicArn"]
        if not self._settings.endpoint:
            return arn
        found = pages(client, "list_subscriptions_by_topic", "Subscriptions", "NextToken", TopicArn=arn)
        if not any(subscription["Endpoint"] == self._settings.endpoint for subscription in found):
            client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_policy(arn))
            client.subscribe(TopicArn=arn, Protocol="email", Endpoint=self._settings.endpoint)
        return arn

    def remove(self, region: str) -> None:
        """Remove a region's topic with its subscriptions; the home region's goes with the stack."""
        if region != self._settings.home_region:
            home = self._settings.topic_arn.split(":")
            arn = ":".join([*home[:3], region, home[4], topic_name(self._settings.prefix)])
            self._clients.get("sns", region).delete_topic(TopicArn=arn)

    def send(self, notice: Notice) -> None:
        """Mail a notice, whatever region it is of, by the home region's topic. Errors: those of boto3."""
        client = self._clients.get("sns", self._settings.home_region)
        client.publish(TopicArn=self._settings.topic_arn, Subject=notice.subject, Message=notice.text)


def _policy(arn: str) -> str:
    """Alarms of the topic's own account may notify it."""
    account_id = arn.split(":")[4]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
