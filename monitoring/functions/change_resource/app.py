"""What carries out the monitor's decisions, and what people invoke to set a minimum themselves."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from personalize_monitor.change import Changer, RefusedError, read_change
from personalize_monitor.clients import Clients
from personalize_monitor.memory import MemoryTable
from personalize_monitor.settings import read_settings

CLIENTS = Clients()
LOGGER = Logger(service="personalize-monitor")


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do it, or say why not: what would be wrong now is no failure, so nothing tries it again."""
    settings = read_settings(os.environ)
    memory = MemoryTable(CLIENTS.get("dynamodb", settings.home_region), os.environ["MEMORY_TABLE"])
    try:
        notice = Changer(CLIENTS, settings, memory, datetime.now(UTC)).carry_out(read_change(event))
    except RefusedError as error:
        LOGGER.warning(str(error))
        return {"done": False, "message": str(error)}
    LOGGER.info(notice.detail_type, extra=notice.detail)
    return {"done": True, **notice.detail}
