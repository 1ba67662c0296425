"""The local cloud as seen from another process: is it there, start it, stop it."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import NoReturn

from personalize_local.cloud.emulator_process import OK, STARTING
from personalize_local.cloud.listeners import PortTakenError
from personalize_local.cloud.pages import HEALTH_PAGE
from personalize_local.cloud.run_record import DataFolderInUseError, RunRecord, is_locked, read_run_record
from personalize_local.cloud.settings import CloudSettings

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0
PROBE_TIMEOUT_S = 5.0
POLL_S = 0.1
SHOWN_LOG_LINES = 15


class StartError(RuntimeError):
    """The local cloud did not come up; the message has the end of its log."""


class StopError(RuntimeError):
    """The local cloud did not end in time."""


@dataclass(frozen=True)
class Health:
    """What a running local cloud says of itself on its health page."""

    url: str
    status: str
    data_dir: str
    process_id: int
    recovery: str


def find_running(settings: CloudSettings) -> Health | None:
    """Return the local cloud of these settings if it runs; None when nothing uses the port.

    Errors: PortTakenError when something else, or the local cloud of another data folder, listens on the port.
    """
    health = probe(settings.port)
    if health is not None and health.data_dir != str(settings.data_dir):
        raise PortTakenError(
            f"Port {settings.port} serves another local cloud, that of {health.data_dir}. "
            "Choose another port with PERSONALIZE_LOCAL_PORT."
        )
    return health


def probe(port: int) -> Health | None:
    """Ask for the health page on a port; None when nothing listens there.

    Errors: PortTakenError when what listens is not a local cloud.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", HEALTH_PAGE)
        page = json.loads(connection.getresponse().read())
        return Health(**{name: page[name] for name in Health.__dataclass_fields__})
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise PortTakenError(
            f"Port {port} is taken by something else. Stop that, or choose another port with PERSONALIZE_LOCAL_PORT."
        ) from error
    finally:
        connection.close()


def find_writer(settings: CloudSettings) -> RunRecord | None:
    """Return the record of the server that holds the data folder; None when none runs."""
    return read_run_record(settings.run_path) if is_locked(settings.lock_path) else None


def start(settings: CloudSettings) -> Health:
    """Start the local cloud in the background and return when it is ready.

    Errors: PortTakenError, DataFolderInUseError, StartError.
    """
    _check_data_folder(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with settings.log_path.open("ab") as log:
        log_start = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "personalize_local.cli", "serve"],
            env=os.environ | settings.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(_explain(settings, log_start, f"ended with code {process.returncode}"))
        health = _probe_quietly(settings.port)
        if health is not None and health.process_id == process.pid and health.status != STARTING:
            return health if health.status == OK else _give_up(settings, process, log_start)
        time.sleep(POLL_S)
    process.terminate()
    raise StartError(_explain(settings, log_start, f"was not ready within {START_TIMEOUT_S:.0f} s"))


def _give_up(settings: CloudSettings, process: subprocess.Popen[bytes], log_start: int) -> NoReturn:
    """End a local cloud whose emulator did not start."""
    process.terminate()
    process.wait(STOP_TIMEOUT_S)
    raise StartError(_explain(settings, log_start, "came up without its emulator, and is stopped again"))


def stop(settings: CloudSettings) -> bool:
    """Stop the local cloud of the data folder and wait until all is saved; return whether it ran.

    Errors: StopError when it does not end in time.
    """
    if not is_locked(settings.lock_path):
        return False
    record = read_run_record(settings.run_path)
    if record is not None:
        with contextlib.suppress(ProcessLookupError):  # killed, and its emulator is still saving
            os.kill(record.process_id, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_locked(settings.lock_path):
        if time.monotonic() >= deadline:
            raise StopError(f"The local cloud did not end within {STOP_TIMEOUT_S:.0f} s; see {settings.log_path}.")
        time.sleep(POLL_S)
    return True


def _check_data_folder(settings: CloudSettings) -> None:
    """Refuse a folder that a local cloud serves on another port. One that was killed may hold it a moment longer."""
    record = read_run_record(settings.run_path)
    health = _probe_quietly(record.port) if record is not None and is_locked(settings.lock_path) else None
    if health is not None and health.data_dir == str(settings.data_dir):
        raise DataFolderInUseError(
            f"The data folder {settings.data_dir} is in use by the local cloud at {health.url} "
            f"(process {health.process_id}). Stop it with: personalize-local down"
        )


def _probe_quietly(port: int) -> Health | None:
    """Probe a port where something else, or a local cloud that does not answer yet, counts as nothing."""
    try:
        return probe(port)
    except PortTakenError:
        return None


def _explain(settings: CloudSettings, log_start: int, what: str) -> str:
    with settings.log_path.open("rb") as log:
        log.seek(log_start)
        lines = log.read().decode("utf-8", "replace").splitlines()[-SHOWN_LOG_LINES:]
    return "\n  ".join([f"The local cloud {what}. The end of its log, {settings.log_path}:", *lines])
