"""Saving the emulator's state now and then, and saying what a kill has cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cloud.emulator import state
from personalize_local.cloud.emulator.state import StateKeeper
from personalize_local.cloud.state_record import StateRecord, StateRecordFile, describe_loss

AT = datetime(2026, 1, 2, 16, 2, 11, tzinfo=UTC)
SHOWN_AT = f"{AT.astimezone():%H:%M:%S}"


class FakeServices:
    """Services with a state each, in place of MiniStack's."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {"s3": {"buckets": 1}, "sns": {"topics": []}, "iam": None}
        self.written: list[str] = []

    def private(self, name: str) -> Any:
        return {
            "ministack.app:_build_persistence_save_dict": self._functions,
            "ministack.core.persistence:save_state": lambda service, data: self.written.append(service),
            "ministack.core.persistence:_json_default": str,
        }[name]

    def _functions(self) -> dict[str, Callable[[], Any]]:
        return {service: lambda service=service: self._read(service) for service in self.states}

    def _read(self, service: str) -> Any:
        if isinstance(self.states[service], Exception):
            raise self.states[service]
        return self.states[service]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    services = FakeServices()
    monkeypatch.setattr(state, "private", services.private)
    return services


def test_only_what_changed_is_written(services: FakeServices, tmp_path: Path) -> None:
    keeper = StateKeeper(StateRecordFile(tmp_path))
    assert asyncio.run(keeper.save_changes()) == ["s3", "sns"]
    assert asyncio.run(keeper.save_changes()) == []
    services.states["sns"]["topics"].append("news")
    assert asyncio.run(keeper.save_changes()) == ["sns"]
    assert services.written == ["s3", "sns", "sns"]


def test_a_service_that_changes_meanwhile_waits_and_the_record_stays_behind(
    services: FakeServices, tmp_path: Path
) -> None:
    record_file = StateRecordFile(tmp_path)
    keeper = StateKeeper(record_file)
    asyncio.run(keeper.save_changes())
    first = record_file.read()
    services.states["s3"] = RuntimeError("dictionary changed size during iteration")
    services.states["sns"] = {"topics": ["news"]}
    assert asyncio.run(keeper.save_changes()) == ["sns"]
    assert record_file.read() == first
    services.states["s3"] = {"buckets": 2}
    assert asyncio.run(keeper.save_changes()) == ["s3"]
    assert record_file.read().saved_at > first.saved_at


def test_the_record_tells_a_last_save_from_one_on_the_way(tmp_path: Path) -> None:
    record_file = StateRecordFile(tmp_path)
    assert record_file.read() is None
    keeper = StateKeeper(record_file)
    keeper.begin()
    assert record_file.read().is_final is False
    keeper.finish()
    assert record_file.read().is_final is True


def test_a_kill_between_saves_is_told_with_its_gap() -> None:
    loss = describe_loss(StateRecord(AT, is_final=False), AT + timedelta(seconds=9))
    assert loss == (
        f"It was killed. The emulator's state is from {SHOWN_AT}; anything other services did in the 9 s after that "
        "is gone. S3 objects are there, and Personalize lost nothing."
    )


def test_a_kill_after_the_last_save_lost_nothing() -> None:
    loss = describe_loss(StateRecord(AT, is_final=True), AT)
    assert loss == f"It was killed, but the emulator could still save its state at {SHOWN_AT}: nothing is lost."


@pytest.mark.parametrize(("record", "beat"), [(None, AT), (None, None), (StateRecord(AT, is_final=False), None)])
def test_a_kill_while_starting_lost_nothing_of_note(record: StateRecord | None, beat: datetime | None) -> None:
    assert describe_loss(record, beat).startswith("It was killed while it started")
