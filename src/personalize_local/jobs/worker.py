"""A worker process: one job, then it ends.

    python -m personalize_local.jobs.worker <data folder> <job id> <module> <niceness>

Rule 1: it does not outlive its server: standard input is a pipe from there, and its end is this process's end.
Rule 2: two workers never do the same job at once: the one of an earlier attempt, still dying, holds the job's lock.
Rule 3: standard output carries progress, one JSON object a line; standard error is the job's log.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import sys
import threading
from pathlib import Path

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.outcome import Failed, Succeeded, write_outcome
from personalize_local.store.workspace import Workspace

ORPHANED = 70


def main(data_dir: str, job_id: str, module: str, niceness: str) -> None:
    """Do the job and write its outcome; an error that is not a JobFailedError ends the process with a traceback."""
    progress = _take_standard_output()
    threading.Thread(target=_end_with_server, name="server-watch", daemon=True).start()
    os.nice(int(niceness))
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(data_dir) / "compiled"))
    workspace = Workspace(data_dir, worker=True)
    folder = workspace.job_folder(job_id)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _run(workspace, folder, job_id, module, progress)


def _run(workspace: Workspace, folder: Path, job_id: str, module: str, progress: int) -> None:
    job = workspace.jobs.get(job_id)
    if job is None:
        raise LookupError(f"no job {job_id}")

    def report(text: str, fraction: float) -> None:
        line = json.dumps({"text": text, "fraction": round(float(fraction), 4)})
        os.write(progress, line.encode() + b"\n")

    try:
        result = importlib.import_module(module).run(JobContext(workspace, job, job.payload, report))
    except JobFailedError as error:
        write_outcome(folder, job.attempt, Failed(error.reason))
    else:
        write_outcome(folder, job.attempt, Succeeded(result))


def _take_standard_output() -> int:
    """Keep standard output for progress; what libraries print there goes to standard error instead."""
    progress = os.dup(1)
    os.dup2(2, 1)
    return progress


def _end_with_server() -> None:
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    main(*sys.argv[1:])
