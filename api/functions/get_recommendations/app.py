"""POST /recommendations: what API Gateway invokes. The work is in the `recommendations` package beside this file."""

import os
from functools import cache
from typing import Any

from recommendations.application import Application, build_application
from recommendations.settings import Settings


@cache
def application() -> Application:
    """Build the application once per execution environment, so that warm requests keep connections and settings."""
    return build_application(Settings.from_environment(os.environ))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one API Gateway proxy event."""
    return application().respond(event, context.invoked_function_arn)
