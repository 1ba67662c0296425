"""What API Gateway invokes. The work is in the `recommendations` package: start reading at `service.py`."""

import os
from functools import cache
from typing import Any

from recommendations.application import Application, build_application
from recommendations.emf import write_metrics
from recommendations.meters import collecting
from recommendations.proxy_events import read_event, write_response
from recommendations.settings import Settings


@cache
def application() -> Application:
    """Build the application once per execution environment, so that warm requests keep connections and settings."""
    return build_application(Settings.from_environment(os.environ))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one API Gateway proxy event."""
    with collecting() as measurements:
        response = application().api.handle(read_event(event))
    write_metrics(measurements)
    return write_response(response)
