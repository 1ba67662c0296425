"""What is refused: with AWS's code, and a message that says what to change."""

import pytest

from tests.behaviours import EXACT, REFUSED, behaviour
from tests.refusals import refusal

RECIPE = "arn:aws:personalize:::recipe/"
ARN = "arn:aws:personalize:us-east-1:123456789012:"


@pytest.fixture
def group(world):
    return world.create_group()


@pytest.fixture
def dataset(world, group):
    return world.create_dataset(group)


@pytest.fixture
def solution(world, group, dataset):
    return world.create_solution(group)


@behaviour(
    "Protocol",
    'An ARN that is not there is ResourceNotFoundException, in the words "Resource Arn … does not exist."',
    EXACT,
    source="model; the words: observed elsewhere",
)
def test_an_unknown_arn_is_not_found_in_every_describe(world):
    for kind, describe, member in (
        ("schema", world.personalize.describe_schema, "schemaArn"),
        ("dataset-group", world.personalize.describe_dataset_group, "datasetGroupArn"),
        ("dataset", world.personalize.describe_dataset, "datasetArn"),
        ("dataset-import-job", world.personalize.describe_dataset_import_job, "datasetImportJobArn"),
        ("solution", world.personalize.describe_solution, "solutionArn"),
        ("campaign", world.personalize.describe_campaign, "campaignArn"),
        ("filter", world.personalize.describe_filter, "filterArn"),
        ("event-tracker", world.personalize.describe_event_tracker, "eventTrackerArn"),
        ("recipe", world.personalize.describe_recipe, "recipeArn"),
        ("algorithm", world.personalize.describe_algorithm, "algorithmArn"),
    ):
        arn = f"{ARN}{kind}/unknown"
        code, message = refusal(describe, **{member: arn})
        assert code == "ResourceNotFoundException"
        assert message.startswith(f"Resource Arn {arn} does not exist.")


def test_an_arn_of_another_kind_is_not_found_and_the_message_says_what_it_is(world, group):
    code, message = refusal(world.personalize.describe_campaign, campaignArn=group)
    assert (code, message.endswith("it names a dataset group.")) == ("ResourceNotFoundException", True)


def test_a_taken_name_names_the_resource_that_has_it(world, group):
    code, message = refusal(world.personalize.create_dataset_group, name="news")
    assert (code, group in message) == ("ResourceAlreadyExistsException", True)


@behaviour("CreateDataset", "A dataset group has one dataset of each type", EXACT, source="documented, contract §2.2")
def test_a_group_has_one_dataset_of_each_type(world, group, dataset):
    schema = world.create_schema("Interactions", "another")
    create = {"name": "another", "schemaArn": schema, "datasetGroupArn": group, "datasetType": "interactions"}
    code, message = refusal(world.personalize.create_dataset, **create)
    assert (code, dataset in message) == ("ResourceAlreadyExistsException", True)


@behaviour(
    "CreateEventTracker",
    "A second event tracker in a dataset group is ResourceAlreadyExistsException",
    EXACT,
    source="inferred: the guide does not say which error",
)
def test_a_group_has_one_event_tracker(world, group):
    first = world.personalize.create_event_tracker(name="one", datasetGroupArn=group)["eventTrackerArn"]
    code, message = refusal(world.personalize.create_event_tracker, name="two", datasetGroupArn=group)
    assert (code, first in message) == ("ResourceAlreadyExistsException", True)


@behaviour(
    "CreateDatasetGroup",
    "A region has five dataset groups; one more is LimitExceededException",
    EXACT,
    source="documented, contract §8.1",
)
def test_a_region_has_five_dataset_groups(world):
    for place in range(5):
        world.personalize.create_dataset_group(name=f"group-{place}")
    code, message = refusal(world.personalize.create_dataset_group, name="group-5")
    assert (code, message.startswith("More than 5")) == ("LimitExceededException", True)


