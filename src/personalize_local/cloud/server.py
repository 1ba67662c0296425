"""The gateway's process: lock the data folder, open the port, serve until told to stop, leave everything saved."""

import gc
import logging
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path

import uvicorn

from personalize_local.cloud.accepting import AcceptingServer
from personalize_local.cloud.app import create_app
from personalize_local.cloud.connection import Connection
from personalize_local.cloud.emulator.environment import KEPT, loopback_variables, no_aws_variables
from personalize_local.cloud.emulator_process import STOP_TIMEOUT_S
from personalize_local.cloud.listeners import listen
from personalize_local.cloud.router import CloudApp
from personalize_local.cloud.run_record import RunRecord, acquire_lock, read_run_record, write_run_record
from personalize_local.cloud.settings import CloudSettings
from personalize_local.cloud.state_record import StateRecordFile, describe_loss

logger = logging.getLogger(__name__)

LOCK_WAIT_S = STOP_TIMEOUT_S + 5  # the emulator of a gateway that was killed may still be saving
STOP_REQUESTS_S = 5  # how long requests under way may take once the end has come
GC_THRESHOLDS = (20_000, 20, 100)  # new objects before a round, rounds before an older generation's, and the oldest's
KEEP_ALIVE_S = 75  # longer than clients pool idle connections for


def serve(settings: CloudSettings) -> None:
    """Run the local cloud in this process until SIGTERM or SIGINT.

    Errors: DataFolderInUseError, PortTakenError; SystemExit when a part does not start (the log has the cause).
    """
    start_logging()
    caller = dict(os.environ)
    lock_fd = acquire_lock(settings.lock_path, wait_s=LOCK_WAIT_S)
    sockets = listen(settings.port, settings.host)
    previous = read_run_record(settings.run_path)
    recovery = "" if previous is None else _recover(settings, previous)
    # Socket paths are limited to about 100 characters, which a path below the data folder may exceed.
    with tempfile.TemporaryDirectory(prefix="personalize-local-") as socket_dir:
        _point_clients_here(settings)
        app = create_app(settings, Path(socket_dir), lock_fd=lock_fd, recovery=recovery, caller=caller)
        server = create_server(app)
        write_run_record(settings.run_path, RunRecord(os.getpid(), settings.port, socket_dir))
        try:
            run_until_signal(server, sockets)
        finally:
            _close_run_record(settings, previous, was_up=server.started)
            os.close(lock_fd)


def start_logging() -> None:
    """Log to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")


def create_server(app: CloudApp) -> uvicorn.Server:
    """Give the HTTP server of an application."""
    return AcceptingServer(
        uvicorn.Config(
            app, http=Connection, ws="none", lifespan="on", proxy_headers=False,
            access_log=False, server_header=False, log_config=None,
            timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=STOP_REQUESTS_S,
        )
    )  # fmt: skip


def calm_collector() -> None:
    """Have the garbage collector leave alone what there is now, and go round seldom: its rounds hold up requests."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def run_until_signal(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serve until a signal. Uvicorn raises the signal again once it has ended; that one shall find a deaf ear."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    calm_collector()
    server.run(sockets=sockets)


def _recover(settings: CloudSettings, killed: RunRecord) -> str:
    """Clear away what a local cloud that was killed left; say what its end lost."""
    shutil.rmtree(killed.socket_dir, ignore_errors=True)
    record_file = StateRecordFile(settings.emulator_dir)
    loss = describe_loss(record_file.read(), record_file.last_beat_at())
    logger.warning("The last local cloud of this data folder was not stopped in order. %s", loss)
    return loss


def _point_clients_here(settings: CloudSettings) -> None:
    """Have every AWS client of this process and its workers use the local cloud, without the caller's credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name not in KEPT]:
        del os.environ[name]
    os.environ.update(loopback_variables(os.environ) | no_aws_variables() | client_environment(settings))


def client_environment(settings: CloudSettings) -> dict[str, str]:
    """Return the variables that redirect boto3, the AWS CLI and SAM to the local cloud."""
    return {
        "AWS_ENDPOINT_URL": settings.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _close_run_record(settings: CloudSettings, previous: RunRecord | None, *, was_up: bool) -> None:
    """Remove the record at a clean end; leave the previous one when this run never came up."""
    if was_up:
        record = StateRecordFile(settings.emulator_dir).read()
        is_clean = record is not None and record.is_final
    else:
        is_clean = previous is None
    if is_clean:
        settings.run_path.unlink(missing_ok=True)
