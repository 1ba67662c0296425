"""Which campaigns are released beside the live ones: by the quota, by what is there, and by who is named in a row."""

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.preflight import check_release_room
from personalize_spec.preflight.release_room import BESIDE, NO_ROOM, NO_ROW, campaigns_after, release_ways

MLOPS = Path(__file__).parents[2] / "mlops"
NEWSPAPER = json.loads((MLOPS / "params.json").read_text())
EVERY_KEY = json.loads((MLOPS / "examples" / "every-key.json").read_text())
NAMES = [
    "tgam-personalize-userPersonalizationCampaign",
    "tgam-personalize-similarItemsCampaign",
    "tgam-personalize-personalizedRankingCampaign",
]


def ways(data: Any, existing: list[str]) -> dict[str, str]:
    return {way.name: way.how for way in release_ways(data, existing)}


@pytest.mark.parametrize("live", [[], NAMES, [f"{name}-b" for name in NAMES]])
def test_of_three_campaigns_the_default_quota_leaves_one_in_place(live: list[str]) -> None:
    assert ways(NEWSPAPER, live) == dict(zip(NAMES, (BESIDE, BESIDE, NO_ROOM), strict=True))
    assert campaigns_after(NEWSPAPER, live) == 3


def test_what_is_there_in_both_slots_needs_no_room() -> None:
    soaking = [*NAMES, NAMES[0] + "-b", NAMES[2] + "-b"]
    assert ways(NEWSPAPER, soaking) == dict(zip(NAMES, (BESIDE, NO_ROOM, BESIDE), strict=True))


def test_campaigns_of_others_take_room() -> None:
    assert ways(NEWSPAPER, ["one", "two"]) == dict.fromkeys(NAMES, NO_ROOM)


def test_a_campaign_that_no_row_names_is_updated_in_place() -> None:
    found = ways(EVERY_KEY, [])
    assert [name for name, how in found.items() if how == NO_ROW] == [
        "daily-for-you-bold",
        "daily-by-meaning",
        "daily-order",
        "daily-next-offer",
    ]
    without = {**NEWSPAPER, "solutions": {"similarItems": NEWSPAPER["solutions"]["similarItems"]}}
    assert set(ways(without, []).values()) == {NO_ROW}


def test_the_finding_names_the_campaigns_and_the_quota_to_ask_for() -> None:
    [found] = check_release_room(NEWSPAPER, [])
    assert (found.path, found.severity) == ("campaigns", "warning")
    assert found.message == (
        "With 3 campaigns, and the 5 that AWS allows in a dataset group unless it has raised the quota, new versions "
        f"of {NAMES[0]} and {NAMES[1]} are tried beside the live ones; {NAMES[2]} is updated in place, for all "
        "readers at once. Ask AWS for 6."
    )


def test_without_room_for_the_front_page_its_release_fails() -> None:
    [found] = check_release_room(NEWSPAPER, ["one", "two"])
    assert f"a release of {NAMES[0]} fails, {NAMES[1]} is updated in place" in found.message
    assert found.message.endswith("Ask AWS for 8.")


def test_with_room_or_a_raised_quota_there_is_nothing_to_say() -> None:
    two = {
        **NEWSPAPER,
        "solutions": {key: NEWSPAPER["solutions"][key] for key in ("userPersonalization", "similarItems")},
    }
    assert list(check_release_room(two, [])) == []
    assert list(check_release_room(NEWSPAPER, [*NAMES, *(f"other-{number}" for number in range(9))])) == []


@pytest.mark.parametrize("data", [None, [], {"solutions": {"sims": 1}}, {"campaigns": 3, "solutions": {"sims": {}}}])
def test_any_file_has_ways(data: object) -> None:
    assert release_ways(data, []) == []
