"""State machine definitions in YAML become the JSON that the emulator reads."""

from __future__ import annotations

import json

import pytest

from personalize_local.cloud.emulator.definitions import as_json


def test_json_passes_unchanged() -> None:
    assert as_json('{"StartAt":  "A"}') == '{"StartAt":  "A"}'


def test_yaml_becomes_json_with_paths_numbers_and_booleans() -> None:
    text = """
StartAt: Ask
States:
  Ask:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters: {"Payload.$": $, Name.$: "States.Format('{}-x', $.name)"}
    Retry: [{ErrorEquals: [States.ALL], BackoffRate: 1.5, MaxAttempts: 3}]
    End: true
"""
    ask = json.loads(as_json(text))["States"]["Ask"]
    assert ask["Parameters"] == {"Payload.$": "$", "Name.$": "States.Format('{}-x', $.name)"}
    assert ask["Retry"][0] == {"ErrorEquals": ["States.ALL"], "BackoffRate": 1.5, "MaxAttempts": 3}
    assert ask["End"] is True


def test_a_time_stays_text() -> None:
    assert json.loads(as_json("Timestamp: 2026-01-02T03:04:05Z")) == {"Timestamp": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "neither JSON nor YAML:"), ("just text", "neither a JSON nor a YAML object")]
)
def test_what_is_neither_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_json(text)
