"""How traffic moves: to its end, in the steps of the file, and never past a moment without a row that serves."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline.arms import campaigns_of, live_row, own_rows, share_of, with_withdrawn
from pipeline.errors import ResourceConflictError
from pipeline.traffic import AT_ONCE, HALF_WAY, Pace, move_towards, next_move, seconds, weights

from personalize_spec.parameters.reading import traffic_of

SHARES = st.sampled_from([0.0, 1.0, 10.0, 50.0, 99.0, 100.0])
STEPS = st.lists(st.integers(1, 99), max_size=5, unique=True).map(lambda steps: (*map(float, sorted(steps)), 100.0))


@given(STEPS, st.integers(1, 3600), SHARES)
def test_every_release_arrives_and_holds_each_step(steps: tuple[float, ...], step_s: int, share: float) -> None:
    pace = Pace(steps, step_s, 1)
    held_s, waited_s, seen = 0, 0, [share]
    for _ in range(100_000):
        move = next_move(pace, share, held_s)
        if move.share is not None:
            share, held_s = move.share, 0
            seen.append(share)
        if move.arrived:
            break
        held_s += move.wait_s
        waited_s += move.wait_s

    assert share == 100
    assert seen == sorted(seen)
    assert set(seen) <= {*steps, seen[0], HALF_WAY}
    assert waited_s >= step_s * sum(each > seen[0] for each in steps[:-1])


@given(SHARES, SHARES, st.sampled_from([1.0, 25.0, 100.0]))
def test_a_reader_of_half_a_move_meets_an_arm_with_traffic(share: float, target: float, ratio: float) -> None:
    """Of both rows either the old or the new one may be seen."""
    for _ in range(3):
        move = move_towards(share, target)
        if move.share is None:
            break
        before, after = weights(ratio, share), weights(ratio, move.share)
        for new, live in itertools.product((before[0], after[0]), (before[1], after[1])):
            assert new + live > 0
        share = move.share

    assert share == target


@given(st.floats(0.001, 1000), SHARES)
def test_weights_share_what_the_dataset_group_has(ratio: float, share: float) -> None:
    new, live = weights(ratio, share)

    assert new >= 0 and live >= 0
    assert new + live == pytest.approx(ratio, abs=1e-5)
    if ratio > 1:
        assert share_of({"trafficRatio": new}, {"trafficRatio": live}) == pytest.approx(share, abs=0.1)


def test_seconds_are_whole_and_at_least_one() -> None:
    assert [seconds(each) for each in (0, 0.01, 3.0, 3.2)] == [1, 1, 3, 4]
    pace = Pace.of_file(traffic_of({"traffic": {"stepMinutes": 0.05, "soakHours": 0}}))
    assert (pace.step_s, pace.soak_s, pace.steps) == (3, 1, (10.0, 50.0, 100.0))


def test_at_once_still_rests_half_way() -> None:
    assert [next_move(AT_ONCE, share, 1).share for share in (0.0, 50.0, 100.0)] == [50.0, 100.0, None]


def row(name: str, weight: float, released: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "trafficRatio": weight, **({"releasedAt": released} if released else {}), **more}


@pytest.mark.parametrize(
    ("rows", "live"),
    [
        ([], None),
        ([row("daily", 0)], None),
        ([row("daily", 100)], "daily"),
        ([row("daily", 90), row("daily-b", 10)], "daily"),
        ([row("daily", 0), row("daily-b", 100, "2026-05-04T10:00")], "daily-b"),
        ([row("daily", 100, "2026-05-04T09:00"), row("daily-b", 50)], "daily"),
        ([row("daily", 100, "2026-05-04T09:00"), row("daily-b", 0, "2026-05-04T10:00")], "daily-b"),
        ([{"name": "daily"}], "daily"),
    ],
)
def test_the_live_arm_is_the_one_released_last(rows: list[dict[str, Any]], live: str | None) -> None:
    found = live_row("daily", rows)

    assert (found["name"] if found else None) == live


def test_a_row_of_another_dataset_group_is_refused() -> None:
    with pytest.raises(ResourceConflictError, match="daily-b of the settings table belongs to the dataset group"):
        own_rows("daily", [row("daily", 1), row("daily-b", 1)])


def test_what_was_withdrawn_is_remembered_once_and_not_for_ever() -> None:
    old = {"withdrawn": [str(number) for number in range(20)]}

    assert with_withdrawn(old, ["3", "20"])[-2:] == ["19", "20"]
    assert len(with_withdrawn(old, ["20"])) == 20


def test_columns_that_are_empty_name_no_campaign() -> None:
    assert campaigns_of({"campaignArn": "a", "relatedCampaignArn": ""}) == ["a"]
    assert campaigns_of(None) == []
