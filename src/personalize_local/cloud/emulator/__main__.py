"""The emulator's process: MiniStack, with what we add to it, behind a listening socket that the gateway hands over.

It ends when its standard input does, that is with the gateway, however that one ends, and saves its state first.
"""

import argparse
import asyncio
import logging
import shutil
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import uvicorn

from personalize_local.cloud.asgi import AsgiApp
from personalize_local.cloud.emulator.alarms import AlarmJudge, install_alarms
from personalize_local.cloud.emulator.definitions import install_yaml_definitions
from personalize_local.cloud.emulator.expressions import install_expression_limit
from personalize_local.cloud.emulator.function_errors import install_function_errors
from personalize_local.cloud.emulator.mail import install_mail
from personalize_local.cloud.emulator.names import private
from personalize_local.cloud.emulator.schedules import install_schedule_context
from personalize_local.cloud.emulator.stack_resources import install_stack_resources
from personalize_local.cloud.emulator.state import StateKeeper
from personalize_local.cloud.emulator.step_functions import PersonalizeCalls
from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.settings import CloudSettings
from personalize_local.cloud.state_record import StateRecordFile

STOP_REQUESTS_S = 3  # how long requests under way may take once the end has come


def main(arguments: list[str] | None = None) -> None:
    """Serve until the gateway is gone. The environment is emulator_environment's: MiniStack reads it on import."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket-fd", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args(arguments)
    settings = CloudSettings(port=options.port, data_dir=options.data_dir)
    _prepare_folders(settings)
    run(settings, socket.socket(fileno=options.socket_fd))


def run(settings: CloudSettings, listener: socket.socket) -> None:
    """Serve on the listener until the end, then leave everything saved."""
    record_file = StateRecordFile(settings.emulator_dir)
    app = load_emulator(settings)
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="on", access_log=False, server_header=False,
        date_header=False, log_config=None, timeout_graceful_shutdown=STOP_REQUESTS_S,
    )  # fmt: skip
    server = uvicorn.Server(config)
    threading.Thread(target=_end_with_gateway, args=(server,), daemon=True).start()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, StateKeeper(record_file), install_alarms()))


async def _serve(server: uvicorn.Server, listener: socket.socket, keeper: StateKeeper, judge: AlarmJudge) -> None:
    chores = [asyncio.create_task(chore) for chore in (keeper.keep(), keeper.beat(), judge.keep_judging())]
    await server.serve(sockets=[listener])
    for chore in chores:
        chore.cancel()
        with suppress(asyncio.CancelledError):
            await chore
    keeper.finish()


def load_emulator(settings: CloudSettings) -> AsgiApp:
    """Return MiniStack's application with everything that we add to it."""
    app = private("ministack.app:app")
    logging.getLogger("persistence").setLevel(logging.WARNING)  # it tells of every file it saves, every few seconds
    install_yaml_definitions()
    install_expression_limit()
    install_function_errors()
    install_schedule_context()
    install_mail(Outbox(settings.mail_dir), settings.url)
    PersonalizeCalls(settings.port).install()
    install_stack_resources(settings.port)
    return app


def _prepare_folders(settings: CloudSettings) -> None:
    unpacked = settings.emulator_dir / "tmp"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)


def _end_with_gateway(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    logging.getLogger(__name__).info("the gateway is gone or asked for the end; saving the state")
    server.should_exit = True


if __name__ == "__main__":
    main()
