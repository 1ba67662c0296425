"""Recommenders: created, described, listed, updated, stopped, started, deleted, refused."""

import pytest
from botocore.exceptions import ClientError

from personalize_spec.recipes import RECIPES
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.market import ECOMMERCE, VIDEO_ON_DEMAND, Market, items_csv
from tests.refusals import refusal

VIEWED = "aws-ecomm-popular-items-by-views"
FOR_YOU = "aws-ecomm-recommended-for-you"


@pytest.fixture
def market(world):
    return Market(world).fill()


@pytest.fixture
def bare(world):
    """A market whose job code is not to run: nothing in it ticks."""
    market = Market(world)
    market.create_dataset("Interactions")
    return market


@behaviour(
    "CreateRecommender, DescribeRecommender",
    "minRecommendationRequestsPerSecond is 1 when left out; it is kept and throttles nothing",
    APPROXIMATED,
    source="documented",
)
def test_a_new_recommender_is_pending_and_described(bare):
    arn = bare.create(VIEWED, tags=[{"tagKey": "team", "tagValue": "shop"}])
    assert arn == "arn:aws:personalize:us-east-1:123456789012:recommender/shop-window"
    described = bare.describe(arn)
    assert list(described)[:3] == ["recommenderArn", "datasetGroupArn", "name"]
    assert described["status"] == "CREATE PENDING"
    assert described["recipeArn"] == RECIPES[VIEWED].arn
    assert described["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 1}
    assert "modelMetrics" not in described
    assert "latestRecommenderUpdate" not in described
    tags = bare.personalize.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == [{"tagKey": "team", "tagValue": "shop"}]


@behaviour(
    "DescribeRecommender",
    "modelMetrics are there once there is a model, until the recommender is deleted",
    EXACT,
    source="documented, contract §4.5",
)
def test_a_trained_recommender_has_the_metrics_of_its_model(market):
    arn = market.open(VIEWED)
    metrics = market.describe(arn)["modelMetrics"]
    assert {"coverage", "mean_reciprocal_rank_at_25", "precision_at_5"} <= set(metrics)
    assert all(0 <= value <= 1 for value in metrics.values())


@behaviour("ListRecommenders", "Recommenders are listed by dataset group", EXACT, source="model")
def test_recommenders_are_listed_by_group(market):
    other = Market(market.world, VIDEO_ON_DEMAND, "cinema")
    arn = market.create(VIEWED)
    (summary,) = market.personalize.list_recommenders(datasetGroupArn=market.group)["recommenders"]
    assert (summary["recommenderArn"], summary["status"]) == (arn, "CREATE PENDING")
    assert summary["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 1}
    assert "modelMetrics" not in summary
    assert market.personalize.list_recommenders(datasetGroupArn=other.group)["recommenders"] == []
    assert len(market.personalize.list_recommenders()["recommenders"]) == 1


@behaviour(
    "CreateRecommender",
    "Too little data is CREATE FAILED, in the words of AWS",
    EXACT,
    source="observed, contract §2.6",
)
@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (VIEWED, "Dataset has fewer than 1000 interactions after filtering by event type: View"),
        (FOR_YOU, "Dataset has fewer than 1000 interactions"),
    ],
)
def test_too_little_data_is_create_failed_in_the_words_of_aws(world, recipe, reason):
    market = Market(world).fill(users=30, steps=20)
    arn = market.create(recipe)
    market.train(arn)
    described = market.describe(arn)
    assert (described["status"], described["failureReason"]) == ("CREATE FAILED", reason)
    assert "modelMetrics" not in described
    assert refusal(market.create, recipe=recipe)[0] == "ResourceAlreadyExistsException"  # it holds its name
    market.personalize.delete_recommender(recommenderArn=arn)
    world.settle()
    assert market.personalize.list_recommenders()["recommenders"] == []


