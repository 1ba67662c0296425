"""Trainings that show nowhere: models of another release when the service starts, and recommenders every seven days."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_local.jobs.recommender_model import model_arn_of
from personalize_local.jobs.unreadable_models import retrain_unreadable
from tests.behaviours import APPROXIMATED, behaviour
from tests.market import Market

WEEK_S = 7 * 86_400
RECIPE = "aws-ecomm-recommended-for-you"


@pytest.fixture
def market(world: Any) -> Market:
    """A market with data, whose one recommender is there and whose jobs only tests do."""
    return Market(world).fill()


def make_unreadable(market: Market, arn: str) -> None:
    training_id = market.world.workspace.resources.get(arn).body["training_id"]
    folder = market.world.workspace.artifacts.folder(model_arn_of(arn, training_id))
    (folder / "model.json").write_text(json.dumps({"kind": "OfAnotherRelease", "fields": {}}))


@behaviour(
    "GetRecommendations",
    "A model of another release is trained again when the service starts; until then 503 ServiceUnavailable",
    APPROXIMATED,
    source="inferred; the error: documented as common to all services",
)
def test_a_model_of_another_release_is_trained_again(market: Market, caplog: pytest.LogCaptureFixture) -> None:
    arn = market.open(RECIPE)
    before = market.describe(arn)
    make_unreadable(market, arn)
    with pytest.raises(ClientError) as refused:
        market.recommend(arn, userId="u1")
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    retrain_unreadable(market.world.service)
    retrain_unreadable(market.world.service)  # once is enough
    assert f"the model of {arn} cannot be read and is trained again" in caplog.text
    assert market.describe(arn) == before
    market.train(arn)
    assert market.recommended_ids(arn, userId="u1")
    assert market.describe(arn) == before
    assert market.world.workspace.jobs.of_resource(arn) is None


def test_models_that_can_be_read_are_left_alone(market: Market) -> None:
    arn = market.open(RECIPE)
    retrain_unreadable(market.world.service)
    assert market.world.workspace.jobs.of_resource(arn) is None


@behaviour(
    "CreateRecommender",
    "A recommender trains again every seven days, when there is new data; neither status nor update shows it",
    APPROXIMATED,
    source="documented, contract §4.5; that it shows nowhere: inferred",
)
def test_recommenders_train_again_every_week(market: Market) -> None:
    world, arn = market.world, market.open(RECIPE)
    retraining = world.service.recommender_retraining
    first = world.workspace.resources.get(arn).body["training_id"]

    def ordered_after(seconds: float) -> bool:
        world.clock.advance(seconds)
        retraining.tick()
        return world.workspace.jobs.of_resource(arn) is not None

    assert not ordered_after(WEEK_S - 120)
    assert ordered_after(240)
    assert market.describe(arn)["status"] == "ACTIVE" and "latestRecommenderUpdate" not in market.describe(arn)
    market.train(arn)
    assert world.workspace.resources.get(arn).body["training_id"] != first
    assert market.recommended_ids(arn, userId="u1")
    assert not ordered_after(WEEK_S + 60)  # no new data
    tracker = market.personalize.create_event_tracker(name="t", datasetGroupArn=market.group)["trackingId"]
    world.settle()
    event = {"eventType": "View", "itemId": "i1", "sentAt": 1_767_300_000}
    world.events.put_events(trackingId=tracker, sessionId="s", userId="u1", eventList=[event])
    assert ordered_after(WEEK_S + 60)


def test_a_recommender_that_is_stopped_or_deleted_ends_its_silent_training(market: Market) -> None:
    world, arn = market.world, market.open(RECIPE)
    world.clock.advance(WEEK_S + 60)
    world.service.recommender_retraining.tick()
    assert world.workspace.jobs.of_resource(arn) is not None
    market.personalize.stop_recommender(recommenderArn=arn)
    world.settle()
    world.clock.advance(2)
    world.service.queue.tick()
    assert world.workspace.jobs.of_resource(arn) is None
    assert market.describe(arn)["status"] == "INACTIVE"
