"""What keeps what from being deleted, and what goes along."""

import pytest

from tests.behaviours import EXACT, behaviour
from tests.refusals import refusal


def whole(world):
    """Create a dataset group with one of everything; give the ARNs by kind."""
    group = world.create_group()
    dataset = world.create_dataset(group)
    solution = world.create_solution(group)
    version = world.add_version(solution, "one")
    campaign = world.create_campaign(version)
    tracker = world.personalize.create_event_tracker(name="tracker", datasetGroupArn=group)["eventTrackerArn"]
    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    unread = world.personalize.create_filter(name="unread", datasetGroupArn=group, filterExpression=expression)
    world.settle()
    schema = world.personalize.describe_dataset(datasetArn=dataset)["dataset"]["schemaArn"]
    return {
        "group": group,
        "dataset": dataset,
        "solution": solution,
        "version": version,
        "campaign": campaign,
        "tracker": tracker,
        "filter": unread["filterArn"],
        "schema": schema,
    }


@behaviour(
    "DeleteSchema, DeleteDataset, DeleteDatasetGroup, DeleteSolution",
    "What something else needs is ResourceInUseException; the message names who needs it",
    EXACT,
    source="documented, contract §2.4",
)
def test_what_is_needed_cannot_be_deleted_and_the_message_names_who_needs_it(world):
    arns = whole(world)
    needed = [
        (world.personalize.delete_schema, {"schemaArn": arns["schema"]}, arns["dataset"]),
        (world.personalize.delete_dataset_group, {"datasetGroupArn": arns["group"]}, arns["dataset"]),
        (world.personalize.delete_dataset, {"datasetArn": arns["dataset"]}, arns["filter"]),
        (world.personalize.delete_solution, {"solutionArn": arns["solution"]}, arns["campaign"]),
    ]
    for call, arguments, user in needed:
        code, message = refusal(call, **arguments)
        assert code == "ResourceInUseException"
        assert user in message


@behaviour(
    "DeleteCampaign, DeleteSolution, DeleteFilter",
    "What is being deleted already does not keep what it depends on",
    EXACT,
    source="observed, need 1",
)
def test_each_thing_goes_once_what_needs_it_is_on_its_way_out(world):
    arns = whole(world)
    world.personalize.delete_campaign(campaignArn=arns["campaign"])
    world.personalize.delete_solution(solutionArn=arns["solution"])
    world.personalize.delete_event_tracker(eventTrackerArn=arns["tracker"])
    world.personalize.delete_filter(filterArn=arns["filter"])
    world.personalize.delete_dataset(datasetArn=arns["dataset"])
    world.personalize.delete_dataset_group(datasetGroupArn=arns["group"])
    world.personalize.delete_schema(schemaArn=arns["schema"])
    world.settle()
    for kind in ("dataset-group", "dataset", "solution", "solution-version", "campaign", "filter", "event-tracker"):
        assert world.workspace.resources.list(kind) == []


@behaviour(
    "DeleteDataset, DeleteEventTracker",
    "An Interactions dataset goes after the event tracker, filters, metric attributions and campaigns of its group",
    EXACT,
    source="documented, contract §9.17",
)
@pytest.mark.parametrize(
    "blocker", ["filter", "tracker", "campaign"], ids=["a filter", "the event tracker", "an active campaign"]
)
def test_an_interactions_dataset_stays_while_one_thing_is_left(world, blocker):
    arns = whole(world)
    deletions = {
        "filter": lambda: world.personalize.delete_filter(filterArn=arns["filter"]),
        "tracker": lambda: world.personalize.delete_event_tracker(eventTrackerArn=arns["tracker"]),
        "campaign": lambda: world.personalize.delete_campaign(campaignArn=arns["campaign"]),
    }
    for kind, delete in deletions.items():
        if kind != blocker:
            delete()
    world.settle()
    code, message = refusal(world.personalize.delete_dataset, datasetArn=arns["dataset"])
    assert (code, arns[blocker] in message) == ("ResourceInUseException", True)


def test_an_items_dataset_does_not_mind_the_event_tracker(world):
    group = world.create_group()
    items = world.create_dataset(group, "Items")
    world.personalize.create_event_tracker(name="tracker", datasetGroupArn=group)
    world.personalize.delete_dataset(datasetArn=items)
    world.settle()
    assert world.personalize.list_datasets(datasetGroupArn=group)["datasets"] == []


@behaviour("Lifecycles", "What is changing cannot be deleted", EXACT, source="documented, contract §2.4")
def test_nothing_that_is_changing_can_be_deleted(world):
    arn = world.personalize.create_dataset_group(name="news")["datasetGroupArn"]
    code, message = refusal(world.personalize.delete_dataset_group, datasetGroupArn=arn)
    assert code == "ResourceInUseException"
    assert "CREATE PENDING" in message


