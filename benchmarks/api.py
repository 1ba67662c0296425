"""The recommendations API beside a plain handler: times, calls, own overhead, cold start, a slow dependency, a server.

    .venv/bin/python -m benchmarks.api

Both handlers answer the same requests in turn, in one process of Lambda's shape, on the Personalize and DynamoDB of a
local cloud that runs beside them. Own overhead is the handler's time in which no call was under way; other work on the
machine lengthens it. Processor time, that of the SDK in all threads included, bears it better. The table goes to
benchmarks/results/api.md with --keep.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.api_baseline import PlainHandler
from benchmarks.api_cloud import api_variables, environment, running_cloud
from benchmarks.api_server import serve_and_load, served_table
from benchmarks.api_waiting import Waits
from benchmarks.gateway import USER_COUNT, machine
from benchmarks.report import arguments, publish, table

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = ROOT / "api" / "functions"
RESULT = Path(__file__).parent / "results" / "api.md"
ITEM_COUNT, LIMIT, SLOW_S = 3000, 10, 2.0
WARM_UP = 40
SDK_ALONE = """
import time
begun = time.process_time()
import botocore.config, botocore.session
session = botocore.session.get_session()
for name in ("dynamodb", "personalize-runtime"): session.create_client(name)
print(time.process_time() - begun)
"""
WITH_SDK = """
import time
begun = time.process_time()
import app
app.application()
print(time.process_time() - begun)
"""
Handler = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    """One answer. Units: milliseconds."""

    total_ms: float
    own_ms: float
    processor_ms: float
    calls: int
    articles: int  # 0 for an error


def proxy_event(number: int) -> dict[str, Any]:
    """Make a page's request."""
    sub_request = {"limit": LIMIT, "section": "/canada/", "widget_id": "w"}
    body = {"visitor_id": f"u{number * 7 % USER_COUNT}", "sub_requests": [sub_request]}
    context = {"requestId": str(number)}
    headers = {"Content-Type": "application/json", "Origin": "https://www.theglobeandmail.com"}
    return {
        "httpMethod": "POST",
        "resource": "/recommendations",
        "headers": headers,
        "requestContext": context,
        "body": json.dumps(body),
    }


def sample(handler: Handler, waits: Waits, number: int) -> Sample:
    """Ask once."""
    begun, processor = time.perf_counter(), time.process_time()
    try:
        answer = handler(proxy_event(number))
        articles = len(json.loads(answer["body"])[0]["recommendations"]) if answer["statusCode"] == 200 else 0
    except Exception:  # what API Gateway answers with 502
        articles = 0
    ended = time.perf_counter()
    waited_s, calls = waits.take(begun, ended)
    processor_ms = (time.process_time() - processor) * 1000
    return Sample((ended - begun) * 1000, (ended - begun - waited_s) * 1000, processor_ms, calls, articles)


def our_handler(waits: Waits, **settings: str) -> Handler:
    """Make the function's handler as Lambda has it, its metrics and logs going nowhere."""
    from recommendations.application import build_application, make_clients
    from recommendations.emf import write_metrics
    from recommendations.meters import collecting
    from recommendations.proxy_events import read_event, write_response
    from recommendations.settings import Settings

    made = Settings.from_environment(api_variables() | settings)
    clients = make_clients(made)
    for client in (clients.dynamodb, clients.personalize):
        waits.watch(client)
    application = build_application(made, clients)

    def handle(event: dict[str, Any]) -> dict[str, Any]:
        with collecting() as measurements:
            response = application.api.handle(read_event(event))
        write_metrics(measurements)
        return write_response(response)

    return handle


def compare(count: int) -> dict[str, list[Sample]]:
    """Ask all handlers in turn; the first answers, with new connections and empty memories, do not count."""
    handlers = make_handlers()
    found: dict[str, list[Sample]] = {name: [] for name in handlers}
    for number in range(WARM_UP + count):
        for name, (handler, waits) in handlers.items():
            taken = sample(handler, waits, number)
            if number >= WARM_UP:
                found[name].append(taken)
    return found


def make_handlers() -> dict[str, tuple[Handler, Waits]]:
    """Make what is compared."""
    plain, plain_waits = PlainHandler(), Waits()
    for client in (plain.dynamodb, plain.personalize):
        plain_waits.watch(client)
    handlers: dict[str, tuple[Handler, Waits]] = {"plain": (plain, plain_waits)}
    for name, settings in (("ours, articles not kept", {"CONTENT_TTL_S": "0"}), ("ours", {})):
        waits = Waits()
        handlers[name] = our_handler(waits, **settings), waits
    return handlers


def with_slow_personalize(count: int) -> dict[str, list[Sample]]:
    """Ask while Personalize takes two seconds more for every call."""
    found: dict[str, list[Sample]] = {}
    for name, (handler, waits) in make_handlers().items():
        for number in range(WARM_UP):
            sample(handler, waits, number)
        waits.delays_s["personalize-runtime"] = SLOW_S
        found[name] = [sample(handler, waits, number) for number in range(count if name != "plain" else 3)]
    return found


