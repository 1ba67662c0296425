"""Quotas: what is there and what would come, per kind; names that exist already are not counted twice."""

import json
from pathlib import Path

import pytest

from personalize_spec.preflight.quotas import QUOTAS, check_quotas, wanted_names

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


def test_a_campaign_in_its_second_slot_is_not_made_again() -> None:
    live = [f"{name}-b" for name in wanted_names(GOOD)["campaign"]]
    assert list(check_quotas(GOOD, {"campaign": [*live, "one", "two"]})) == []
