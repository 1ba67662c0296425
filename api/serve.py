"""`python api/serve.py`: the recommendations API as a server of your own, without API Gateway and Lambda.

The settings are the environment variables that the functions have (`--settings` lists them); the AWS clients follow
AWS_ENDPOINT_URL. API_KEYS, a comma list, are the keys that let in; without it everybody comes in.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "functions"))

from recommendations.application import build_application
from recommendations.asgi import Server
from recommendations.fields import split_list
from recommendations.settings import VARIABLES, Settings


def make_server() -> Server:
    """Build the application that uvicorn runs."""
    settings = Settings.from_environment({"CONNECTIONS": "64", **os.environ})
    keys = split_list(os.environ.get("API_KEYS", ""))
    return Server(
        build_application(settings, lives_on=True),
        api_keys=keys,
        most_at_once=int(os.environ.get("MOST_AT_ONCE", "64")),
    )


def main() -> None:
    """Parse the command line and serve."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--settings", action="store_true", help="list the settings, and end")
    arguments = parser.parse_args()
    if arguments.settings:
        for variable in VARIABLES:
            print(f"{variable.name} ({variable.default or 'empty'}): {variable.meaning}")  # noqa: T201
        return
    Settings.from_environment(os.environ)  # a wrong setting ends it here, with one line
    uvicorn.run(
        "serve:make_server",
        factory=True,
        app_dir=str(Path(__file__).parent),
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
