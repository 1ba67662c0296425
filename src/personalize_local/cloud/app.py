"""The local cloud as one ASGI application, put together."""

import os
import secrets
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from personalize_local.cloud.access import create_guards
from personalize_local.cloud.console import create_console
from personalize_local.cloud.emulator_process import EmulatorProcess
from personalize_local.cloud.log_file import LogFile
from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.pages import Pages
from personalize_local.cloud.personalize import Personalize
from personalize_local.cloud.proxy import EmulatorProxy
from personalize_local.cloud.router import CloudApp
from personalize_local.cloud.settings import CloudSettings
from personalize_local.cloud.warm_up import WarmUp


def create_app(
    settings: CloudSettings,
    socket_dir: Path,
    *,
    lock_fd: int | None = None,
    recovery: str = "",
    caller: Mapping[str, str] | None = None,
) -> CloudApp:
    """Return the gateway's application; its life span starts and stops the emulator's process and Personalize.

    Args:
        socket_dir: a folder of this user alone, for the emulator's socket.
        lock_fd: the data folder's lock, which the emulator's process shall hold as well.
        recovery: what the last run's end lost, for the health page; empty after a clean end.
        caller: the environment that the server was started with; its credentials count when signatures are required.
    """
    own_secret = secrets.token_hex(20)
    personalize = Personalize(settings, create_guards(settings, caller or {}, own_secret))
    emulator = EmulatorProcess(settings, socket_dir, lock_fd=lock_fd, own_secret=own_secret)

    console = create_console(settings, own_secret, personalize.inside)

    def health() -> dict[str, object]:
        return {
            "status": emulator.status,
            "mode": "cloud",
            "url": settings.url,
            "data_dir": str(settings.data_dir),
            "process_id": os.getpid(),
            "version": version("personalize-local"),
            "recovery": recovery,
            "emulator": {"name": "MiniStack", "version": version("ministack"), "process_id": emulator.process_id},
        }

    return CloudApp(
        personalize=personalize.app,
        pages=Pages(health, Outbox(settings.mail_dir), console),
        elsewhere=EmulatorProxy(emulator.socket_path, lambda: emulator.is_available),
        # The emulator's process gets ready beside Personalize, whose jobs wait for S3, and goes after it.
        parts=(LogFile(settings.log_path), emulator, personalize, console, WarmUp()),
    )
