"""GetRecommendations of recommenders: real clients, real models of all ten use cases."""

import pytest
from botocore.exceptions import ClientError

from personalize_spec.recipes import RECIPES
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.market import ECOMMERCE, ITEM_COUNT, STEPS, USER_COUNT, VIDEO_ON_DEMAND, Market, item_of

FOR_YOU, TOP_PICKS = "aws-ecomm-recommended-for-you", "aws-vod-top-picks"
QUIET = {"itemExplorationConfig": {"explorationWeight": "0"}}
USE_CASES = sorted(name for name, recipe in RECIPES.items() if recipe.domain is not None)


@pytest.fixture
def shop(world):
    return Market(world, ECOMMERCE).fill()


@pytest.fixture
def cinema(world):
    return Market(world, VIDEO_ON_DEMAND).fill()


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def taken(user, parity):
    """Give the items of a user's even steps (views, watches) or odd ones (purchases, clicks)."""
    return {f"i{item_of(user, step)}" for step in range(STEPS) if step % 2 == parity}


def send(market, user_id, item_id, event_type):
    """Stream an event; make the tracker first when there is none."""
    trackers = market.personalize.list_event_trackers(datasetGroupArn=market.group)["eventTrackers"]
    if not trackers:
        market.personalize.create_event_tracker(name="tracker", datasetGroupArn=market.group)
        market.world.settle()
        trackers = market.personalize.list_event_trackers(datasetGroupArn=market.group)["eventTrackers"]
    described = market.personalize.describe_event_tracker(eventTrackerArn=trackers[0]["eventTrackerArn"])
    event = {"eventType": event_type, "itemId": item_id, "sentAt": market.world.clock.now()}
    market.world.events.put_events(
        trackingId=described["eventTracker"]["trackingId"], userId=user_id, sessionId="s", eventList=[event]
    )


def filter_of(market, expression, name="choice"):
    arn = market.personalize.create_filter(name=name, datasetGroupArn=market.group, filterExpression=expression)
    market.world.settle()
    return arn["filterArn"]


# --- what each use case needs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_answers_with_the_ids_it_needs_and_without_scores(world, name):
    """Source: contract §4.5 (inputs, no scores)."""
    recipe = RECIPES[name]
    market = Market(world, recipe.domain).fill()
    arn = market.open(name)
    needed = {"userId": "u1"} if recipe.needs_user_id else {}
    needed |= {"itemId": "i5"} if recipe.needs_item_id else {}
    answer = market.recommend(arn, numResults=10, **needed)
    assert len(answer) == len({item["itemId"] for item in answer}) == 10
    assert all(set(item) == {"itemId"} for item in answer)
    for member in needed:
        code, message = refused(market.recommend, arn=arn, **{key: needed[key] for key in needed if key != member})
        assert (code, message) == (
            "InvalidInputException",
            f"The recipe {name} needs an itemId." if member == "itemId" else f"The recipe {name} needs a userId.",
        )


@behaviour(
    "CreateRecommender, GetRecommendations",
    "Each of the ten use cases needs the ids that the guide names",
    EXACT,
    source="documented, contract §4.5",
)
def test_the_ids_that_the_ten_use_cases_need():
    """Source: contract §4.5."""
    needs = {name: (RECIPES[name].needs_user_id, RECIPES[name].needs_item_id) for name in USE_CASES}
    assert needs == {
        "aws-ecomm-customers-who-viewed-x-also-viewed": (True, True),
        "aws-ecomm-frequently-bought-together": (False, True),
        "aws-ecomm-popular-items-by-purchases": (True, False),
        "aws-ecomm-popular-items-by-views": (True, False),
        "aws-ecomm-recommended-for-you": (True, False),
        "aws-vod-because-you-watched-x": (True, True),
        "aws-vod-more-like-x": (True, True),
        "aws-vod-most-popular": (True, False),
        "aws-vod-top-picks": (True, False),
        "aws-vod-trending-now": (False, False),
    }


