"""A job module for tests: what it does is written in a file of the data folder, so that it can change between runs."""

import json
import os
import signal
import sys
import threading

from personalize_local.jobs.context import JobFailedError

COMMITTED = []


def run(context):
    orders = json.loads((context.workspace.data_dir / "orders.json").read_text())
    context.report("Working", 0.5)
    match orders["do"]:
        case "succeed":
            return {"resource": {"metrics": {"coverage": 0.5}, "attempt": context.job.attempt}}
        case "fail":
            raise JobFailedError("Create failed. The data is not good enough.")
        case "crash":
            raise RuntimeError("a mistake in the code")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            threading.Event().wait()
        case "print":
            sys.stdout.write("this is not progress\n")
    return {}


def commit(connection, service, job, result):
    orders = json.loads((service.workspace.data_dir / "orders.json").read_text())
    if orders.get("commit") == "fail":
        raise RuntimeError("the manifest cannot be written")
    if orders.get("commit") == "refuse":
        raise JobFailedError("The dataset is gone.")
    COMMITTED.append(job.resource_arn)
