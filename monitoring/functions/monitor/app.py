"""What the schedule invokes, and who wants a run now; members of the event win over the parameters of the template."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from personalize_monitor.clients import Clients
from personalize_monitor.memory import MemoryTable
from personalize_monitor.run import Run
from personalize_monitor.settings import read_settings

CLIENTS = Clients()
LOGGER = Logger(service="personalize-monitor")


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; `{"JudgeAll": true}` judges every campaign and recommender at once."""
    settings = read_settings(os.environ, event)
    memory = MemoryTable(CLIENTS.get("dynamodb", settings.home_region), os.environ["MEMORY_TABLE"])
    report = (
        Run(CLIENTS, settings, memory, datetime.now(UTC)).execute(judge_all=event.get("JudgeAll") is True).as_json()
    )
    LOGGER.info("run", extra=report)
    for lack in report["lacks"]:
        LOGGER.warning(lack)
    return report