@behaviour(
    "CreateRecommender", "A use case counts the events of its own type only", EXACT, source="documented, contract §4.5"
)
def test_a_use_case_counts_its_own_events_only(world):
    """GIVEN 1,200 views and no purchases THEN views train and purchases do not."""
    market = Market(world).fill(items=False)
    text = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n"
    text += "".join(f"u{place % 60},i{place % 7},VIEW,{1_767_200_000 + place}\n" for place in range(1200))
    market.import_csv(market.world.workspace.resources.list("dataset")[0].arn, text)
    market.open(VIEWED)  # letter case does not matter
    arn = market.create("aws-ecomm-popular-items-by-purchases", "bought")
    market.train(arn)
    assert market.describe(arn)["failureReason"].endswith("after filtering by event type: Purchase")


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"recipe": "aws-user-personalization"}, "InvalidInputException", "custom one"),
        ({"recipe": "aws-vod-top-picks"}, "InvalidInputException", "has the domain ECOMMERCE"),
        ({"recipe": VIEWED, "name": "-"}, "InvalidInputException", "regular expression"),
        (
            {"recipe": VIEWED, "recommenderConfig": {"itemExplorationConfig": {"explorationWeight": "0.1"}}},
            "InvalidInputException",
            "has no itemExplorationConfig",
        ),
        (
            {"recipe": FOR_YOU, "recommenderConfig": {"itemExplorationConfig": {"explorationWeight": "1.1"}}},
            "InvalidInputException",
            "explorationWeight must be a number from 0 to 1",
        ),
        (
            {
                "recipe": FOR_YOU,
                "recommenderConfig": {"trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["CITY"]}}},
            },
            "InvalidInputException",
            "no column 'CITY'",
        ),
        (
            {
                "recipe": FOR_YOU,
                "recommenderConfig": {
                    "trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["EVENT_TYPE"]}}
                },
            },
            "InvalidInputException",
            "EVENT_TYPE cannot be left out",
        ),
        (
            {
                "recipe": FOR_YOU,
                "recommenderConfig": {"trainingDataConfig": {"excludedDatasetColumns": {"USERS": ["AGE"]}}},
            },
            "InvalidInputException",
            "has no USERS dataset",
        ),
        (
            {"recipe": VIEWED, "datasetGroupArn": "arn:aws:personalize:us-east-1:123456789012:dataset-group/none"},
            "ResourceNotFoundException",
            "does not exist",
        ),
    ],
)
def test_a_recommender_that_cannot_be(bare, change, code, words):
    given, message = refusal(bare.create, **change)
    assert (given, words in message) == (code, True), message


def test_columns_are_left_out_or_chosen_not_both(bare):
    columns = {"INTERACTIONS": ["EVENT_TYPE"]}
    config = {"trainingDataConfig": {"excludedDatasetColumns": columns, "includedDatasetColumns": columns}}
    code, message = refusal(bare.create, recipe=FOR_YOU, recommenderConfig=config)
    assert (code, "not both" in message) == ("InvalidInputException", True)


def test_a_group_without_a_domain_has_no_recommenders(world):
    group = world.create_group()
    code, message = refusal(
        world.personalize.create_recommender, name="x", datasetGroupArn=group, recipeArn=RECIPES[VIEWED].arn
    )
    assert (code, "has no domain" in message) == ("InvalidInputException", True)


@pytest.mark.parametrize(
    ("domain", "recipe", "missing"),
    [(ECOMMERCE, VIEWED, "INTERACTIONS"), (VIDEO_ON_DEMAND, "aws-vod-more-like-x", "INTERACTIONS, ITEMS")],
)
def test_a_use_case_needs_its_datasets(world, domain, recipe, missing):
    code, message = refusal(Market(world, domain).create, recipe=recipe)
    assert (code, message.endswith(f"no dataset for: {missing}.")) == ("InvalidInputException", True)


def test_a_group_on_its_way_out_takes_no_recommender(world):
    market = Market(world)
    market.create_dataset("Interactions")
    with world.workspace.database.transaction() as connection:
        world.workspace.resources.update(connection, market.group, world.clock.now(), status="DELETE PENDING")
    assert refusal(market.create, recipe=VIEWED)[0] == "ResourceInUseException"


