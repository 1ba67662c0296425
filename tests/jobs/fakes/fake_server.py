"""A server process for tests: it trains until it is killed, and tells the worker's process id once that works."""

import sys
import threading
from pathlib import Path

from personalize_local.jobs.clock import SystemClock
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.workspace import Workspace


def main(data_dir: str) -> None:
    workspace = Workspace(Path(data_dir))
    settings = Settings(status_dwell_s=0)
    service = Service(workspace, SystemClock(), settings, job_modules={"solution-version": "fake_work"})
    service.start()
    poll = threading.Event()
    arn = workspace.resources.list("solution-version")[0].arn
    while (progress := service.queue.progress(arn)) is None or progress.text != "Working":
        poll.wait(0.01)
    sys.stdout.write(f"{service.queue.worker_process_ids()[0]}\n")
    sys.stdout.flush()
    poll.wait()


if __name__ == "__main__":
    main(sys.argv[1])
