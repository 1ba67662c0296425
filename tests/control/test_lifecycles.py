"""Every status is shown, in order; updates switch at the end; what is deleted can still be described for a while."""

import pytest

from personalize_local.jobs.lifecycle import PATHS
from tests.behaviours import APPROXIMATED, EXACT, behaviour

CREATED = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
DELETED = ["DELETE PENDING", "DELETE IN_PROGRESS", "gone"]


def group_status(world, arn):
    try:
        return world.personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
    except world.personalize.exceptions.ResourceNotFoundException:
        return "gone"


@behaviour(
    "Lifecycles",
    "Resources pass through every status, each shown for a third of a second at least",
    APPROXIMATED,
    source="documented; the time: inferred",
)
def test_a_dataset_group_shows_every_status_of_its_creation(world):
    arn = world.personalize.create_dataset_group(name="news")["datasetGroupArn"]
    assert world.statuses(lambda: group_status(world, arn)) == CREATED


@behaviour(
    "DeleteDatasetGroup, DescribeDatasetGroup",
    "A dataset group that is being deleted is described as DELETE PENDING first",
    EXACT,
    source="observed, need 1",
)
def test_a_deleted_dataset_group_can_be_described_until_it_is_gone(world):
    arn = world.create_group()
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    assert world.statuses(lambda: group_status(world, arn)) == DELETED