@behaviour(
    "CreateRecommender",
    "A dataset group has five recommenders, of whatever status",
    EXACT,
    source="documented; whatever status: inferred",
)
def test_a_group_has_five_recommenders(bare):
    for place in range(5):
        bare.create(VIEWED, f"window-{place}")
    assert refusal(bare.create, recipe=VIEWED) == (
        "LimitExceededException",
        "More than 5 recommenders in the dataset group.",
    )


# --- stop and start ------------------------------------------------------------------------------------------------


@behaviour(
    "StopRecommender, StartRecommender",
    "A recommender passes through every status to INACTIVE, and back with the same model",
    EXACT,
    source="documented, contract §2.1",
)
def test_a_recommender_stops_and_starts_with_every_status_shown(market):
    arn = market.open(VIEWED)
    assert market.personalize.stop_recommender(recommenderArn=arn)["recommenderArn"] == arn
    seen = market.world.statuses(lambda: market.describe(arn)["status"])
    assert seen == ["STOP PENDING", "STOP IN_PROGRESS", "INACTIVE"]
    market.personalize.start_recommender(recommenderArn=arn)
    seen = market.world.statuses(lambda: market.describe(arn)["status"])
    assert seen == ["START PENDING", "START IN_PROGRESS", "ACTIVE"]


@behaviour(
    "StopRecommender, StartRecommender",
    "Only an ACTIVE one stops, only an INACTIVE one starts: else ResourceInUseException",
    EXACT,
    source="documented, contract §2.2",
)
def test_only_an_active_one_stops_and_only_an_inactive_one_starts(market):
    arn = market.create(VIEWED)
    assert refusal(market.personalize.stop_recommender, recommenderArn=arn)[0] == "ResourceInUseException"
    market.train(arn)
    code, message = refusal(market.personalize.start_recommender, recommenderArn=arn)
    assert (code, "must be INACTIVE to be started; its status is ACTIVE" in message) == ("ResourceInUseException", True)
    market.personalize.stop_recommender(recommenderArn=arn)
    for call in (
        market.personalize.start_recommender,
        market.personalize.stop_recommender,
        market.personalize.delete_recommender,
    ):
        code, message = refusal(call, recommenderArn=arn)
        assert (code, "STOP PENDING" in message) == ("ResourceInUseException", True)


# --- updates -------------------------------------------------------------------------------------------------------