def build_package(folder: Path) -> Path:
    """Build the function's package as `sam build` does."""
    package = folder / "package"
    package.mkdir()
    command = ["make", "-s", "-C", str(FUNCTIONS), f"ARTIFACTS_DIR={package}", "build-GetRecommendationsFunction"]
    subprocess.run(command, check=True)
    return package


def zipped_bytes(package: Path) -> int:
    """Give the size of the package as it is uploaded."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in package.rglob("*"):
                archive.write(path, path.relative_to(package))
        return file.tell()


def cold_start_ms(package: Path, rounds: int, *, compiled: bool) -> tuple[float, float]:
    """Give the processor's milliseconds until the function can answer: the SDK's share and the rest; medians.

    The SDK's share is what it takes to make the two clients in a process of their own. Processor time, as starting
    waits for nothing else, and other work on the machine would be measured otherwise.
    """
    if compiled:
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(package)], check=True)
    variables = os.environ | api_variables() | {"PYTHONPATH": str(package)}
    if not compiled:  # as Lambda has it: a package without compiled files that cannot be written to
        variables |= {"PYTHONDONTWRITEBYTECODE": "1"}
    taken = [[_processor_ms(code, variables) for code in (SDK_ALONE, WITH_SDK)] for _ in range(rounds)]
    sdk_ms, all_ms = (statistics.median(column) for column in zip(*taken, strict=True))
    return sdk_ms, all_ms - sdk_ms


def _processor_ms(code: str, variables: dict[str, str]) -> float:
    command = [sys.executable, "-c", code]
    finished = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    return float(finished.stdout) * 1000


def raw_request(number: int) -> bytes:
    """Write a request as a browser would send it."""
    body = proxy_event(number)["body"].encode()
    head = "POST /recommendations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def handlers_table(found: dict[str, list[Sample]], *, with_own: bool) -> list[str]:
    """Give the lines of the handlers' table; own overhead says nothing where calls are given up before they end."""
    head = ("handler", "p50 ms", "p99 ms", *(("own p50 ms",) if with_own else ()), "processor p50 ms")
    head += ("calls each", "articles, least")
    rows = []
    for name, samples in found.items():
        total = sorted(one.total_ms for one in samples)
        own = f"{statistics.median(one.own_ms for one in samples):.2f}"
        cells = (
            name,
            f"{statistics.median(total):.1f}",
            f"{total[min(len(total) - 1, int(len(total) * 0.99))]:.1f}",
            *((own,) if with_own else ()),
            f"{statistics.median(one.processor_ms for one in samples):.2f}",
            f"{statistics.mean(one.calls for one in samples):.2f}",
            str(min(one.articles for one in samples)),
        )
        rows.append(cells)
    return table(head, rows)


def package_table(package: Path) -> list[str]:
    """Start the packaged function and weigh it; give the lines of a table."""
    sdk_ms, ours_ms = cold_start_ms(package, 7, compiled=False)
    _, compiled_ms = cold_start_ms(package, 7, compiled=True)
    rows = [
        ("the SDK's share, ms", f"{sdk_ms:.0f}"),
        ("ours beside it, ms", f"{ours_ms:.0f}; {compiled_ms:.0f} with compiled files"),
        ("package, MB", f"{zipped_bytes(package) / 1e6:.2f} zipped"),
    ]
    return table(("cold start, processor time", ""), rows)


def run(count: int, clients: Sequence[int], seconds: float) -> list[str]:
    """Measure everything, give the lines of the report."""
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder) / "cloud", ITEM_COUNT) as port:
        os.environ |= environment(port)
        os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "n", "POWERTOOLS_SERVICE_NAME": "s"}
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # not the terminal's speed
            lines = ["Warm, all well:", "", *handlers_table(compare(count), with_own=True), ""]
            slow = handlers_table(with_slow_personalize(count // 4), with_own=False)
            lines += [f"Personalize takes {SLOW_S:.0f} s more:", "", *slow, ""]
        lines += [*package_table(build_package(Path(folder))), ""]
        requests = [raw_request(number) for number in range(512)]
        served = serve_and_load(requests, clients, seconds, workers=2, cloud_port=port)
    return [*lines, "Served, everything on the same two cores:", "", *served_table(served, 2)]


def main() -> None:
    """Run the benchmark, print its table and keep it."""
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=400, help="requests per handler")
    parser.add_argument("--clients", type=int, nargs="+", default=(8, 32))
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement of the server")
    given = parser.parse_args()
    sys.path.insert(0, str(FUNCTIONS))
    described = machine()
    lines = run(given.count, given.clients, given.seconds)
    publish("The recommendations API", described, lines, RESULT if given.keep else None, "`python -m benchmarks.api`")


if __name__ == "__main__":
    main()