# --- what they recommend -------------------------------------------------------------------------------------------


@behaviour(
    "CreateRecommender",
    "Popular is what most distinct users viewed, bought or watched",
    APPROXIMATED,
    source="documented; by users also for views and purchases: inferred",
)
@pytest.mark.parametrize(("name", "parity"), [("by-views", 0), ("by-purchases", 1)])
def test_popular_is_what_most_users_viewed_or_bought(shop, name, parity):
    arn = shop.open(f"aws-ecomm-popular-items-{name}")
    users_of = {f"i{item}": 0 for item in range(ITEM_COUNT)}
    for user in range(USER_COUNT):
        for item_id in taken(user, parity):
            users_of[item_id] += 1
    ids = shop.recommended_ids(arn, userId="anybody", numResults=5)
    counts = [users_of[item_id] for item_id in ids]
    assert counts == sorted(users_of.values(), reverse=True)[:5]


@behaviour(
    "CreateRecommender",
    "Bought together is what the same users bought",
    APPROXIMATED,
    source="inferred: AWS's model is its own",
)
def test_bought_together_is_what_the_same_users_bought(shop):
    arn = shop.open("aws-ecomm-frequently-bought-together")
    ids = shop.recommended_ids(arn, itemId="i5", numResults=3)
    assert {int(item_id[1:]) % 4 for item_id in ids} == {1}  # the circle of i5
    assert "i5" not in ids
    assert len(shop.recommended_ids(arn, itemId="unknown")) == 25  # popular ones


def test_more_like_a_video_is_of_its_kind_and_not_watched(cinema):
    arn = cinema.open("aws-vod-more-like-x")
    ids = cinema.recommended_ids(arn, itemId="i5", userId="nobody", numResults=5)
    assert {int(item_id[1:]) % 4 for item_id in ids} == {1}


def test_the_personalised_one_keeps_to_the_users_circle(cinema):
    """GIVEN users who keep to their circle's items THEN most of the first places are of the circle."""
    arn = cinema.open(TOP_PICKS, recommenderConfig=QUIET)
    first = [int(item_id[1:]) % 4 for item_id in cinema.recommended_ids(arn, userId="u2", numResults=4)]
    assert first.count(2) >= 3


# --- what they leave out -------------------------------------------------------------------------------------------


@behaviour(
    "GetRecommendations",
    "Bought or watched items are left out before the request's filter, by the last 100 events",
    EXACT,
    source="documented, contract §4.5",
)
@pytest.mark.parametrize(
    ("name", "parity"),
    [
        ("aws-ecomm-recommended-for-you", 1),
        ("aws-ecomm-customers-who-viewed-x-also-viewed", 1),
        ("aws-vod-because-you-watched-x", 0),
        ("aws-vod-more-like-x", 0),
        ("aws-vod-top-picks", 0),
    ],
)
def test_items_the_user_bought_or_watched_are_left_out(world, name, parity):
    market = Market(world, RECIPES[name].domain).fill()
    arn = market.open(name)
    ids = set(market.recommended_ids(arn, userId="u1", itemId="i0", numResults=100))
    hidden = taken(1, parity)
    everything = {f"i{item}" for item in range(ITEM_COUNT)}
    own = {"i0"} if RECIPES[name].needs_item_id else set()
    assert hidden
    assert ids == everything - hidden - own


@pytest.mark.parametrize("name", ["aws-ecomm-popular-items-by-views", "aws-ecomm-popular-items-by-purchases"])
def test_popular_items_leave_nothing_out(shop, name):
    arn = shop.open(name)
    assert len(shop.recommended_ids(arn, userId="u1", numResults=100)) == ITEM_COUNT


def test_what_is_bought_now_is_left_out_of_the_next_answer_and_what_is_viewed_is_not(shop):
    arn = shop.open(FOR_YOU, recommenderConfig=QUIET)
    viewed, bought = shop.recommended_ids(arn, userId="new", numResults=2)
    send(shop, "new", viewed, "View")
    send(shop, "new", bought, "purchase")  # letter case does not matter
    ids = shop.recommended_ids(arn, userId="new", numResults=100)
    assert bought not in ids
    assert viewed in ids