@behaviour(
    "CreateDatasetImportJob",
    "Five imports may be pending or in progress in a region, in the words of AWS",
    EXACT,
    source="documented and observed, contract §2.6",
)
def test_a_region_has_five_running_imports(world, dataset):
    role = "arn:aws:iam::123456789012:role/personalize"
    create = {"datasetArn": dataset, "dataSource": {"dataLocation": "s3://bucket/a.csv"}, "roleArn": role}
    for place in range(5):
        world.personalize.create_dataset_import_job(jobName=f"job-{place}", **create)
    assert refusal(world.personalize.create_dataset_import_job, jobName="job-5", **create) == (
        "LimitExceededException",
        "More than 5 resources with PENDING or IN_PROGRESS status.",
    )


@behaviour(
    "CreateDatasetImportJob",
    "INCREMENTAL needs a FULL import that went well; a place in S3 and a role are needed too",
    EXACT,
    source="documented, contract §9.18",
)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dataSource": {"dataLocation": "https://bucket/a.csv"}}, "Invalid Data location."),
        ({"dataSource": {}}, "Invalid Data location."),
        ({"roleArn": None}, "roleArn is missing"),
        ({"importMode": "INCREMENTAL"}, "import with importMode FULL first"),
    ],
)
def test_an_import_needs_a_place_a_role_and_a_full_import_first(world, dataset, change, words):
    create = {
        "jobName": "job",
        "datasetArn": dataset,
        "dataSource": {"dataLocation": "s3://bucket/a.csv"},
        "roleArn": "arn:aws:iam::123456789012:role/personalize",
    } | change
    arguments = {name: value for name, value in create.items() if value is not None}
    code, message = refusal(world.personalize.create_dataset_import_job, **arguments)
    assert (code, words in message) == ("InvalidInputException", True)


@behaviour("CreateDataset", "A schema has the domain of its dataset group", EXACT, source="documented, contract §2.2")
def test_a_schema_of_another_domain_does_not_fit(world, group):
    schema = world.personalize.create_schema(
        name="shop",
        domain="ECOMMERCE",
        schema='{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},{"name":"PRICE",'
        '"type":"float"},{"name":"CATEGORY_L1","type":["string"],"categorical":true}],"version":"1.0"}',
    )["schemaArn"]
    create = {"name": "items", "schemaArn": schema, "datasetGroupArn": group, "datasetType": "Items"}
    code, message = refusal(world.personalize.create_dataset, **create)
    assert (code, "ECOMMERCE" in message) == ("InvalidInputException", True)


@behaviour(
    "CreateDataset",
    "A schema has the columns that its type of dataset needs",
    EXACT,
    source="documented, contract §3.2",
)
def test_a_schema_of_another_type_does_not_fit(world, group):
    schema = world.create_schema("Users", "users")
    create = {"name": "items", "schemaArn": schema, "datasetGroupArn": group, "datasetType": "Items"}
    code, message = refusal(world.personalize.create_dataset, **create)
    assert (code, "ITEM_ID" in message) == ("InvalidInputException", True)


def auto_ml(**config):
    return {"performAutoML": True, "solutionConfig": {"autoMLConfig": config}}


@behaviour(
    "CreateSolution",
    "Hyperparameters that the recipe does not have, or out of their range, are refused at once",
    EXACT,
    source="documented; at once: inferred",
)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipeArn": None}, "recipeArn is missing"),
        ({"performAutoML": True}, "leave recipeArn out"),
        ({"recipeArn": None} | auto_ml(recipeList=[f"{RECIPE}aws-sims"]), "cannot choose the recipe aws-sims"),
        ({"recipeArn": None} | auto_ml(recipeList=[f"{RECIPE}aws-vod-top-picks"]), "cannot choose the recipe aws-vod"),
        ({"recipeArn": None} | auto_ml(metricName="auc"), "no metric 'auc'"),
        ({"solutionConfig": {"autoMLConfig": {"metricName": "coverage"}}}, "autoMLConfig needs performAutoML"),
        ({"recipeArn": f"{RECIPE}aws-vod-top-picks"}, "for recommenders"),
        ({"recipeArn": f"{RECIPE}aws-next-best-action"}, "ACTIONS"),
        ({"solutionConfig": {"algorithmHyperParameters": {"hidden_size": "3"}}}, "hidden_size"),
        ({"solutionConfig": {"algorithmHyperParameters": {"bptt": "99"}}}, "bptt"),
        ({"solutionConfig": {"eventValueThreshold": "0.5"}}, "needs an eventType"),
        ({"eventType": "click", "solutionConfig": {"eventValueThreshold": "much"}}, "must be a number"),
        ({"solutionConfig": {"eventsConfig": {"eventParametersList": []}}}, "no eventsConfig"),
        ({"recipeArn": f"{RECIPE}aws-user-personalization-v2", "performHPO": True}, "cannot be tuned"),
        ({"solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}}}, "1 to 30 days"),
    ],
)
def test_a_solution_that_its_recipe_cannot_have(world, group, dataset, change, words):
    create = {"name": "bad", "datasetGroupArn": group, "recipeArn": f"{RECIPE}aws-user-personalization"} | change
    arguments = {name: value for name, value in create.items() if value is not None}
    code, message = refusal(world.personalize.create_solution, **arguments)
    assert (code, words in message) == ("InvalidInputException", True), message