@behaviour(
    "UpdateCampaign, DeleteCampaign",
    "Nothing else happens to a campaign during an update",
    EXACT,
    source="documented, contract §2.4",
)
def test_a_campaign_cannot_be_deleted_or_updated_during_an_update(world):
    arns = whole(world)
    update = {"campaignArn": arns["campaign"], "minProvisionedTPS": 2}
    world.personalize.update_campaign(**update)
    assert refusal(world.personalize.update_campaign, **update)[0] == "ResourceInUseException"
    code, message = refusal(world.personalize.delete_campaign, campaignArn=arns["campaign"])
    assert (code, "update" in message) == ("ResourceInUseException", True)


def test_a_solution_in_training_stays(world):
    group = world.create_group()
    world.create_dataset(group)
    solution = world.create_solution(group)
    version = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    code, message = refusal(world.personalize.delete_solution, solutionArn=solution)
    assert (code, version in message) == ("ResourceInUseException", True)


@behaviour("DeleteSolution", "A solution goes with all its versions", EXACT, source="documented, contract §2.4")
def test_a_solution_goes_with_its_versions_and_their_artifacts(world):
    group = world.create_group()
    world.create_dataset(group)
    solution = world.create_solution(group)
    version = world.add_version(solution, "one")
    (world.workspace.artifacts.stage(version) / "manifest.json").write_text("{}")
    folder = world.workspace.artifacts.publish(version)
    world.personalize.delete_solution(solutionArn=solution)
    assert folder.exists()
    world.settle()
    assert not folder.exists()
    assert refusal(world.personalize.describe_solution_version, solutionVersionArn=version)[0] == (
        "ResourceNotFoundException"
    )


def test_a_name_is_free_again_once_the_resource_is_gone(world):
    arn = world.create_group()
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    assert refusal(world.personalize.create_dataset_group, name="news")[0] == "ResourceAlreadyExistsException"
    world.settle()
    assert world.personalize.create_dataset_group(name="news")["datasetGroupArn"] == arn


def test_an_import_jobs_name_is_free_again_once_its_dataset_is_gone(world):
    group = world.create_group()
    dataset = world.create_dataset(group)
    arguments = {
        "jobName": "import",
        "datasetArn": dataset,
        "dataSource": {"dataLocation": "s3://bucket/interactions.csv"},
        "roleArn": "arn:aws:iam::123456789012:role/personalize",
    }
    job_arn = world.personalize.create_dataset_import_job(**arguments)["datasetImportJobArn"]
    code, message = refusal(world.personalize.delete_dataset, datasetArn=dataset)
    assert (code, job_arn in message) == ("ResourceInUseException", True)
    with world.workspace.database.transaction() as connection:
        world.workspace.resources.update(connection, job_arn, world.clock.now(), status="CREATE FAILED")
        world.workspace.jobs.delete(connection, world.workspace.jobs.of_resource(job_arn).job_id)
    world.personalize.delete_dataset(datasetArn=dataset)
    world.settle()
    new = world.personalize.create_dataset(
        name="again",
        schemaArn=world.personalize.list_schemas()["schemas"][0]["schemaArn"],
        datasetGroupArn=group,
        datasetType="Interactions",
    )["datasetArn"]
    world.settle()
    assert world.personalize.create_dataset_import_job(**arguments | {"datasetArn": new})["datasetImportJobArn"] == (
        job_arn
    )


@behaviour(
    "Lifecycles",
    "In a dataset group that is being deleted nothing is created: it is in use, later not found",
    EXACT,
    source="inferred, contract §9.29",
)
def test_children_cannot_be_created_in_a_group_on_its_way_out(world):
    arn = world.create_group()
    schema = world.create_schema("Items", "items")
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    create = {"name": "items", "schemaArn": schema, "datasetGroupArn": arn, "datasetType": "Items"}
    code, message = refusal(world.personalize.create_dataset, **create)
    assert (code, "DELETE PENDING" in message) == ("ResourceInUseException", True)
    world.settle()
    assert refusal(world.personalize.create_dataset, **create)[0] == "ResourceNotFoundException"


@behaviour(
    "DeleteDataset",
    "A dataset goes with its data; models trained from it stay",
    EXACT,
    source="documented, contract §2.4",
)
def test_the_data_of_a_deleted_dataset_is_gone(world):
    group = world.create_group()
    arn = world.create_dataset(group, "Items")
    world.events.put_items(datasetArn=arn, items=[{"itemId": "1", "properties": '{"category": "news"}'}])
    assert len(world.workspace.records.scan(arn)) == 1
    world.personalize.delete_dataset(datasetArn=arn)
    world.settle()
    assert world.workspace.records.scan(arn) == []
