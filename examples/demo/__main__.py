"""`python -m examples.demo`: from nothing to recommendations."""

from __future__ import annotations

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from examples.demo.errors import CommandFailedError, DemoError
from examples.demo.screen import Screen
from examples.demo.settings import DemoSettings
from examples.demo.walk import take_the_walk

DEFAULT_EVENTS = 200_000


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    screen = Screen()
    try:
        settings = DemoSettings.from_environment(os.environ)
    except ValueError as error:
        screen.fail(str(error))
        return 1
    try:
        take_the_walk(settings, screen, options.data, options.events, options.reader)
    except KeyboardInterrupt:
        screen.fail("Stopped. The local cloud keeps running: `make down` stops it, `make demo` starts over.")
        return 130
    except (DemoError, ClientError, BotoCoreError, OSError) as error:
        return _fail(screen, settings, error)
    return 0


def _fail(screen: Screen, settings: DemoSettings, error: Exception) -> int:
    if isinstance(error, CommandFailedError) and error.log is None:
        screen.output(error.output)
    screen.fail(str(error))
    log = error.log if isinstance(error, DemoError) else None
    if log is not None:
        screen.say(f"More stands in {log}")
    screen.say(f"Logs: {settings.log_dir} (the commands), {settings.data_dir} (the local cloud)")
    return 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--data", choices=("newsroom", "movielens"), default="newsroom", help="(%(default)s)")
    events = int(os.environ.get("DEMO_EVENTS", DEFAULT_EVENTS))  # where the console starts it, nobody types options
    parser.add_argument("--events", type=int, default=events, help="page views to generate (%(default)s)")
    parser.add_argument("--reader", help="id of the reader who asks; without it one is chosen")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
