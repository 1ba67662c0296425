"""Somebody new, of whom PutUsers has told something, gets what people alike turn to: by real clients, at once."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.behaviours import APPROXIMATED, behaviour
from tests.town import FIRST_S, Town

ITEMS = [f"i{number:02}" for number in range(40)]
CLUBS = ("gold", "silver")
FIRST = "aws-user-personalization"
PERSONALIZATION = (FIRST, "aws-user-personalization-v2")
RANKING = ("aws-personalized-ranking", "aws-personalized-ranking-v2")


def interactions_csv() -> str:
    """Let four in five members of each club like their half of the catalogue, the others the other, and read there."""
    rng = np.random.default_rng(3)
    rows = []
    for user in range(120):
        liked = user % 2 if user % 10 < 8 else 1 - user % 2
        for step in range(15):
            half = liked if rng.random() < 0.9 else 1 - liked
            rows.append(f"u{user},{ITEMS[2 * rng.integers(20) + half]},read,{FIRST_S + 60 * step + user % 7}\n")
    return "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n" + "".join(rows)


class Clubs(Town):
    """A town whose readers are in one of two clubs; even items are liked in the one, odd ones in the other."""

    csv: Mapping[str, str] = {
        "Interactions": interactions_csv(),
        "Items": "ITEM_ID,CATEGORY\n" + "".join(f"{item},news\n" for item in ITEMS),
        "Users": "USER_ID,MEMBERSHIP\n" + "".join(f"u{user},{CLUBS[user % 2]}\n" for user in range(120)),
    }
    recipes: Mapping[str, str] = {name.removeprefix("aws-"): name for name in (*PERSONALIZATION, *RANKING)}

    def put_user(self, user_id: str, membership: str | None) -> None:
        properties = json.dumps({"membership": membership})
        arn = self.found().dataset_arns["USERS"]
        self.world.events.put_users(datasetArn=arn, users=[{"userId": user_id, "properties": properties}])

    def read(self, user_id: str, item_id: str) -> None:
        event = {"eventType": "read", "itemId": item_id, "sentAt": self.world.clock.now()}
        tracking_id = self.found().tracking_id
        self.world.events.put_events(trackingId=tracking_id, userId=user_id, sessionId=user_id, eventList=[event])

    def share_of(self, recipe: str, user_id: str, club: str) -> float:
        """Give the share of a club's items among a user's first ten."""
        arn = self.campaign_arn(recipe)
        if recipe in RANKING:
            request = {"campaignArn": arn, "userId": user_id, "inputList": ITEMS}
            answer = self.world.runtime.get_personalized_ranking(**request)["personalizedRanking"]
        else:
            answer = self.world.runtime.get_recommendations(campaignArn=arn, userId=user_id, numResults=10)["itemList"]
        return float(np.mean([ITEMS.index(each["itemId"]) % 2 == CLUBS.index(club) for each in answer[:10]]))

    def campaign_arn(self, recipe: str) -> str:
        campaigns = self.world.personalize.list_campaigns()["campaigns"]
        return next(each["campaignArn"] for each in campaigns if each["name"] == recipe.removeprefix("aws-"))

    def explore_nothing(self) -> None:
        """Leave exploration out where a campaign says how much there is; the others explore a place in a thousand."""
        config = {"itemExplorationConfig": {"explorationWeight": "0"}}
        self.world.personalize.update_campaign(campaignArn=self.campaign_arn(FIRST), campaignConfig=config)
        self.world.settle()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the town once; give its folder."""
    folder = tmp_path_factory.mktemp("clubs") / "data"
    clubs = Clubs(folder)
    clubs.build()
    clubs.explore_nothing()
    clubs.world.close()
    return folder


@pytest.fixture
def clubs(built: Path, tmp_path: Path) -> Iterator[Clubs]:
    shutil.copytree(built, tmp_path / "data")
    opened = Clubs(tmp_path / "data")
    yield opened
    opened.world.close()


@behaviour(
    "PutUsers, GetRecommendations, GetPersonalizedRanking",
    "Somebody new gets what people alike turn to from the moment that a record is put",
    APPROXIMATED,
    source="inferred: AWS's networks read users' metadata; documented for AWS: within 20 minutes",
)
@pytest.mark.parametrize("recipe", [*PERSONALIZATION, *RANKING])
def test_what_is_put_of_somebody_new_decides_what_they_get(clubs: Clubs, recipe: str) -> None:
    # GIVEN two new readers, who get what everybody does
    before = {club: clubs.share_of(recipe, f"new-{club}", "gold") for club in CLUBS}
    assert before["gold"] == pytest.approx(before["silver"], abs=0.101)  # a place may be explored

    # WHEN it is said which club each is in
    for club in CLUBS:
        clubs.put_user(f"new-{club}", club)

    # THEN each gets the items that are read there
    assert [clubs.share_of(recipe, f"new-{club}", club) > 0.8 for club in CLUBS] == [True, True]

    # AND another record counts in its place
    clubs.put_user("new-gold", "silver")
    assert clubs.share_of(recipe, "new-gold", "silver") > 0.8


def test_a_record_counts_after_a_restart_and_beside_what_others_do_now(clubs: Clubs, tmp_path: Path) -> None:
    # GIVEN a record, and others who read the other club's items since
    clubs.put_user("new", "gold")
    for number in range(20):
        clubs.read(f"guest-{number}", ITEMS[2 * (number % 4) + 1])
    assert clubs.share_of(FIRST, "guest-of-no-club", "silver") > 0.3

    # WHEN the service starts again THEN it is the club that decides
    clubs.world.close()
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    again = Clubs(tmp_path / "again")
    with contextlib.closing(again.world):
        assert again.share_of(FIRST, "new", "gold") > 0.6


def test_a_record_without_a_value_says_nothing(clubs: Clubs) -> None:
    clubs.put_user("new", None)
    shares = [clubs.share_of(FIRST, user_id, "gold") for user_id in ("new", "unknown")]
    assert shares[0] == shares[1]


def test_what_a_new_reader_does_counts_beside_the_record(clubs: Clubs) -> None:
    # GIVEN somebody of one club who reads what the other reads
    clubs.put_user("new", "gold")
    before = clubs.share_of(FIRST, "new", "silver")
    for place in range(6):
        clubs.read("new", ITEMS[2 * place + 1])
    # THEN more of the other's is recommended
    assert clubs.share_of(FIRST, "new", "silver") > before
