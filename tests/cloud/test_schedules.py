"""A schedule's target learns when it was meant to run."""

from __future__ import annotations

import json

import pytest

from personalize_local.cloud.emulator.schedules import with_context

EVENT = {"Source": "aws.scheduler", "Time": 1_777_885_200.9, "EventId": "e-1", "Resources": ["arn:aws:scheduler:x"]}


def test_the_attributes_are_replaced_wherever_they_stand() -> None:
    written = {
        "at": "<aws.scheduler.scheduled-time>",
        "by": "<aws.scheduler.schedule-arn> <aws.scheduler.execution-id>",
    }

    target = with_context({"Arn": "a", "Input": json.dumps(written)}, EVENT)

    assert json.loads(target["Input"]) == {"at": "2026-05-04T09:00:00Z", "by": "arn:aws:scheduler:x e-1"}


@pytest.mark.parametrize(
    ("target", "event"),
    [
        ({"Arn": "a"}, EVENT),
        ({"Arn": "a", "Input": '{"at": "<aws.scheduler.scheduled-time>"}'}, {**EVENT, "Source": "aws.events"}),
    ],
)
def test_other_targets_stay_as_they_are(target: dict[str, str], event: dict[str, object]) -> None:
    assert with_context(target, event) is target
