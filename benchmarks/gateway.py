"""A newsroom of any size behind the gateway, in a process of its own, and what that process costs.

    python -m benchmarks.gateway FOLDER PORT

The gateway is the one of the local cloud, as `serve --alone` runs it: without the emulator of the other
services behind it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from personalize_local.cloud.alone import create_alone_app
from personalize_local.cloud.listeners import listen_on_loopback
from personalize_local.cloud.server import calm_collector, create_server
from personalize_local.cloud.settings import CloudSettings
from personalize_local.models.factors import Factors
from personalize_local.store.datasets import FULL, BulkFile
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_local.training.artifact import save_artifact
from personalize_spec.arns import Scope
from personalize_spec.recipes import RECIPES

SCOPE = Scope("us-east-1", "123456789012")
GROUP = "benchmark"
CAMPAIGN_ARN = SCOPE.arn("campaign", GROUP)
FILTER_ARN = SCOPE.arn("filter", GROUP)
TRACKING_ID = "benchmark-tracker"
FILTER = "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY) AND Items.WORDS > 500"
DIMENSION = 64
USER_COUNT = 2000
HISTORY_LENGTH = 20
UNKNOWN_EVERY = 100  # every such item is newer than the model
NOW_EPOCH_S = 1_790_000_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

SCHEMAS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "INTERACTIONS": (
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
    ),
    "ITEMS": (
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY", "type": ["null", "string"], "categorical": True},
        {"name": "WORDS", "type": ["null", "int"]},
        {"name": "CREATION_TIMESTAMP", "type": "long"},
    ),
}
# Two of twelve categories on each item, any number of words up to 1000: the filter lets about one item in twelve pass.
ROWS: Mapping[str, str] = {
    "INTERACTIONS": f"""SELECT 'u' || (range % {USER_COUNT}) AS USER_ID,
        'i' || (hash(range) % {{items}})::BIGINT AS ITEM_ID, {NOW_EPOCH_S} - range AS TIMESTAMP, 'view' AS EVENT_TYPE
        FROM range({USER_COUNT * HISTORY_LENGTH})""",
    "ITEMS": f"""SELECT 'i' || range AS ITEM_ID,
        'c' || (hash(range) % 12) || '|c' || (hash(range + 7) % 12) AS CATEGORY,
        (hash(range * 3) % 1000)::BIGINT AS WORDS, {NOW_EPOCH_S} - range % 10000000 AS CREATION_TIMESTAMP
        FROM range({{items}})""",
}


@dataclass(frozen=True)
class Usage:
    """What the server's process has used. Units: cpu_s since its start; bytes of memory now."""

    cpu_s: float
    anonymous_bytes: int
    mapped_bytes: int


class Gateway:
    """A running gateway."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = process

    def usage(self) -> Usage:
        """Give what it has used until now."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines())
        kilobytes = {name: int(status[name].split()[0]) for name in ("RssAnon", "RssFile")}
        ticks = int(fields[11]) + int(fields[12])
        return Usage(ticks / TICKS_PER_S, kilobytes["RssAnon"] * 1024, kilobytes["RssFile"] * 1024)


def fill(data_dir: Path, item_count: int, *, has_model: bool = True) -> None:
    """Put a dataset group with its data, a filter, a tracker and, with a model, a campaign into a data folder."""
    workspace = Workspace(data_dir)
    group_arn = _add(workspace, "dataset-group", GROUP, None, {})
    for dataset_type in SCHEMAS:
        _add_dataset(workspace, group_arn, dataset_type, item_count)
    version_arn = SCOPE.solution_version_arn(GROUP, "1")
    solution = {
        "recipe_arn": RECIPES["aws-user-personalization-v2"].arn,
        "dataset_group_arn": group_arn,
        "perform_auto_training": False,  # a training beside what is measured would take a core from it
    }
    solution_arn = _add(workspace, "solution", GROUP, group_arn, solution)
    _add(workspace, "filter", GROUP, group_arn, {"filter_expression": FILTER, "dataset_group_arn": group_arn})
    _add(workspace, "event-tracker", GROUP, group_arn, {"tracking_id": TRACKING_ID, "dataset_group_arn": group_arn})
    if has_model:
        _add(workspace, "solution-version", version_arn.split("/", 1)[1], solution_arn, solution, arn=version_arn)
        _add(workspace, "campaign", GROUP, solution_arn, {"solution_version_arn": version_arn, "campaign_config": {}})
        save_artifact(workspace.artifacts.stage(version_arn), _model(item_count), _known_ids(item_count))
        workspace.artifacts.publish(version_arn)
    workspace.close()


def _known_ids(item_count: int) -> list[str]:
    return sorted(f"i{row}" for row in range(item_count) if row % UNKNOWN_EVERY)


def _model(item_count: int) -> Factors:
    rng = np.random.default_rng(1)
    known = len(_known_ids(item_count))
    vectors = rng.standard_normal((known, DIMENSION), dtype=np.float32)
    return Factors(vectors, rng.standard_normal(known, dtype=np.float32))


def _add_dataset(workspace: Workspace, group_arn: str, dataset_type: str, item_count: int) -> None:
    fields = list(SCHEMAS[dataset_type])
    record = {"type": "record", "name": dataset_type.title(), "namespace": "benchmark", "version": "1.0"}
    text = json.dumps(record | {"fields": fields})
    schema_arn = _add(workspace, "schema", f"{GROUP}-{dataset_type.lower()}", None, {"schema": text})
    arn = SCOPE.dataset_arn(GROUP, dataset_type)
    body = {"dataset_type": dataset_type, "schema_arn": schema_arn, "dataset_group_arn": group_arn}
    _add(workspace, "dataset", dataset_type.lower(), group_arn, body, arn=arn)
    path = workspace.datasets.stage(arn, "import") / "0.parquet"
    rows = ROWS[dataset_type].format(items=item_count)
    count = duckdb.connect().execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
    file = BulkFile(path, int(count[0]) if count else 0, tuple(field["name"] for field in fields), 0)
    with workspace.database.transaction() as connection:
        workspace.datasets.publish(connection, arn, [file], FULL)


def _add(
    workspace: Workspace, kind: str, name: str, parent_arn: str | None, body: dict[str, Any], *, arn: str = ""
) -> str:
    now = datetime.fromtimestamp(NOW_EPOCH_S, UTC)
    resource = Resource(kind, arn or SCOPE.arn(kind, name), name, SCOPE, parent_arn, "ACTIVE", body, now, now)
    with workspace.database.transaction() as connection:
        workspace.resources.insert(connection, resource)
    return resource.arn


@contextmanager
def running(data_dir: Path) -> Iterator[Gateway]:
    """Run the gateway on a data folder."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.gateway", str(data_dir), str(port)])
    try:
        _wait_for(port)
        yield Gateway(process, port)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError(f"nothing listens on port {port}")


def machine() -> str:
    """Describe the machine and the software, for the table."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "duckdb", "uvicorn", "httptools"))
    load = os.getloadavg()[0]
    python = platform.python_version()
    return (
        f"{model}, {os.cpu_count()} cores, load {load:.1f} at the start; Python {python}, {packages}.\n"
        "A load above 1 is other work on the same cores: it lengthens latencies, p99 most; rates per core and ratios\n"
        "of the same run bear it better."
    )


def main() -> None:
    """Be the gateway's process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    app = create_alone_app(CloudSettings(given.port, given.folder))
    calm_collector()
    create_server(app).run(sockets=listen_on_loopback(given.port))


if __name__ == "__main__":
    main()
