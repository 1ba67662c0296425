"""Quotas: what is there and what would come, per kind; names that exist already are not counted twice."""

import json
from pathlib import Path

import pytest

from personalize_spec.preflight.quotas import QUOTAS, check_quotas, check_release_room, wanted_names

MLOPS = Path(__file__).parents[2] / "mlops"
GOOD = json.loads((MLOPS / "params.json").read_text()) | {
    "recommenders": json.loads((MLOPS / "examples" / "recommenders.json").read_text())["recommenders"]
}


@pytest.mark.parametrize("kind", QUOTAS)
def test_the_last_place_is_given_and_one_more_is_told(kind: str) -> None:
    wanted, quota = wanted_names(GOOD)[kind], QUOTAS[kind]
    room = [f"other-{place}" for place in range(quota.most - len(wanted))]

    assert list(check_quotas(GOOD, {kind: room})) == []
    [found] = check_quotas(GOOD, {kind: [*room, "one-more"]})
    assert (found.path, found.severity) == (quota.path, "warning")
    assert f"AWS allows {quota.most} unless it has raised the quota" in found.message


@pytest.mark.parametrize("kind", QUOTAS)
def test_a_file_that_is_deployed_already_makes_nothing_more(kind: str) -> None:
    others = [f"other-{place}" for place in range(QUOTAS[kind].most)]
    assert list(check_quotas(GOOD, {kind: [*others, *wanted_names(GOOD)[kind]]})) == []


@pytest.mark.parametrize("data", [None, [], {"filters": [1, {"name": 3}], "solutions": {"sims": 1}, "datasets": []}])
def test_any_file_is_counted(data: object) -> None:
    assert list(check_quotas(data, {})) == []


def test_a_release_needs_room_beside_the_live_campaigns() -> None:
    [found] = check_release_room(GOOD, {})
    assert (found.path, found.severity) == ("campaigns", "warning")
    assert found.message.startswith("A release makes up to 3 campaigns beside the 3 there are, and AWS allows 5")
    one = {**GOOD, "solutions": {"similarItems": GOOD["solutions"]["similarItems"]}}
    assert list(check_release_room(one, {})) == []
