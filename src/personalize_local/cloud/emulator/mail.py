"""E-mail subscriptions of SNS, which MiniStack only logs: deliver them into the outbox.

Approximated: on AWS a subscription waits until its link in a mail is confirmed; here it delivers at once.
Source: documented (SNS e-mail notifications: sender, default subject); the footer's wording is observed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import formataddr
from typing import Any

from personalize_local.cloud.emulator.names import private, replace_private
from personalize_local.cloud.outbox import Outbox

NAME = "ministack.services.sns:_fanout"
SENDER = "no-reply@sns.amazonaws.com"
DEFAULT_SENDER_NAME = "AWS Notifications"
DEFAULT_SUBJECT = "AWS Notification Message"
FOOTER = """

--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
{unsubscribe_url}

Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact \
us at https://aws.amazon.com/support
"""


def install_mail(outbox: Outbox, gateway_url: str) -> None:
    """Deliver to e-mail subscribers whenever anything publishes to a topic, from inside the emulator or over HTTP."""
    original = private(NAME)

    def fanout(
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        message_structure: str = "",
        message_attributes: Mapping[str, Any] | None = None,
        message_group_id: str = "",
        message_dedup_id: str = "",
    ) -> None:
        attributes = dict(message_attributes or {})
        original(topic_arn, msg_id, message, subject, message_structure, attributes, message_group_id, message_dedup_id)
        for subscription, text in mail_deliveries(topic_arn, message, message_structure, attributes):
            deliver(outbox, gateway_url, subscription, text, subject=subject, message_id=msg_id)

    replace_private(NAME, fanout)


def mail_deliveries(
    topic_arn: str, message: str, message_structure: str, attributes: dict[str, Any]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give each e-mail subscription that wants the message, with the text meant for it."""
    topic = private("ministack.services.sns:_topic_by_arn_any_scope")(topic_arn) or {"subscriptions": []}
    for subscription in list(topic["subscriptions"]):
        if subscription["protocol"] not in ("email", "email-json") or not subscription["confirmed"]:
            continue
        resolve = private("ministack.services.sns:_resolve_message_for_protocol")
        text = resolve(message, message_structure, subscription["protocol"])
        if private("ministack.services.sns:_matches_filter_policy")(subscription, attributes, text):
            yield subscription, text


def deliver(
    outbox: Outbox, gateway_url: str, subscription: Mapping[str, Any], text: str, *, subject: str, message_id: str
) -> None:
    """Write one notification as the mail that SNS would send."""
    topic_arn = subscription["topic_arn"]
    unsubscribe_url = f"{gateway_url}/?Action=Unsubscribe&SubscriptionArn={subscription['arn']}"
    now = datetime.now(UTC)
    if subscription["protocol"] == "email-json":
        body = _json_body(topic_arn, text, subject, message_id, unsubscribe_url, now)
    else:
        body = text + FOOTER.format(unsubscribe_url=unsubscribe_url)
    outbox.send(
        sender=formataddr((_sender_name(topic_arn), SENDER)),
        recipient=subscription["endpoint"],
        subject=subject or DEFAULT_SUBJECT,
        body=body,
        at=now,
    )


def _sender_name(topic_arn: str) -> str:
    topic = private("ministack.services.sns:_topic_by_arn_any_scope")(topic_arn)
    display_name = topic["attributes"].get("DisplayName")
    # MiniStack's CloudFormation puts the topic's own name there when the template gives none; AWS leaves it empty.
    return DEFAULT_SENDER_NAME if display_name in (None, "", topic_arn.rpartition(":")[2]) else display_name


def _json_body(topic_arn: str, text: str, subject: str, message_id: str, unsubscribe_url: str, now: datetime) -> str:
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic_arn,
        "Subject": subject or None,
        "Message": text,
        "Timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "UnsubscribeURL": unsubscribe_url,
    }
    return json.dumps({name: value for name, value in notification.items() if value is not None}, indent=2) + "\n"
