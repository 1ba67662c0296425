"""What each part adds to listed items, asked as GetRecommendations is."""

from __future__ import annotations

from pathlib import Path

import pytest

from personalize_local.runtime.engine import Engine
from personalize_local.runtime.explain import POPULARITY, SEEN
from personalize_local.runtime.explain_recommendations import explain_recommendations
from personalize_spec.arns import Scope
from personalize_spec.errors import ResourceNotFoundException
from tests.conftest import ACCOUNT_ID, REGION
from tests.town import ITEMS, copy_town

SCOPE = Scope(REGION, ACCOUNT_ID)


def test_items_are_explained_in_the_order_of_their_scores(tmp_path: Path) -> None:
    town = copy_town(tmp_path / "town")
    campaign = town.arns["campaign_arn"]
    quiet = {"itemExplorationConfig": {"explorationWeight": "0"}}
    town.world.personalize.update_campaign(campaignArn=campaign, campaignConfig=quiet)
    town.world.settle()
    answer = town.world.runtime.get_recommendations(campaignArn=campaign, userId="u7", numResults=25)
    listed = [one["itemId"] for one in answer["itemList"]]
    request = {"campaign_arn": campaign, "user_id": "u7", "item_ids": [*listed, "unknown"]}
    told = explain_recommendations(Engine(town.world.service), SCOPE, request)
    assert told.keys() == set(listed)
    places = [told[item]["place"] for item in listed]
    assert places == sorted(places)
    assert all(POPULARITY in parts for parts in told.values())
    town.world.close()


def test_only_what_was_read_is_said_to_have_been(tmp_path: Path) -> None:
    town = copy_town(tmp_path / "town")
    request = {"campaign_arn": town.arns["campaign_arn"], "user_id": "u7", "item_ids": ITEMS}
    told = explain_recommendations(Engine(town.world.service), SCOPE, request)
    read = {ITEMS[(7 * 7 + step * step) % 40] for step in range(20)}
    assert {item for item, parts in told.items() if parts[SEEN] != 0} == read
    town.world.close()


def test_a_campaign_that_is_not_there(tmp_path: Path) -> None:
    town = copy_town(tmp_path / "town")
    request = {"campaign_arn": SCOPE.arn("campaign", "none"), "user_id": "u7", "item_ids": ITEMS}
    with pytest.raises(ResourceNotFoundException, match="does not exist"):
        explain_recommendations(Engine(town.world.service), SCOPE, request)
    town.world.close()
