"""The emulator's process as the gateway sees it: started with it, watched, started anew if it dies, ended with it."""

import asyncio
import contextlib
import http.client
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from personalize_local.cloud.emulator.environment import emulator_environment
from personalize_local.cloud.settings import CloudSettings

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0  # saving a large state takes seconds
HEALTH_PATH = "/_ministack/health"
RESTART_PAUSE_S = 1.0
RESTARTS_PER_MINUTE = 5
STARTING, OK, DEGRADED = "starting", "ok", "degraded"


class EmulatorStartError(RuntimeError):
    """The emulator's process did not come up."""


class EmulatorProcess:
    """A part of the gateway: the emulator behind a socket in `socket_dir`, which only this user can open.

    The socket is the gateway's and handed over: requests wait in it while the process starts, also when it starts anew.
    `status` is STARTING until the process answered for the first time, OK from then on, DEGRADED when it is given up.
    """

    def __init__(
        self,
        settings: CloudSettings,
        socket_dir: Path,
        *,
        lock_fd: int | None = None,
        own_secret: str | None = None,
    ) -> None:
        self._settings = settings
        self._lock_fd = lock_fd
        # What functions and state machines sign with; AWS_… variables of the caller never come so far.
        self._secret = {"AWS_SECRET_ACCESS_KEY": own_secret} if own_secret else {}
        self.socket_path = socket_dir / "emulator.sock"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.socket_path))
        self._listener.listen(1024)
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.status = STARTING

    @property
    def is_available(self) -> bool:
        """Whether a request can count on an answer: the process runs, or is being started."""
        return self._watcher is not None and not self._watcher.done()

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process; it gets ready while others start."""
        self._spawn()
        self._watcher = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """End the process by closing its standard input; it saves its state. Kill it if it takes too long."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        await asyncio.to_thread(self._end_process)
        self._listener.close()
        self.socket_path.unlink(missing_ok=True)

    def _spawn(self) -> None:
        listener_fd = self._listener.fileno()
        arguments = ["--socket-fd", str(listener_fd), "--port", str(self._settings.port)]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "personalize_local.cloud.emulator",
                *arguments,
                "--data-dir",
                str(self._settings.data_dir),
            ],
            env=emulator_environment(self._settings, os.environ) | self._secret,
            stdin=subprocess.PIPE,
            pass_fds=[fd for fd in (listener_fd, self._lock_fd) if fd is not None],
            start_new_session=True,  # a Ctrl-C is for the gateway, which then ends this process in order
        )

    async def _live(self) -> None:
        """Wait until the process answers, then see to it that there is one."""
        try:
            await self._wait_until_ready()
            self.status = OK
            await self._watch()
        except EmulatorStartError as error:
            logger.error("%s Personalize goes on without it.", error)
        self.status = DEGRADED

    async def _wait_until_ready(self) -> None:
        """Wait for the first answer.

        Errors: EmulatorStartError.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                raise EmulatorStartError(
                    f"The emulator's process ended with code {self._process.returncode} while starting."
                )
            if await asyncio.to_thread(_answers, self.socket_path):
                return
        raise EmulatorStartError(f"The emulator's process did not answer within {START_TIMEOUT_S:.0f} s.")

    async def _watch(self) -> None:
        """Start the process anew when it dies, unless it keeps dying: then the gateway answers 503 for it."""
        deaths: list[float] = []
        while len(deaths) < RESTARTS_PER_MINUTE:
            await asyncio.sleep(RESTART_PAUSE_S)
            if self._process is not None and self._process.poll() is None:
                continue
            now = time.monotonic()
            deaths = [*(death for death in deaths if death > now - 60), now]
            logger.error(
                "the emulator's process died (code %s) and is started anew; its state is the last saved one", self._code
            )
            self._spawn()
        logger.error("the emulator's process died %d times within a minute and is given up", len(deaths))

    @property
    def _code(self) -> int | None:
        return self._process.returncode if self._process is not None else None

    def _end_process(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            logger.error(
                "the emulator did not end within %.0f s and is killed; its state is the last saved one", STOP_TIMEOUT_S
            )
            self._process.kill()
            self._process.wait()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _answers(path: Path) -> bool:
    """Whether the emulator answers its health page; waits a second at most, in the queue of the socket."""
    connection = _UnixConnection(path, timeout_s=1.0)
    try:
        connection.request("GET", HEALTH_PATH)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