@behaviour("Lifecycles", "lastUpdatedDateTime moves with every status", EXACT, source="observed, contract §2.1")
def test_each_status_moves_the_time_of_the_last_update(world):
    arn = world.personalize.create_dataset_group(name="news")["datasetGroupArn"]
    times = []
    for _ in CREATED:
        times.append(world.personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"])
        world.tick()
    assert len({group["creationDateTime"] for group in times}) == 1
    assert [(group["lastUpdatedDateTime"] - group["creationDateTime"]).total_seconds() for group in times] == [0, 1, 2]


@behaviour(
    "CreateDataset, DescribeDataset, ListDatasets",
    "The ARN holds the group and the type in capitals; the type comes back in capitals however it was given",
    EXACT,
    source="observed, contract §9.4",
)
@pytest.mark.parametrize("dataset_type", ["Interactions", "items", "USERS"])
def test_a_dataset_shows_its_type_in_capitals_and_its_group_in_its_arn(world, dataset_type):
    group_arn = world.create_group()
    schema_arn = world.create_schema(dataset_type.capitalize(), "schema")
    arn = world.personalize.create_dataset(
        name="any-name", schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType=dataset_type
    )["datasetArn"]
    dataset = world.personalize.describe_dataset(datasetArn=arn)["dataset"]
    assert dataset["datasetArn"] == f"arn:aws:personalize:us-east-1:123456789012:dataset/news/{dataset_type.upper()}"
    assert (dataset["datasetType"], dataset["status"]) == (dataset_type.upper(), "CREATE PENDING")


@behaviour("CreateSolution", "performAutoTraining is true when left out", EXACT, source="documented, contract §4.3")
def test_a_solution_is_active_at_once_with_the_defaults_of_the_service(world):
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    solution_arn = world.create_solution(group_arn)
    solution = world.personalize.describe_solution(solutionArn=solution_arn)["solution"]
    assert solution["status"] == "ACTIVE"
    assert (solution["performAutoTraining"], solution["performHPO"], solution["solutionConfig"]) == (True, False, {})
    assert "latestSolutionVersion" not in solution


@behaviour(
    "UpdateCampaign",
    "The members switch when the update is ACTIVE, not before",
    EXACT,
    source="documented, contract §2.1",
)
def test_a_campaign_keeps_answering_with_the_old_version_until_its_update_is_active(world):
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    solution_arn = world.create_solution(group_arn)
    old, new = world.add_version(solution_arn, "old"), world.add_version(solution_arn, "new")
    arn = world.create_campaign(old)

    def campaign():
        return world.personalize.describe_campaign(campaignArn=arn)["campaign"]

    assert "latestCampaignUpdate" not in campaign()
    world.personalize.update_campaign(campaignArn=arn, solutionVersionArn=new, minProvisionedTPS=3)
    seen = []

    def look():
        described = campaign()
        update = described["latestCampaignUpdate"]
        seen.append((described["status"], described["solutionVersionArn"], described["minProvisionedTPS"]))
        return update["status"]

    assert world.statuses(look) == CREATED
    assert set(seen[:-1]) == {("ACTIVE", old, 1)}
    assert seen[-1] == ("ACTIVE", new, 3)


def test_a_campaign_moves_with_its_update_to_another_solution(world):
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    first, second = (world.create_solution(group_arn, name) for name in ("first", "second"))
    arn = world.create_campaign(world.add_version(first, "one"))
    world.personalize.update_campaign(campaignArn=arn, solutionVersionArn=world.add_version(second, "two"))
    world.settle()
    assert world.personalize.list_campaigns(solutionArn=first)["campaigns"] == []
    assert [each["campaignArn"] for each in world.personalize.list_campaigns(solutionArn=second)["campaigns"]] == [arn]


@behaviour(
    "CreateCampaign, UpdateCampaign",
    "…/$LATEST is the newest ACTIVE version; the campaign shows which that is",
    EXACT,
    source="observed, contract §9.11",
)
def test_latest_deploys_the_newest_version_that_is_active(world):
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    solution_arn = world.create_solution(group_arn)
    world.add_version(solution_arn, "one")
    newest = world.add_version(solution_arn, "two")
    world.personalize.create_solution_version(solutionArn=solution_arn, name="in-training")
    arn = world.create_campaign(f"{solution_arn}/$LATEST")
    assert world.personalize.describe_campaign(campaignArn=arn)["campaign"]["solutionVersionArn"] == newest


@behaviour(
    "UpdateDataset",
    "A dataset shows UPDATE PENDING and UPDATE IN_PROGRESS as its own status",
    EXACT,
    source="observed, contract §2.1",
)
def test_a_dataset_update_shows_its_own_statuses_and_then_the_new_schema(world):
    group_arn = world.create_group()
    arn = world.create_dataset(group_arn, "Items")
    text = world.personalize.describe_schema(
        schemaArn=world.personalize.describe_dataset(datasetArn=arn)["dataset"]["schemaArn"]
    )["schema"]["schema"]
    longer = text.replace('"fields": [', '"fields": [{"name": "PRICE", "type": ["float", "null"]}, ')
    schema_arn = world.personalize.create_schema(name="longer", schema=longer)["schemaArn"]
    world.personalize.update_dataset(datasetArn=arn, schemaArn=schema_arn)

    def status():
        return world.personalize.describe_dataset(datasetArn=arn)["dataset"]["status"]

    assert world.statuses(status) == ["UPDATE PENDING", "UPDATE IN_PROGRESS", "ACTIVE"]
    dataset = world.personalize.describe_dataset(datasetArn=arn)["dataset"]
    assert dataset["schemaArn"] == schema_arn == dataset["latestDatasetUpdate"]["schemaArn"]


@behaviour(
    "UpdateSolution, DescribeSolution",
    "latestSolutionUpdate has a status of its own, and the solution takes its values in the end",
    EXACT,
    source="documented, contract §2.1",
)
def test_a_solution_update_ends_in_the_solution_itself(world):
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    arn = world.create_solution(group_arn)
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    world.personalize.update_solution(solutionArn=arn, performAutoTraining=False, solutionUpdateConfig=config)
    before = world.personalize.describe_solution(solutionArn=arn)["solution"]
    assert (before["performAutoTraining"], before["latestSolutionUpdate"]["status"]) == (True, "CREATE PENDING")
    world.settle()
    after = world.personalize.describe_solution(solutionArn=arn)["solution"]
    assert (after["performAutoTraining"], after["solutionConfig"]) == (False, config)


def test_every_path_begins_pending_and_goes_through_in_progress():
    for statuses in PATHS.values():
        first, second, _ = statuses
        assert first.endswith("PENDING") and second.endswith("IN_PROGRESS")
