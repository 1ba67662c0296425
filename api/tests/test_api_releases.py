"""A release seen from the API: weights of two arms move, a campaign goes away, and no reader notices."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from recommendations.directory import DOUBT_S, WAIT_S
from recommendations_fakes import client_error
from test_api_answers import THROTTLED, ids_of, row

LIVE, NEW = "daily", "daily-b"
STEPS = ((100, None), (100, 0), (90, 10), (50, 50), (0, 100), (None, 100))  # weights of both rows; None is no row
READERS = [f"reader-{number}" for number in range(40)]
GONE = client_error("ResourceNotFoundException", message="no such campaign")


def arms(live: int | None, new: int | None, **columns):
    weights = {LIVE: live, NEW: new}
    return [row(name, weight, **columns) for name, weight in weights.items() if weight is not None]


def scans(dynamodb) -> int:
    return dynamodb.calls.count({"scan": "settings"})


def test_readers_move_with_the_weights_and_always_get_their_list(shop, dynamodb, clock):
    before: dict[str, str] = {}
    for live, new in STEPS:
        dynamodb.tables["settings"] = arms(live, new)
        clock.now_s += shop.settings.settings_ttl_s
        answers = {reader: shop.ask(visitor_id=reader, limit=5) for reader in READERS}
        assert {(status, len(ids_of(body)), body[0]["source"]) for status, body, _ in answers.values()} == {
            (200, 5, "personalize")
        }
        now = {reader: body[0]["backend"] for reader, (_, body, _) in answers.items()}
        assert all(arm == NEW for reader, arm in now.items() if before.get(reader) == NEW)  # nobody goes back
        assert set(now.values()) == {name for name, weight in ((LIVE, live), (NEW, new)) if weight}
        before = now


def test_no_request_fails_while_the_rows_change_under_load(shop, dynamodb, clock):
    def ask(reader: str) -> tuple[int, str]:
        status, body, _ = shop.ask(visitor_id=reader, limit=3)
        return status, body[0]["source"]

    with ThreadPoolExecutor(8) as threads:
        for live, new in STEPS:
            dynamodb.tables["settings"] = arms(live, new)
            clock.now_s += shop.settings.settings_ttl_s
            assert set(threads.map(ask, READERS)) == {(200, "personalize")}


def test_a_campaign_that_is_gone_is_left_at_once_for_the_one_that_the_table_names(shop, dynamodb, personalize):
    dynamodb.tables["settings"] = arms(100, 0)
    assert shop.ask()[1][0]["backend"] == LIVE
    dynamodb.tables["settings"] = arms(None, 100)
    personalize.broken[LIVE] = GONE
    shop.clock.now_s += DOUBT_S  # its time to be read again has not come
    status, body, _ = shop.ask(limit=4)
    assert (status, len(ids_of(body)), body[0]["backend"], body[0]["source"]) == (200, 4, NEW, "personalize")
    assert scans(dynamodb) == 2
    shop.ask()
    assert scans(dynamodb) == 2  # from now on the new row is what is known


@pytest.mark.parametrize(("path", "column"), [("/related", "relatedCampaignArn"), ("/rerank", "rankingCampaignArn")])
def test_so_are_the_sisters_campaigns(shop, dynamodb, personalize, path, column):
    def with_sister(name: str) -> list[dict]:
        return [row(name, 100, **{column: f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}-sister"})]

    body = {"visitor_id": "r", "content_id": "A-1", "content_ids": ["A-1", "A-2"]}
    dynamodb.tables["settings"] = with_sister(LIVE)
    assert shop.call("POST", path, body)[1][0]["backend"] == LIVE
    dynamodb.tables["settings"] = with_sister(NEW)
    personalize.broken[f"{LIVE}-sister"] = GONE
    shop.clock.now_s += DOUBT_S
    _, answer, _ = shop.call("POST", path, body)
    assert (answer[0]["backend"], answer[0]["source"]) == (NEW, "personalize")


def test_a_table_that_cannot_be_read_then_is_the_popular_list_until_it_can(shop, dynamodb, personalize, clock):
    dynamodb.tables["settings"] = arms(100, 0)
    shop.refresh_popular()
    dynamodb.tables["settings"], dynamodb.errors["settings"] = arms(None, 100), THROTTLED
    personalize.broken[LIVE] = GONE
    clock.now_s += DOUBT_S
    assert shop.ask(limit=4)[1][0]["source"] == "popular"
    del dynamodb.errors["settings"]
    clock.now_s += DOUBT_S
    assert shop.ask(limit=4)[1][0]["backend"] == NEW


def test_an_event_carries_its_list_whichever_arm_made_it_as_both_have_one_tracker(shop, dynamodb):
    dynamodb.tables["settings"] = arms(50, 50, eventTrackerId="tracker")
    lists = {body[0]["backend"]: body[0]["recommendationId"] for _, body, _ in map(ask_of(shop), READERS)}
    assert set(lists) == {LIVE, NEW}
    for arm in lists:
        dynamodb.put_item(TableName="exposures", Item={"recommendationId": {"S": f"RID-{arm}"}, "arm": {"S": arm}})
        event = {"event_type": "page_view", "content_id": "A-1", "page_rid": f"RID-{arm}"}
        shop.call("POST", "/events", {"visitor_id": "r", "session_id": "s", "events": [event]})
    sent = [(call["trackingId"], call["eventList"][0].get("recommendationId")) for _, call in shop.events.calls]
    assert sent == [("tracker", f"RID-{arm}") for arm in lists]


def ask_of(shop):
    return lambda reader: shop.ask(visitor_id=reader)


def test_an_arm_without_traffic_never_steps_in(shop, dynamodb, personalize):
    dynamodb.tables["settings"] = arms(100, 0)
    shop.refresh_popular()
    personalize.broken[LIVE] = GONE
    assert {shop.ask(visitor_id=reader)[1][0]["source"] for reader in READERS} == {"popular"}
    assert not [call for call in personalize.calls if call["campaignArn"].endswith(f"/{NEW}")]


def test_refusals_do_not_make_a_scan_each(shop, dynamodb, personalize, clock):
    dynamodb.tables["settings"] = arms(100, None)
    shop.refresh_popular()
    personalize.broken[LIVE] = GONE
    clock.now_s += DOUBT_S
    for _ in range(10):
        assert shop.ask()[0] == 200
    assert scans(dynamodb) == 2


def test_a_slow_table_holds_nobody_up(shop, dynamodb, clock, monkeypatch):
    monkeypatch.setattr("recommendations.directory.WAIT_S", WAIT_S / 10)
    dynamodb.tables["settings"] = arms(100, None)
    shop.ask()
    released, scan = Event(), dynamodb.scan

    def slow(**call):
        released.wait(30)
        return scan(**call)

    dynamodb.scan = slow
    clock.now_s += shop.settings.settings_ttl_s
    try:
        answers = [shop.ask(limit=2) for _ in range(3)]
    finally:
        released.set()
    assert {(status, body[0]["backend"]) for status, body, _ in answers} == {(200, LIVE)}
