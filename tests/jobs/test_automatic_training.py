"""Solutions that train by themselves, by the service's clock.

Source: contract §4.3 (documented), but for what is said to be inferred in jobs/training_schedule.py.
"""

from datetime import timedelta

import pytest

from tests.behaviours import APPROXIMATED, EXACT, behaviour

HOUR_S, DAY_S = 3600, 86400
WEEK_S = 7 * DAY_S


class Reader:
    """A world with a solution, and versions that are there at once."""

    def __init__(self, world, **solution):
        self.world = world
        self.group = world.create_group()
        self.dataset = world.create_dataset(self.group)
        self.users = world.create_dataset(self.group, "Users")
        self.solution = world.create_solution(self.group, **solution)
        self.put_count = 0

    def put(self):
        """Add new data."""
        self.put_count += 1
        user = {"userId": f"u{self.put_count}", "properties": '{"membership": "paying"}'}
        self.world.events.put_users(datasetArn=self.users, users=[user])

    def pass_s(self, seconds):
        """Let time pass, and finish the trainings that it began."""
        self.world.clock.advance(seconds)
        self.world.service.automatic_training.tick()

    def finish(self, status="ACTIVE"):
        workspace = self.world.workspace
        for version in workspace.resources.list("solution-version"):
            job = workspace.jobs.of_resource(version.arn)
            if job is not None:
                with workspace.database.transaction() as connection:
                    workspace.jobs.delete(connection, job.job_id)
                    workspace.resources.update(connection, version.arn, self.world.clock.now(), status=status)

    def versions(self):
        answer = self.world.personalize.list_solution_versions(solutionArn=self.solution)
        return [version["trainingType"] for version in answer["solutionVersions"]]

    def train(self):
        return self.world.personalize.create_solution_version(solutionArn=self.solution)["solutionVersionArn"]

    def update(self, **changes):
        self.world.personalize.update_solution(solutionArn=self.solution, **changes)
        self.world.settle()


def daily(days):
    return {"autoTrainingConfig": {"schedulingExpression": f"rate({days} {'day' if days == 1 else 'days'})"}}


@pytest.fixture
def reader(world):
    return Reader(world)


@behaviour(
    "CreateSolution",
    "The first automatic training comes an hour after the solution",
    APPROXIMATED,
    source="documented for AWS: within the hour",
)
def test_the_first_training_comes_within_the_hour(reader):
    reader.put()
    reader.pass_s(HOUR_S / 2)
    assert reader.versions() == []
    reader.pass_s(HOUR_S / 2)
    assert reader.versions() == ["AUTOMATIC"]


def test_an_automatic_version_is_described_as_one_and_queued(reader):
    reader.put()
    reader.pass_s(HOUR_S)
    (summary,) = reader.world.personalize.list_solution_versions(solutionArn=reader.solution)["solutionVersions"]
    arn = summary["solutionVersionArn"]
    version = reader.world.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert (version["trainingType"], version["trainingMode"], version["status"]) == (
        *("AUTOMATIC", "FULL", "CREATE PENDING"),
    )
    assert version["name"] == f"front-page/{arn.rpartition('/')[2]}"
    assert reader.world.workspace.jobs.of_resource(arn).kind == "solution-version"


@behaviour(
    "CreateSolutionVersion",
    "A version made by hand in the first hour takes the place of the automatic one",
    EXACT,
    source="documented, contract §9.21",
)
def test_a_version_made_by_hand_in_the_first_hour_takes_its_place(reader):
    reader.put()
    reader.pass_s(HOUR_S / 2)
    reader.train()
    reader.finish()
    reader.put()
    reader.pass_s(HOUR_S)
    assert reader.versions() == ["MANUAL"]
    reader.pass_s(WEEK_S - HOUR_S)
    assert reader.versions() == ["MANUAL", "AUTOMATIC"]


def test_without_data_nothing_is_trained_until_there_is_some(reader):
    reader.pass_s(30 * DAY_S)
    assert reader.versions() == []
    reader.put()
    reader.pass_s(60)
    assert reader.versions() == ["AUTOMATIC"]


@behaviour(
    "CreateSolution",
    "Later ones come every seven days, or as the schedule says, when there is new data",
    EXACT,
    source="documented, contract §4.3",
)
def test_later_trainings_come_every_week_when_there_is_new_data(reader):
    reader.put()
    reader.pass_s(HOUR_S)
    reader.finish()
    reader.pass_s(2 * WEEK_S)
    assert len(reader.versions()) == 1
    reader.put()
    reader.pass_s(60)
    assert len(reader.versions()) == 2
    reader.finish()
    reader.put()
    reader.pass_s(WEEK_S - 60)
    assert len(reader.versions()) == 2
    reader.pass_s(60)
    assert len(reader.versions()) == 3


