"""A service whose work is done by a module of these tests, in real worker processes."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FAKES = Path(__file__).parent / "fakes"
MODULES = {"solution-version": "fake_work", "dataset-import": "fake_work"}
POLL_S = 0.01
PATIENCE_POLLS = 6000


class Shop:
    """A world whose solution versions are made by fake work, as `orders` say."""

    def __init__(self, world: Any, data_dir: Path) -> None:
        self.world = world
        self.data_dir = data_dir
        self.group = world.create_group()
        world.create_dataset(self.group)
        self.solution = world.create_solution(self.group)

    def order(self, **orders: Any) -> None:
        (self.data_dir / "orders.json").write_text(json.dumps(orders))

    def create_version(self, **orders: Any) -> str:
        self.order(**orders)
        return self.world.personalize.create_solution_version(solutionArn=self.solution)["solutionVersionArn"]

    def version(self, arn: str) -> dict[str, Any]:
        return self.world.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]

    def status(self, arn: str) -> str:
        return self.version(arn)["status"]

    def run_until(self, condition: Callable[[], Any]) -> Any:
        """Let the service go on until a condition holds; time passes with every look."""

        def look() -> Any:
            self.world.tick()
            return condition()

        return wait_until(look)

    def run_until_settled(self, arn: str) -> str:
        self.run_until(lambda: self.status(arn) not in ("CREATE PENDING", "CREATE IN_PROGRESS", "CREATE STOPPING"))
        return self.status(arn)

    def run_until_working(self, arn: str) -> None:
        def works() -> bool:
            progress = self.world.service.queue.progress(arn)
            return progress is not None and progress.text == "Working"

        self.run_until(works)


def wait_until(condition: Callable[[], Any]) -> Any:
    """Look until a condition holds, and give what it gave."""
    pause = threading.Event()
    for _ in range(PATIENCE_POLLS):
        if found := condition():
            return found
        pause.wait(POLL_S)
    raise AssertionError("it never happened")


class Processes:
    """What tests ask about processes."""

    wait_until = staticmethod(wait_until)
    server = str(FAKES / "fake_server.py")

    @staticmethod
    def is_running(process_id: int) -> bool:
        """Tell whether a process exists and has not ended (one that waits for its parent to look has ended)."""
        answer = subprocess.run(["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True)
        return answer.stdout.strip() not in ("", "Z", "Z+")


@pytest.fixture
def processes() -> type[Processes]:
    """Look at processes."""
    return Processes


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its workers import the fake modules."""
    monkeypatch.syspath_prepend(str(FAKES))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(FAKES), os.environ.get("PYTHONPATH")])))


@pytest.fixture
def open_shop(tmp_path: Path, fakes: None, make_world: Callable[..., Any]) -> Callable[..., Shop]:
    """Open a shop with settings."""
    return lambda **settings: Shop(make_world(tmp_path, MODULES, **settings), tmp_path)


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """A shop with the default settings."""
    return open_shop()
