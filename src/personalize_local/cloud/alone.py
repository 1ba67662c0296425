"""Personalize without the emulator: one writer of a data folder, or one of many readers beside it.

Every request is Personalize's, signed or not, but for the pages under `/_personalize/`: whoever stands in front of it
(a gateway, a mesh) decides who may come.
"""

import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from personalize_local.cloud.access import create_guards
from personalize_local.cloud.background import find_writer
from personalize_local.cloud.listeners import listen
from personalize_local.cloud.log_file import LogFile
from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.pages import Pages
from personalize_local.cloud.personalize import Personalize
from personalize_local.cloud.reader import PersonalizeReader
from personalize_local.cloud.router import CloudApp
from personalize_local.cloud.run_record import RunRecord, acquire_lock, read_run_record, write_run_record
from personalize_local.cloud.server import create_server, run_until_signal, start_logging
from personalize_local.cloud.settings import CloudSettings
from personalize_local.cloud.warm_up import WarmUp

LOCK_WAIT_S = 5.0


def serve_alone(settings: CloudSettings) -> None:
    """Run Personalize in this process until SIGTERM or SIGINT, without the other services.

    S3 is what boto3 finds in the environment: AWS_ENDPOINT_URL_S3, a profile, credentials.
    Errors: DataFolderInUseError, PortTakenError, KeyringError.
    """
    start_logging()
    _forget_own_endpoint(settings)
    lock_fd = acquire_lock(settings.lock_path, wait_s=LOCK_WAIT_S)
    previous = read_run_record(settings.run_path)
    try:
        app = create_alone_app(settings)
        sockets = listen(settings.port, settings.host)
        write_run_record(settings.run_path, RunRecord(os.getpid(), settings.port, socket_dir="", alone=True))
        run_until_signal(create_server(app), sockets)
    finally:
        _close_run_record(settings, previous)
        os.close(lock_fd)


def serve_reader(settings: CloudSettings) -> None:
    """Answer reads from the data folder in this process until SIGTERM or SIGINT, beside the one that writes.

    Errors: NothingToReadError, PortTakenError, KeyringError.
    """
    start_logging()
    app = create_reader_app(settings)
    run_until_signal(create_server(app), listen(settings.port, settings.host))


def create_alone_app(settings: CloudSettings) -> CloudApp:
    """Give the application of a server that writes."""
    personalize = Personalize(settings, create_guards(settings, os.environ))
    return _app(settings, personalize, {"mode": "alone"})


def create_reader_app(settings: CloudSettings) -> CloudApp:
    """Give the application of a server that reads only."""

    def where_to_write() -> str:
        writer = find_writer(settings)
        if writer is None:
            return f"No server writes to {settings.data_dir} now; start one with: personalize-local serve"
        return f"Writes go to the server at http://localhost:{writer.port} (process {writer.process_id})."

    reader = PersonalizeReader(settings, create_guards(settings, os.environ), where_to_write)
    return _app(settings, reader, {"mode": "read-only"})


def _app(settings: CloudSettings, part: Personalize | PersonalizeReader, mode: Mapping[str, Any]) -> CloudApp:
    pages = Pages(_health_of(settings, mode), Outbox(settings.mail_dir))
    parts = (LogFile(settings.log_path), part, WarmUp())
    return CloudApp(personalize=part.app, pages=pages, elsewhere=part.app, parts=parts)


def _health_of(settings: CloudSettings, mode: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    page: dict[str, object] = {
        "status": "ok",
        **mode,
        "url": settings.url,
        "data_dir": str(settings.data_dir),
        "process_id": os.getpid(),
        "version": version("personalize-local"),
        "recovery": "",
    }
    return lambda: page


def _forget_own_endpoint(settings: CloudSettings) -> None:
    """Leave out an AWS_ENDPOINT_URL that is this server: it is meant for clients, and S3 is not here."""
    own = {settings.url, settings.url.replace("localhost", "127.0.0.1")}
    if os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/") in own:
        del os.environ["AWS_ENDPOINT_URL"]
    os.environ.update(settings.environment)


def _close_run_record(settings: CloudSettings, previous: RunRecord | None) -> None:
    """Remove the record, but leave that of a whole cloud that was killed: its emulator's loss is still to be told."""
    if previous is not None and not previous.alone:
        write_run_record(settings.run_path, previous)
    else:
        settings.run_path.unlink(missing_ok=True)