def test_an_unknown_recipe_is_not_found_and_the_nearest_is_named(world, group, dataset):
    create = {"name": "bad", "datasetGroupArn": group, "recipeArn": f"{RECIPE}aws-user-personalisation"}
    code, message = refusal(world.personalize.create_solution, **create)
    assert (code, "aws-user-personalization" in message) == ("ResourceNotFoundException", True)


@behaviour(
    "CreateSolutionVersion",
    "AUTOTRAIN is what automatic trainings are called and cannot be asked for",
    REFUSED,
    source="inferred",
)
@pytest.mark.parametrize(("mode", "words"), [("UPDATE", "train that first"), ("AUTOTRAIN", "use FULL or UPDATE")])
def test_training_modes(world, solution, mode, words):
    code, message = refusal(world.personalize.create_solution_version, solutionArn=solution, trainingMode=mode)
    assert (code, words in message) == ("InvalidInputException", True)


@behaviour(
    "CreateSolutionVersion",
    "UPDATE needs an ACTIVE version trained with FULL",
    EXACT,
    source="documented, contract §2.2",
)
def test_update_training_follows_a_full_one(world, solution):
    world.add_version(solution, "full")
    arn = world.personalize.create_solution_version(solutionArn=solution, trainingMode="UPDATE")["solutionVersionArn"]
    version = world.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert (version["trainingMode"], version["trainingType"]) == ("UPDATE", "MANUAL")


@behaviour(
    "GetSolutionMetrics",
    "Metrics of a version that is not ACTIVE are ResourceInUseException",
    EXACT,
    source="model, contract §2.2",
)
def test_metrics_of_a_version_in_training_are_in_use(world, solution):
    arn = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    code, message = refusal(world.personalize.get_solution_metrics, solutionVersionArn=arn)
    assert (code, "CREATE PENDING" in message) == ("ResourceInUseException", True)


def test_metrics_of_a_trained_version(world, solution):
    arn = world.add_version(solution, "one", metrics={"coverage": 0.25})
    answer = world.personalize.get_solution_metrics(solutionVersionArn=arn)
    assert (answer["solutionVersionArn"], answer["metrics"]) == (arn, {"coverage": 0.25})


@behaviour(
    "CreateSolutionVersion, DescribeSolutionVersion",
    "A version without a name ends in eight hexadecimal digits, and shows what the solution was set to",
    EXACT,
    source="observed, contract §4.4",
)
def test_a_version_has_eight_hexadecimal_digits_and_the_solutions_settings(world, group, dataset):
    solution = world.create_solution(group, eventType="click")
    arn = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    version_id = arn.removeprefix(f"{solution}/")
    assert len(version_id) == 8 and int(version_id, 16) >= 0
    version = world.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert (version["name"], version["eventType"]) == (f"front-page/{version_id}", "click")
    assert (version["datasetGroupArn"], version["solutionConfig"]) == (group, {})
    latest = world.personalize.describe_solution(solutionArn=solution)["solution"]["latestSolutionVersion"]
    assert latest["solutionVersionArn"] == arn


