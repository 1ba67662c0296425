"""Schedules follow the file: made, changed, removed; and what they start is named by the time they meant."""

from __future__ import annotations

import json

import pytest
from fake_scheduler import FakeScheduler
from pipeline.schedules import Schedules, Target, schedule_name

GROUP = "tgam-personalize"
TARGET = Target(
    "arn:aws:states:us-east-1:123456789012:stateMachine:Deploy",
    "arn:aws:iam::123456789012:role/schedules",
    "arn:aws:sqs:us-east-1:123456789012:dead-letters",
    "input-bucket",
    "params.json",
)


@pytest.fixture
def scheduler() -> FakeScheduler:
    return FakeScheduler()


@pytest.fixture
def schedules(scheduler: FakeScheduler) -> Schedules:
    return Schedules(scheduler, "tgam-dev")


def test_each_kind_of_work_gets_its_schedule(schedules: Schedules, scheduler: FakeScheduler) -> None:
    wanted = {"import": "cron(0 6 * * ? *)", "train": "rate(7 days)"}

    assert schedules.bring_in_line(GROUP, wanted, TARGET) == {"import": "created", "train": "created"}

    made = scheduler.schedules["tgam-dev", "tgam-personalize-train"]
    assert made["ScheduleExpression"] == "rate(7 days)"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["Target"]["DeadLetterConfig"] == {"Arn": TARGET.dead_letters_arn}
    assert json.loads(made["Target"]["Input"]) == {
        "bucket": "input-bucket",
        "key": "params.json",
        "work": ["train"],
        "requested_at": "<aws.scheduler.scheduled-time>",
    }


def test_what_is_as_wanted_is_left_alone(schedules: Schedules, scheduler: FakeScheduler) -> None:
    schedules.bring_in_line(GROUP, {"train": "rate(7 days)"}, TARGET)
    scheduler.schedules["tgam-dev", "tgam-personalize-train"]["Target"]["SomeDefault"] = 1
    scheduler.calls.clear()

    assert schedules.bring_in_line(GROUP, {"train": "rate(7 days)"}, TARGET) == {}
    assert set(scheduler.calls) == {"get_schedule"}


def test_a_changed_expression_changes_and_a_missing_one_removes(schedules: Schedules, scheduler: FakeScheduler) -> None:
    schedules.bring_in_line(GROUP, {"import": "rate(1 day)", "train": "rate(7 days)"}, TARGET)

    done = schedules.bring_in_line(GROUP, {"train": "rate(2 days)"}, TARGET)

    assert done == {"import": "removed", "train": "changed"}
    assert list(scheduler.schedules) == [("tgam-dev", "tgam-personalize-train")]


def test_no_schedules_remove_all(schedules: Schedules, scheduler: FakeScheduler) -> None:
    schedules.bring_in_line(GROUP, {"batch": "rate(1 day)"}, TARGET)

    assert schedules.bring_in_line(GROUP, {}, None) == {"batch": "removed"}
    assert schedules.bring_in_line(GROUP, {}, None) == {}


def test_names_stay_within_64_characters_and_different() -> None:
    names = [schedule_name(group, work) for group in ("g" * 63, "g" * 62 + "h") for work in ("import", "train")]

    assert len(set(names)) == 4
    assert max(map(len, names)) <= 64
