"""The command line: `personalize-local up | down | status | serve | mail | check | probe | …`: see docs/cli.md."""

# ruff: noqa: T201 (a command line prints)

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from personalize_local.cli.check import add_check_arguments, run_check
from personalize_local.cli.console import add_console_arguments, serve_console
from personalize_local.cli.evaluate import add_evaluate_arguments, run_evaluate
from personalize_local.cli.lifecycle import (
    add_place_arguments,
    add_serve_arguments,
    add_up_arguments,
    down,
    run_server,
    status,
    up,
)
from personalize_local.cli.mail import add_mail_arguments, show_mail
from personalize_local.cli.options import apply_options
from personalize_local.cli.probe import add_probe_arguments, run_probe
from personalize_local.cloud.background import StartError, StopError
from personalize_local.cloud.listeners import PortTakenError
from personalize_local.cloud.run_record import DataFolderInUseError
from personalize_local.cloud.settings import CloudSettings, SettingsError
from personalize_local.store.changes import NothingToReadError
from personalize_local.wire.keyring import KeyringError

# Situations that a person can change: one line, no trace.
FOLDER_ERRORS = (PermissionError, FileExistsError, NotADirectoryError)
EXPECTED_ERRORS = (
    *(SettingsError, PortTakenError, DataFolderInUseError, StartError, StopError),
    *(KeyringError, NothingToReadError),
    *FOLDER_ERRORS,
)
EXIT_ERROR = 1
EXIT_UNREAD = 141  # as shells count the end by SIGPIPE

Command = Callable[[CloudSettings, argparse.Namespace], int]


@dataclass(frozen=True)
class Verb:
    """One command: what it does, and how its own arguments are declared."""

    run: Command
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None


VERBS: dict[str, Verb] = {
    "up": Verb(up, "start the local cloud in the background; ready when the command returns", add_up_arguments),
    "down": Verb(down, "stop the local cloud; everything it did is saved", add_place_arguments),
    "status": Verb(status, "say whether the local cloud runs, and where", add_place_arguments),
    "serve": Verb(run_server, "run the local cloud in the foreground, until Ctrl-C", add_serve_arguments),
    "mail": Verb(show_mail, "list the mails that the local cloud sent, or show one", add_mail_arguments),
    "check": Verb(run_check, "check a parameter file and its data, as the pipeline does first", add_check_arguments),
    "console": Verb(serve_console, "look at an AWS account's Personalize on web pages", add_console_arguments),
    "probe": Verb(run_probe, "compare an endpoint, this one or AWS's, with Amazon Personalize", add_probe_arguments),
    "evaluate": Verb(run_evaluate, "measure a recipe beside baselines on any interactions", add_evaluate_arguments),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = create_parser().parse_args(arguments)
    try:
        settings = apply_options(CloudSettings.from_environment(os.environ), options)
        code = VERBS[options.verb].run(settings, options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _end_unread()
    except EXPECTED_ERRORS as error:
        print(f"personalize-local: {error}", file=sys.stderr)
        return EXIT_ERROR


def _end_unread() -> int:
    """End as other commands do when the reader of their output, such as `head`, has gone; give the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer goes nowhere
    return EXIT_UNREAD


def create_parser() -> argparse.ArgumentParser:
    """Give the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="personalize-local",
        description="Amazon Personalize and the AWS services around it, on your own machine.",
        epilog="PERSONALIZE_LOCAL_PORT (4566) and PERSONALIZE_LOCAL_DATA_DIR (.personalize-local) say where it listens "
        "and keeps its data. Everything else: docs/cli.md.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for name, verb in VERBS.items():
        own_parser = verbs.add_parser(name, help=verb.help, description=verb.help)
        if verb.add_arguments is not None:
            verb.add_arguments(own_parser)
    return parser
