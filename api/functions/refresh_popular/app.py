"""What a schedule invokes: keep fresh the list that is there when all else fails."""

import os
from functools import cache
from typing import Any

from recommendations.application import Application, build_application
from recommendations.settings import Settings

DEADLINE_S = 15.0


@cache
def application() -> Application:
    """Build the application once per execution environment."""
    return build_application(Settings.from_environment(os.environ))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Refresh the list; an error leaves the old one and shows as a failed invocation."""
    service = application().service
    return {"articles": service.refresh_popular(service.deadline(DEADLINE_S))}
