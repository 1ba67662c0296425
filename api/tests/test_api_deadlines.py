"""Slow dependencies: nobody waits longer than the deadline, and nobody leaves without a list."""

import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from recommendations.breaker import FAILURES_TO_OPEN, REST_S, Breakers
from recommendations.deadline import Deadline
from recommendations.racing import MIN_SAMPLES, HedgePolicy
from recommendations_fakes import IDS, FakeDynamo, FakePersonalize, ManualClock, Shop
from test_api_answers import THROTTLED, ids_of, row


@pytest.fixture
def released() -> Iterator[Event]:
    """What hangs, hangs until the test is over."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def real_shop(personalize: FakePersonalize, dynamodb: FakeDynamo) -> Callable[..., Shop]:
    """A shop by the real clock, with a deadline short enough to wait for."""
    return lambda **changes: Shop(personalize, dynamodb, time.monotonic, **{"DEADLINE_MS": 60, **changes})


def hanging(operation: Callable[..., Any], released: Event, hangs: Callable[[dict[str, Any]], bool]):
    def answer(**call: Any) -> Any:
        if hangs(call):
            released.wait(30)
        return operation(**call)

    return answer


def test_a_hanging_personalize_is_the_popular_list(real_shop, personalize, released):
    shop = real_shop()
    shop.refresh_popular()
    personalize.get_recommendations = hanging(personalize.get_recommendations, released, lambda call: True)
    status, body, _ = shop.ask(limit=7)
    assert (status, len(ids_of(body)), body[0]["source"]) == (200, 7, "popular")
    assert not released.is_set()


def test_a_hanging_backend_is_raced_by_the_other(real_shop, personalize, dynamodb, released):
    dynamodb.tables["settings"] = [row("blue"), row("green")]
    shop = real_shop(DEADLINE_MS=2000)
    shop.refresh_popular()
    personalize.get_recommendations = hanging(
        personalize.get_recommendations, released, lambda call: call["campaignArn"].endswith("blue")
    )
    hedged: list[float] = []
    for number in range(4):
        _, body, _ = shop.ask(visitor_id=f"reader-{number}", limit=3)
        assert (body[0]["backend"], len(ids_of(body))) == ("green", 3)
        hedged += shop.values("HedgedCalls")
    assert 1 <= sum(hedged) <= 4  # those whose own backend is blue


def test_hanging_pictures_cost_the_pictures_only(real_shop, dynamodb, released):
    shop = real_shop(DEADLINE_MS=1000)
    dynamodb.batch_get_item = hanging(dynamodb.batch_get_item, released, lambda call: "images" in call["RequestItems"])
    status, body, _ = shop.ask(limit=3)
    assert (status, ids_of(body), body[0]["source"]) == (200, IDS[:3], "personalize")


def test_a_hanging_content_table_is_replaced_by_articles_of_before(real_shop, dynamodb, released):
    shop = real_shop()
    shop.refresh_popular()
    dynamodb.batch_get_item = hanging(dynamodb.batch_get_item, released, lambda call: True)
    status, body, _ = shop.ask(limit=3)
    assert (status, ids_of(body), body[0]["source"]) == (200, IDS[:3], "personalize")


def test_a_top_up_that_hangs_leaves_what_there_is(real_shop, personalize, released):
    shop = real_shop()
    shop.refresh_popular()
    personalize.answers["daily-category"] = ["A-9", "A-8"]
    personalize.get_recommendations = hanging(
        personalize.get_recommendations, released, lambda call: call["filterArn"].endswith("daily-unread")
    )
    status, body, _ = shop.ask(limit=4, context="art_same_section_mostpopular")
    assert (status, ids_of(body)) == (200, ["A-9", "A-8"])


def test_while_there_is_nothing_to_fall_back_on_a_late_answer_is_waited_for(real_shop, personalize, released):
    shop = real_shop(DEADLINE_MS=1)
    status, body, _ = shop.ask(limit=3)
    assert (status, body[0]["source"]) == (200, "personalize")


def test_a_throttled_backend_alone_has_a_second_try(shop, personalize):
    answers = iter([THROTTLED])
    answer = personalize.get_recommendations

    def once(**call: Any) -> Any:
        if error := next(answers, None):
            raise error
        return answer(**call)

    personalize.get_recommendations = once
    status, body, _ = shop.ask(limit=2)
    assert (status, body[0]["source"]) == (200, "personalize")


def test_hedges_wait_for_the_usual_time_and_are_few():
    policy = HedgePolicy()
    assert policy.wait_s(0.4) == 0.4  # nothing is known yet
    for _ in range(MIN_SAMPLES):
        policy.answered(0.1)
    assert policy.wait_s(0.4) == pytest.approx(0.15)
    assert [policy.take() for _ in range(7)] == [True] * 5 + [False] * 2
    for _ in range(11):
        policy.answered(0.1)
    assert [policy.take(), policy.take()] == [True, False]


def test_a_breaker_rests_and_tries_again():
    clock = ManualClock()
    breakers = Breakers(clock)
    for _ in range(FAILURES_TO_OPEN):
        assert breakers.allows("table")
        breakers.failed("table")
    assert not breakers.allows("table") and breakers.allows("other")
    clock.now_s += REST_S
    assert breakers.allows("table") and not breakers.allows("table")  # one tries
    breakers.answered("table")
    assert breakers.allows("table")


def test_parts_of_a_deadline():
    clock = ManualClock()
    deadline = Deadline(clock.now_s + 10, clock)
    assert deadline.part(0.5).left_s() == 5
    clock.now_s += 11
    assert (deadline.left_s(), deadline.passed()) == (0, True)