def test_events_change_the_answer_of_a_personalised_one(cinema):
    arn = cinema.open(TOP_PICKS, recommenderConfig=QUIET)
    before = cinema.recommended_ids(arn, userId="new", numResults=10)
    for item_id in ("i3", "i7", "i11"):
        send(cinema, "new", item_id, "Click")
    after = cinema.recommended_ids(arn, userId="new", numResults=10)
    circle = [sum(int(item_id[1:]) % 4 == 3 for item_id in ids) for ids in (before, after)]
    assert circle[1] > circle[0]


@behaviour("GetRecommendations", "Promoted items are no bought or watched ones either", EXACT, source="inferred")
def test_promoted_items_are_not_bought_ones_either(shop):
    arn = shop.open(FOR_YOU, recommenderConfig=QUIET)
    choice = filter_of(shop, 'INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("c1")')
    promotion = {"name": "sale", "percentPromotedItems": 50, "filterArn": choice}
    answer = shop.recommend(arn, userId="u1", numResults=8, promotions=[promotion])
    promoted = {item["itemId"] for item in answer if item.get("promotionName") == "sale"}
    assert len(promoted) == 4
    assert all(int(item_id[1:]) % 4 == 1 for item_id in promoted)
    assert not promoted & taken(1, 1)


# --- filters, metadata, numbers ------------------------------------------------------------------------------------


def test_filters_apply_after_what_the_use_case_leaves_out(shop):
    arn = shop.open(FOR_YOU)
    choice = filter_of(shop, "INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ($CATEGORY)")
    ids = shop.recommended_ids(
        arn, userId="u1", filterArn=choice, filterValues={"CATEGORY": '"c1"'}, numResults=ITEM_COUNT
    )
    circle = {f"i{item}" for item in range(ITEM_COUNT) if item % 4 == 1}
    assert set(ids) == circle - taken(1, 1)