def test_the_schedule_of_the_solution_counts(world):
    reader = Reader(world, solutionConfig=daily(1))
    reader.put()
    reader.pass_s(HOUR_S)
    reader.finish()
    reader.put()
    reader.pass_s(DAY_S)
    assert reader.versions() == ["AUTOMATIC"] * 2


def test_a_training_that_failed_is_not_tried_again_before_the_next_date_and_new_data(reader):
    reader.put()
    reader.pass_s(HOUR_S)
    reader.finish("CREATE FAILED")
    reader.put()
    reader.pass_s(DAY_S)
    assert len(reader.versions()) == 1
    reader.pass_s(WEEK_S)
    assert len(reader.versions()) == 2


def test_no_training_begins_while_another_of_the_solution_runs(world):
    reader = Reader(world, solutionConfig=daily(1))
    reader.put()
    reader.pass_s(HOUR_S)
    reader.put()
    reader.pass_s(2 * DAY_S)
    assert len(reader.versions()) == 1


def test_it_can_be_switched_off_for_a_solution_and_on_again(world):
    reader = Reader(world, performAutoTraining=False)
    reader.put()
    reader.pass_s(WEEK_S)
    assert reader.versions() == []
    reader.update(performAutoTraining=True)
    reader.pass_s(HOUR_S - 10)
    assert reader.versions() == []
    reader.pass_s(60)
    assert reader.versions() == ["AUTOMATIC"]


@behaviour("UpdateSolution", "Another frequency starts the count again", EXACT, source="documented, contract §4.3")
def test_a_change_of_the_frequency_starts_the_count_again(reader):
    reader.put()
    reader.pass_s(HOUR_S)
    reader.finish()
    reader.put()
    reader.pass_s(5 * DAY_S)
    reader.update(solutionUpdateConfig=daily(3))
    reader.pass_s(2 * DAY_S)
    assert len(reader.versions()) == 1
    reader.pass_s(DAY_S)
    assert len(reader.versions()) == 2


@behaviour(
    "CreateSolution",
    "PERSONALIZE_LOCAL_AUTOMATIC_TRAINING=off switches automatic training off altogether",
    APPROXIMATED,
    source="inferred: AWS has no such switch",
)
def test_it_can_be_switched_off_for_the_whole_service(tmp_path, make_world):
    reader = Reader(make_world(tmp_path, automatic_training=False))
    reader.put()
    reader.pass_s(WEEK_S)
    assert reader.versions() == []


def test_a_solution_being_deleted_is_left_alone(reader):
    reader.put()
    reader.world.personalize.delete_solution(solutionArn=reader.solution)
    reader.pass_s(HOUR_S)
    assert reader.versions() == []


def test_a_solution_whose_data_was_deleted_is_left_alone(reader):
    reader.put()
    reader.world.personalize.delete_dataset(datasetArn=reader.dataset)
    reader.world.settle()
    reader.pass_s(HOUR_S)
    assert reader.versions() == []


def test_the_service_looks_once_a_minute(reader):
    reader.pass_s(HOUR_S)
    reader.put()
    reader.pass_s(59)
    assert reader.versions() == []
    reader.pass_s(1)
    assert reader.versions() == ["AUTOMATIC"]


@behaviour(
    "CreateCampaign",
    "syncWithLatestSolutionVersion takes each new version, automatic ones too",
    EXACT,
    source="documented, contract §9.11",
)
def test_a_following_campaign_takes_the_automatic_version(shop):
    personalize, workspace = shop.world.personalize, shop.world.workspace
    first = shop.world.add_version(shop.solution, "one")
    campaign = personalize.create_campaign(
        name="front-page",
        solutionVersionArn=f"{shop.solution}/$LATEST",
        campaignConfig={"syncWithLatestSolutionVersion": True},
    )["campaignArn"]
    shop.world.settle()
    assert personalize.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"] == first
    users = shop.world.create_dataset(shop.group, "Users")
    shop.world.events.put_users(datasetArn=users, users=[{"userId": "u"}])
    shop.order(do="succeed")
    shop.world.clock.advance(timedelta(days=8).total_seconds())
    shop.world.service.tick()
    automatic = workspace.resources.list("solution-version")[-1].arn
    assert shop.run_until_settled(automatic) == "ACTIVE"
    shop.world.settle()
    assert personalize.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"] == automatic
