"""The mail about an alarm of the stack; pure.

CloudWatch cannot publish to a topic that is encrypted with AWS's own key: a rule brings the alarms here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notification import Notification, subject


def compose_alarm(detail: Mapping[str, Any], label: str) -> Notification:
    """Compose the mail for EventBridge's "CloudWatch Alarm State Change"."""
    lines = [
        f"The alarm {detail['alarmName']} rings.",
        "",
        f"What it watches: {detail.get('configuration', {}).get('description') or 'see CloudWatch'}",
        f"Reason: {detail['state'].get('reason', 'none given')}",
    ]
    return Notification(subject(label, f"Alarm: {detail['alarmName']}"), "\n".join(lines))