def test_filters_about_the_user_work_where_a_user_is_optional(shop):
    arn = shop.open("aws-ecomm-frequently-bought-together")
    unseen = filter_of(shop, 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("View")')
    ids = shop.recommended_ids(arn, itemId="i0", userId="u1", filterArn=unseen, numResults=100)
    assert not set(ids) & taken(1, 0)


def test_a_filter_of_another_group_is_refused(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    other = Market(shop.world, VIDEO_ON_DEMAND, "cinema")
    other.create_dataset("Interactions")
    choice = filter_of(other, 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    code, message = refused(shop.recommend, arn=arn, userId="u1", filterArn=choice)
    assert (code, other.group in message) == ("InvalidInputException", True)


def test_metadata_comes_when_it_is_switched_on(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    request = {"userId": "u1", "numResults": 1, "metadataColumns": {"ITEMS": ["CATEGORY_L1", "PRICE"]}}
    code, message = refused(shop.recommend, arn=arn, **request)
    assert (code, message.startswith(f"The recommender {arn} gives no metadata")) == ("InvalidInputException", True)
    shop.personalize.update_recommender(
        recommenderArn=arn, recommenderConfig={"enableMetadataWithRecommendations": True}
    )
    shop.world.settle()
    (item,) = shop.recommend(arn, **request)
    assert item["metadata"] == {"category_l1": f"c{int(item['itemId'][1:]) % 4}", "price": "1.5"}
    code, message = refused(shop.recommend, arn=arn, **(request | {"numResults": 51}))
    assert (code, message) == ("InvalidInputException", "numResults is 51; 50 are allowed with metadataColumns.")


def test_twenty_five_results_come_unless_told_otherwise(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    assert len(shop.recommended_ids(arn, userId="u1")) == 25
    assert len(shop.recommended_ids(arn, userId="u1", numResults=3)) == 3
    assert refused(shop.recommend, arn=arn, userId="u1", numResults=501)[0] == "InvalidInputException"


# --- exploration ---------------------------------------------------------------------------------------------------


def add_item(market, item_id):
    """Add an item that no model knows, and that is like none."""
    items = next(each for each in market.world.workspace.resources.list("dataset") if each.arn.endswith("ITEMS"))
    properties = '{"price": 1, "categoryL1": "unheard of", "categoryL2": "unheard of"}'
    market.world.events.put_items(datasetArn=items.arn, items=[{"itemId": item_id, "properties": properties}])


@behaviour(
    "CreateRecommender, UpdateRecommender",
    "The two personalised use cases explore, by their weight",
    APPROXIMATED,
    source="documented, as in campaigns",
)
@pytest.mark.parametrize(("weight", "is_explored"), [("0", False), ("1", True)])
def test_the_personalised_ones_explore_new_items_by_their_weight(shop, weight, is_explored):
    config = {"itemExplorationConfig": {"explorationWeight": weight}}
    arn = shop.open(FOR_YOU, recommenderConfig=config)
    add_item(shop, "new")
    assert ("new" in shop.recommended_ids(arn, userId="u1", numResults=5)) is is_explored


def test_the_others_do_not_explore(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    add_item(shop, "new")
    answers = [shop.recommended_ids(arn, userId="u1", numResults=5) for _ in range(5)]
    assert all(answer == answers[0] and "new" not in answer for answer in answers)


# --- who answers ---------------------------------------------------------------------------------------------------


@behaviour(
    "StopRecommender, GetRecommendations",
    "A recommender that is not ACTIVE answers with InvalidInputException",
    EXACT,
    source="inferred",
)
def test_a_stopped_recommender_does_not_answer_and_a_started_one_answers_as_before(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    before = shop.recommended_ids(arn, userId="u1")
    shop.personalize.stop_recommender(recommenderArn=arn)
    for status in ("STOP PENDING", "STOP IN_PROGRESS", "INACTIVE"):
        code, message = refused(shop.recommend, arn=arn, userId="u1")
        assert (code, message) == ("InvalidInputException", f"The recommender {arn} is not ACTIVE: it is {status}.")
        shop.world.tick()
    shop.personalize.start_recommender(recommenderArn=arn)
    shop.world.settle()
    assert shop.recommended_ids(arn, userId="u1") == before


def test_one_arn_is_named_and_of_its_kind(shop):
    runtime = shop.world.runtime
    arn = shop.open("aws-ecomm-popular-items-by-views")
    assert refused(runtime.get_recommendations, campaignArn=arn, userId="u1")[0] == "ResourceNotFoundException"
    code, _ = refused(runtime.get_personalized_ranking, campaignArn=arn, userId="u1", inputList=["i1"])
    assert code == "ResourceNotFoundException"
    both = {"recommenderArn": arn, "campaignArn": arn}
    assert refused(runtime.get_recommendations, userId="u1", **both) == (
        "InvalidInputException",
        "Give either campaignArn or recommenderArn.",
    )
    missing = f"{arn}-of-nobody"
    code, message = refused(runtime.get_recommendations, recommenderArn=missing, userId="u1")
    assert (code, message) == ("ResourceNotFoundException", f"Resource Arn {missing} does not exist.")


def test_one_that_is_being_created_does_not_answer(shop):
    arn = shop.create("aws-ecomm-popular-items-by-views")
    code, message = refused(shop.recommend, arn=arn, userId="u1")
    assert (code, message) == ("InvalidInputException", f"The recommender {arn} is not ACTIVE: it is CREATE PENDING.")


def test_a_second_recommender_of_the_same_name_has_its_own_model(shop):
    arn = shop.open("aws-ecomm-popular-items-by-views")
    views = shop.recommended_ids(arn, userId="u1", numResults=10)
    shop.personalize.delete_recommender(recommenderArn=arn)
    shop.world.settle()
    arn = shop.open("aws-ecomm-popular-items-by-purchases")
    assert shop.recommended_ids(arn, userId="u1", numResults=10) != views