def test_an_update_of_other_members_keeps_the_model(market):
    arn = market.open(FOR_YOU)
    before = market.world.workspace.resources.get(arn).body["training_id"]
    config = {"minRecommendationRequestsPerSecond": 3, "itemExplorationConfig": {"explorationWeight": "0"}}
    market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=config)
    described = market.describe(arn)
    assert (described["status"], described["latestRecommenderUpdate"]["status"]) == ("ACTIVE", "CREATE PENDING")
    assert described["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 1}
    seen = market.world.statuses(lambda: market.describe(arn)["latestRecommenderUpdate"]["status"])
    assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    assert market.describe(arn)["recommenderConfig"] == config
    assert market.world.workspace.resources.get(arn).body["training_id"] == before


@behaviour("UpdateRecommender", "Members that an update does not name stay as they are", EXACT, source="inferred")
def test_an_update_keeps_the_members_that_it_does_not_name(market):
    exploration = {"itemExplorationConfig": {"explorationWeight": "0"}}
    arn = market.open(FOR_YOU, recommenderConfig=exploration)
    market.personalize.update_recommender(
        recommenderArn=arn, recommenderConfig={"enableMetadataWithRecommendations": True}
    )
    market.world.settle()
    assert market.describe(arn)["recommenderConfig"] == {
        "minRecommendationRequestsPerSecond": 1,
        "enableMetadataWithRecommendations": True,
        **exploration,
    }


def without_category(column="CATEGORY_L2"):
    return {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": [column]}}}


@behaviour(
    "UpdateRecommender",
    "Other columns to train on mean another training; other updates keep the model",
    EXACT,
    source="documented, contract §4.5",
)
def test_an_update_of_columns_trains_again(market):
    arn = market.open(FOR_YOU)
    first = market.world.workspace.resources.get(arn).body["training_id"]
    market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=without_category())
    described = market.describe(arn)
    assert (described["status"], described["latestRecommenderUpdate"]["status"]) == ("ACTIVE", "CREATE PENDING")
    assert len(market.recommended_ids(arn, userId="u1")) == 25  # it answers meanwhile
    market.train(arn)
    described = market.describe(arn)
    assert described["latestRecommenderUpdate"]["status"] == "ACTIVE"
    assert described["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 1, **without_category()}
    assert market.world.workspace.resources.get(arn).body["training_id"] != first
    assert len(market.recommended_ids(arn, userId="u1")) == 25


def test_the_model_before_stays_until_the_next_training(market):
    """A request may still be reading it when the next one takes over."""
    arn = market.open(VIEWED)
    artifacts, resources = market.world.workspace.artifacts, market.world.workspace.resources
    trainings = [resources.get(arn).body["training_id"]]
    for columns in ({"ITEMS": ["CATEGORY_L2"]}, {}):
        config = {"trainingDataConfig": {"excludedDatasetColumns": columns}}
        market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=config)
        market.train(arn)
        trainings.append(resources.get(arn).body["training_id"])
        assert {path.name for path in artifacts.folder(arn).iterdir()} == set(trainings[-2:])


@pytest.mark.parametrize(("dataset_type", "column"), [("ITEMS", "GENRES"), ("Items", "genres")])
def test_columns_that_are_left_out_do_not_train(world, dataset_type, column):
    """GIVEN an item that only its genre ties to others WHEN the genre is left out THEN what is popular is like it."""
    market = Market(world, VIDEO_ON_DEMAND).fill()
    items = next(each.arn for each in world.workspace.resources.list("dataset") if each.arn.endswith("ITEMS"))
    market.import_csv(items, items_csv(VIDEO_ON_DEMAND) + "lonely,1767200000,c3\n")
    arn = market.open("aws-vod-more-like-x")
    request = {"itemId": "lonely", "userId": "nobody", "numResults": 5}
    assert {int(item_id[1:]) % 4 for item_id in market.recommended_ids(arn, **request)} == {3}
    columns = {"trainingDataConfig": {"excludedDatasetColumns": {dataset_type: [column]}}}
    market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=columns)
    market.train(arn)
    popular = market.recommended_ids(arn, itemId="unknown", userId="nobody", numResults=5)
    assert market.recommended_ids(arn, **request) == popular


def test_the_same_columns_in_other_letter_case_do_not_train_again(market):
    arn = market.open(FOR_YOU, recommenderConfig=without_category())
    market.personalize.update_recommender(
        recommenderArn=arn,
        recommenderConfig={"trainingDataConfig": {"excludedDatasetColumns": {"items": ["category_l2"]}}},
    )
    assert market.world.workspace.jobs.of_resource(arn) is None
    market.world.settle()
    assert market.describe(arn)["latestRecommenderUpdate"]["status"] == "ACTIVE"