@behaviour(
    "CreateCampaign",
    "A bare solution ARN is not found; exploration, $LATEST and influence are checked against the recipe",
    EXACT,
    source="observed and documented, contract §9.11",
)
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"solutionVersionArn": f"{ARN}solution/front-page"}, "ResourceNotFoundException", "does not exist"),
        ({"solutionVersionArn": f"{ARN}solution/front-page/one/two"}, "ResourceNotFoundException", "does not exist"),
        (
            {"campaignConfig": {"itemExplorationConfig": {"explorationWeight": "2"}}},
            "InvalidInputException",
            "explorationWeight must be a number from 0 to 1, not '2'",
        ),
        (
            {"campaignConfig": {"itemExplorationConfig": {"explorationWait": "1"}}},
            "InvalidInputException",
            "has no 'explorationWait'",
        ),
        ({"campaignConfig": {"syncWithLatestSolutionVersion": True}}, "InvalidInputException", "/$LATEST"),
        ({"campaignConfig": {"rankingInfluence": {"POPULARITY": 0.5}}}, "InvalidInputException", "rankingInfluence"),
    ],
)
def test_a_campaign_that_cannot_be(world, solution, change, code, words):
    version = world.add_version(solution, "one")
    arguments = {"name": "bad", "solutionVersionArn": version} | change
    found_code, message = refusal(world.personalize.create_campaign, **arguments)
    assert (found_code, words in message) == (code, True), message


@behaviour(
    "CreateCampaign",
    "A version that is not ACTIVE is ResourceInUseException",
    EXACT,
    source="documented, contract §2.2",
)
def test_a_campaign_waits_for_its_version(world, solution):
    version = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    code, _ = refusal(world.personalize.create_campaign, name="early", solutionVersionArn=version)
    assert code == "ResourceInUseException"
    code, message = refusal(world.personalize.create_campaign, name="early", solutionVersionArn=f"{solution}/$LATEST")
    assert (code, "no ACTIVE solution version" in message) == ("ResourceNotFoundException", True)


@behaviour(
    "CreateCampaign",
    "A dataset group has five campaigns, in the words of AWS",
    EXACT,
    source="documented and observed, contract §2.6",
)
def test_a_group_has_five_campaigns(world, solution):
    version = world.add_version(solution, "one")
    for place in range(5):
        world.create_campaign(version, f"campaign-{place}")
    code, message = refusal(world.personalize.create_campaign, name="campaign-5", solutionVersionArn=version)
    assert code == "LimitExceededException"
    assert message == (
        "Cannot create a campaign. More than 5 resources in ACTIVE state. Please delete some and try again."
    )


def test_an_update_changes_something(world, solution):
    campaign = world.create_campaign(world.add_version(solution, "one"))
    code, message = refusal(world.personalize.update_campaign, campaignArn=campaign)
    assert (code, message.startswith("Nothing to update")) == ("InvalidInputException", True)


@behaviour(
    "CreateFilter",
    "Wrong syntax is refused at once; the message opens in the words of AWS and says what to change",
    EXACT,
    source="observed, contract §2.6",
)
def test_bad_filter_syntax_is_refused_at_once(world, group):
    create = {"name": "bad", "datasetGroupArn": group, "filterExpression": "SHOW ItemID"}
    code, message = refusal(world.personalize.create_filter, **create)
    assert (code, message.startswith("Could not create filter.")) == ("InvalidInputException", True)


@behaviour(
    "StopSolutionVersionCreation",
    "A training that has not begun is CREATE STOPPED at once, and cannot be stopped again",
    EXACT,
    source="documented, contract §2.1",
)
def test_a_stopped_version_ends_stopped(world, solution):
    arn = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    world.personalize.stop_solution_version_creation(solutionVersionArn=arn)
    version = world.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert version["status"] == "CREATE STOPPED"
    code, message = refusal(world.personalize.stop_solution_version_creation, solutionVersionArn=arn)
    assert (code, "CREATE STOPPED" in message) == ("ResourceInUseException", True)
