"""Start, stop and look at the local cloud from the command line."""

# ruff: noqa: T201 (a command line prints)

import argparse
import shlex
from pathlib import Path

from personalize_local.cli.options import PLACE, SERVING, add_settings
from personalize_local.cloud.background import Health, find_running, start, stop
from personalize_local.cloud.run_record import DataFolderInUseError
from personalize_local.cloud.settings import DEFAULT_DATA_DIR, DEFAULT_PORT, CloudSettings

EXIT_NOT_RUNNING = 3  # as `systemctl status` has it

HOW_TO_USE = """  data     {health.data_dir}
  log      {settings.log_path}
  use it   export AWS_ENDPOINT_URL={health.url} AWS_DEFAULT_REGION=us-east-1 \\
                  AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test   ({credentials})
  see it   {health.url}/_personalize/
  stop it  {down}"""


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the local cloud listens and keeps its data."""
    add_settings(parser, PLACE)


def add_up_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local up`."""
    add_settings(parser, SERVING)


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local serve`."""
    add_settings(parser, SERVING)
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="answer reads and recommendations from the data folder of a server that runs elsewhere, on a port of its "
        "own; as many as wanted",
    )


def up(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Start in the background unless it runs already; say how to use it."""
    health = find_running(settings)
    if health is not None:
        _print_health(settings, health, "The local cloud runs already")
        return 0
    print(f"Starting the local cloud on port {settings.port} …", flush=True)
    health = start(settings)
    _print_health(settings, health, "The local cloud is ready")
    if health.recovery:
        print(f"\nThe last local cloud of this data folder did not end in order. {health.recovery}")
    return 0


def down(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Stop it and wait until everything is saved; nothing to do is fine."""
    print("The local cloud is stopped." if stop(settings) else "The local cloud was not running.")
    return 0


def status(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Say whether it runs: exit code 0 if so, 3 if not."""
    health = find_running(settings)
    if health is None:
        print(f"The local cloud is not running (port {settings.port}, data folder {settings.data_dir}).")
        return EXIT_NOT_RUNNING
    _print_health(settings, health, f"The local cloud runs (process {health.process_id}, {health.status})")
    return 0


def run_server(settings: CloudSettings, options: argparse.Namespace) -> int:
    """Serve in this process until a signal."""
    # Only here: what the server needs takes a second to import, and the other commands do not need it.
    from personalize_local.cloud import alone, server

    if (health := find_running(settings)) is not None:
        raise DataFolderInUseError(f"The local cloud of {health.data_dir} runs already: {health.url}")
    if options.read_only:
        alone.serve_reader(settings)
    elif settings.alone:
        alone.serve_alone(settings)
    else:
        server.serve(settings)
    return 0


def _print_health(settings: CloudSettings, health: Health, headline: str) -> None:
    credentials = "credentials it knows" if settings.require_signature else "any credentials will do"
    how = HOW_TO_USE.format(health=health, settings=settings, credentials=credentials, down=_down_command(settings))
    print(f"{headline}: {health.url}\n{how}")


def _down_command(settings: CloudSettings) -> str:
    """Give the command that stops a local cloud, with the place of one that is not where it is by default."""
    port = () if settings.port == DEFAULT_PORT else ("--port", str(settings.port))
    folder = () if settings.data_dir == Path(DEFAULT_DATA_DIR).resolve() else ("--data-dir", str(settings.data_dir))
    return shlex.join(("personalize-local", "down", *port, *folder))
