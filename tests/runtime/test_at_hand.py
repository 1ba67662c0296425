"""Answers without waiting: what is in memory and quick is answered, the rest says so and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from personalize_local.runtime.cost import HIGH_S, Cost
from personalize_local.runtime.engine import CostlyAnswerError, NotAtHandError
from personalize_local.runtime.get_personalized_ranking import get_personalized_ranking
from personalize_local.runtime.get_recommendations import get_recommendations
from tests.runtime.conftest import SCOPE


def ask_at_hand(newsroom: Any, **request: Any) -> list[str]:
    answer = get_recommendations(newsroom.engine.at_hand(), SCOPE, request)
    return [item["item_id"] for item in answer["item_list"]]


def ask_quickly(newsroom: Any, campaign_arn: str) -> None:
    """Ask in peace, and have the model count as quick, whatever else the machine did."""
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    for model in newsroom.engine.group_data(newsroom.group_arn).models.values():
        model.cost.note(0.0)


def test_nothing_is_read_for_who_must_not_wait(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    for _ in range(2):
        with pytest.raises(NotAtHandError) as raised:
            ask_at_hand(newsroom, campaign_arn=campaign_arn, user_id="ann")
        assert not isinstance(raised.value, CostlyAnswerError)
    newsroom.engine.group_data(newsroom.group_arn)
    with pytest.raises(NotAtHandError):
        ask_at_hand(newsroom, campaign_arn=campaign_arn, user_id="ann")


def test_what_is_in_memory_is_answered_the_same(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    ask_quickly(newsroom, campaign_arn)
    request = {"campaign_arn": campaign_arn, "user_id": "bob", "num_results": 5}
    assert ask_at_hand(newsroom, **request) == newsroom.recommended_ids(**request)


def test_changed_data_is_waited_for(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    ask_quickly(newsroom, campaign_arn)
    newsroom.import_csv("USERS", "USER_ID,AGE,PLAN\ncid,40,\n")
    with pytest.raises(NotAtHandError):
        ask_at_hand(newsroom, campaign_arn=campaign_arn, user_id="cid")


def test_a_model_that_takes_long_is_waited_for(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-personalized-ranking")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "input_list": ["i1", "i2"]}
    newsroom.rank(**request)
    (model,) = newsroom.engine.group_data(newsroom.group_arn).models.values()
    model.cost.note(0.0)
    assert get_personalized_ranking(newsroom.engine.at_hand(), SCOPE, request)["personalized_ranking"]
    for _ in range(100):
        model.cost.note(1.0)
    with pytest.raises(CostlyAnswerError):
        get_personalized_ranking(newsroom.engine.at_hand(), SCOPE, request)


def test_one_answer_that_was_held_up_does_not_make_a_model_slow() -> None:
    cost = Cost()
    assert cost.is_high
    cost.note(HIGH_S / 2)
    cost.note(HIGH_S * 5)
    assert not cost.is_high
    for _ in range(5):
        cost.note(HIGH_S * 5)
    assert cost.is_high
    cost.note(HIGH_S / 2)
    assert not cost.is_high


@pytest.mark.parametrize(("others_s", "is_high"), [(0.0, False), (2 * HIGH_S, True)])
def test_what_others_compute_for_an_answer_is_part_of_its_cost(
    others_s: float, is_high: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an answer that waits for other threads' products, and however long for its turn on the processor
    waited_s = iter([0.0, others_s])
    monkeypatch.setattr("personalize_local.runtime.cost.waited_s", lambda: next(waited_s))
    monkeypatch.setattr("personalize_local.runtime.cost.time.thread_time", lambda: 7.0)
    cost = Cost()
    with cost.measured():
        pass
    # THEN only the products count
    assert cost.is_high == is_high