def test_a_training_that_fails_leaves_the_recommender_as_it_was(market):
    arn = market.open(FOR_YOU)
    interactions = next(
        each.arn for each in market.world.workspace.resources.list("dataset") if each.arn.endswith("INTERACTIONS")
    )
    market.import_csv(interactions, "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu1,i1,View,1767200000\n")
    market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=without_category())
    market.train(arn)
    described = market.describe(arn)
    assert described["status"] == "ACTIVE"
    assert "failureReason" not in described
    assert described["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 1}
    update = described["latestRecommenderUpdate"]
    assert (update["status"], update["failureReason"]) == ("CREATE FAILED", "Dataset has fewer than 1000 interactions")
    assert "modelMetrics" in described
    assert len(market.recommended_ids(arn, userId="u1")) == 25
    market.personalize.update_recommender(  # a failed update is over: the next may begin
        recommenderArn=arn, recommenderConfig={"minRecommendationRequestsPerSecond": 2}
    )
    market.world.settle()
    assert "failureReason" not in market.describe(arn)["latestRecommenderUpdate"]


def test_nothing_else_happens_to_a_recommender_during_an_update(market):
    arn = market.open(FOR_YOU)
    update = {"recommenderArn": arn, "recommenderConfig": without_category()}
    market.personalize.update_recommender(**update)
    calls = [
        (market.personalize.update_recommender, update),
        (market.personalize.stop_recommender, {"recommenderArn": arn}),
        (market.personalize.delete_recommender, {"recommenderArn": arn}),
    ]
    for call, arguments in calls:
        code, message = refusal(call, **arguments)
        assert (code, "update" in message) == ("ResourceInUseException", True)


def test_an_update_changes_something_of_an_active_recommender(market):
    arn = market.create(VIEWED)
    code, message = refusal(market.personalize.update_recommender, recommenderArn=arn, recommenderConfig={})
    assert (code, message) == ("InvalidInputException", "Nothing to update: give a member of recommenderConfig.")
    config = {"minRecommendationRequestsPerSecond": 2}
    code, _ = refusal(market.personalize.update_recommender, recommenderArn=arn, recommenderConfig=config)
    assert code == "ResourceInUseException"


# --- deletion ------------------------------------------------------------------------------------------------------


@behaviour("DeleteRecommender", "A recommender goes with its model", EXACT, source="documented")
def test_a_recommender_goes_with_its_models_and_hides_its_metrics_meanwhile(market):
    arn = market.open(VIEWED)
    artifacts = market.world.workspace.artifacts
    assert artifacts.folder(arn).is_dir()
    market.personalize.delete_recommender(recommenderArn=arn)
    assert "modelMetrics" not in market.describe(arn)
    seen = []
    with pytest.raises(ClientError, match="does not exist"):
        while True:
            seen.append(market.describe(arn)["status"])
            market.world.tick()
    assert seen == ["DELETE PENDING", "DELETE IN_PROGRESS"]
    assert not artifacts.folder(arn).exists()


def test_a_stopped_recommender_can_be_deleted(market):
    arn = market.open(VIEWED)
    market.personalize.stop_recommender(recommenderArn=arn)
    market.world.settle()
    market.personalize.delete_recommender(recommenderArn=arn)
    market.world.settle()
    assert market.personalize.list_recommenders()["recommenders"] == []


def test_a_group_keeps_until_its_recommenders_are_gone_and_a_dataset_while_one_trains(market):
    arn = market.create(FOR_YOU)
    interactions = next(
        each.arn for each in market.world.workspace.resources.list("dataset") if each.arn.endswith("INTERACTIONS")
    )
    code, message = refusal(market.personalize.delete_dataset, datasetArn=interactions)
    assert (code, arn in message) == ("ResourceInUseException", True)
    market.train(arn)
    market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=without_category())
    assert refusal(market.personalize.delete_dataset, datasetArn=interactions)[0] == "ResourceInUseException"
    market.train(arn)
    for dataset in market.world.workspace.resources.list("dataset"):
        market.personalize.delete_dataset(datasetArn=dataset.arn)
    market.world.settle()
    code, message = refusal(market.personalize.delete_dataset_group, datasetGroupArn=market.group)
    assert (code, arn in message) == ("ResourceInUseException", True)
    market.personalize.delete_recommender(recommenderArn=arn)
    market.personalize.delete_dataset_group(datasetGroupArn=market.group)
    market.world.settle()
    assert market.personalize.list_dataset_groups()["datasetGroups"] == []


def test_custom_solutions_work_in_a_domain_group(market):
    solution = market.world.create_solution(market.group)
    version = market.world.add_version(solution, "one")
    campaign = market.world.create_campaign(version)
    assert market.personalize.describe_campaign(campaignArn=campaign)["campaign"]["status"] == "ACTIVE"
