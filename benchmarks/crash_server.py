"""Personalize alone on a free port of this machine, for benchmarks/crash.py to kill.

    python -m benchmarks.crash_server <data folder>

Prints the port once it answers. Statuses are short, and interrupted work is never given up: here interruptions are the
point.
"""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn

from personalize_local.jobs.clock import SystemClock
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.workspace import Workspace
from personalize_local.wire.asgi import PersonalizeApp

SETTINGS = Settings(status_dwell_s=0.02, job_attempts=1_000_000)


async def serve(data_dir: str) -> None:
    """Serve until killed."""
    workspace = Workspace(data_dir)
    service = Service(workspace, SystemClock(), SETTINGS)
    service.start()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(PersonalizeApp(service), lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
