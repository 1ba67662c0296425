"""The trainings of recommenders: in real workers, interrupted, and across restarts; of new ones and of updates."""

import json
import os
import signal

import pytest

from personalize_local.jobs.outcome import Succeeded, write_outcome
from personalize_local.store.jobs import RUNNING
from tests.market import Market

RECIPE = "aws-ecomm-recommended-for-you"
MODULES = {"recommender": "fake_work"}
LATER_S = 100 * 365 * 86400
OTHER_COLUMNS = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["CATEGORY_L2"]}}}


class Workshop:
    """A market whose recommenders are made by fake work, as `orders` say."""

    def __init__(self, make_world, data_dir):
        self.make_world, self.data_dir = make_world, data_dir
        self.world = make_world(data_dir, MODULES)
        self.market = Market(self.world)
        for dataset_type in ("Interactions", "Items"):
            self.market.create_dataset(dataset_type)

    def order(self, do):
        (self.data_dir / "orders.json").write_text(json.dumps({"do": do}))

    def create(self, do):
        self.order(do)
        return self.market.create(RECIPE)

    def update(self, arn, do):
        self.order(do)
        self.market.personalize.update_recommender(recommenderArn=arn, recommenderConfig=OTHER_COLUMNS)

    def reopen(self):
        """Close the world and open its folder anew, as the next server does."""
        self.world.close()
        self.world = self.make_world(self.data_dir, MODULES)
        self.market.world, self.market.personalize = self.world, self.world.personalize
        self.world.clock.advance(LATER_S)
        self.world.service.queue.recover()

    def leave_running(self, arn, attempt):
        """Leave the job as a server does that is killed while a worker is at it."""
        job = self.world.workspace.jobs.of_resource(arn)
        with self.world.workspace.database.transaction() as connection:
            self.world.workspace.jobs.move(connection, job.job_id, RUNNING, attempt, self.world.clock.now())
        return job

    def statuses(self, arn, processes):
        """Let the service go on until nothing is to be done; give (status, status of the update) as they were seen."""
        seen = []

        def look():
            described = self.market.describe(arn)
            both = (described["status"], described.get("latestRecommenderUpdate", {}).get("status"))
            seen.extend([both] if both not in seen else [])
            self.world.tick(0.3)
            return self.world.workspace.jobs.of_resource(arn) is None

        processes.wait_until(look)
        look()
        return seen


@pytest.fixture
def workshop(tmp_path, fakes, make_world):
    """A workshop with fake work."""
    return Workshop(make_world, tmp_path)


def test_a_recommender_is_trained_by_a_worker_and_answers(world, processes):
    market = Market(world).fill()
    arn = market.create(RECIPE)
    processes.wait_until(lambda: world.tick() or market.describe(arn)["status"] != "CREATE PENDING")
    assert market.describe(arn)["status"] == "CREATE IN_PROGRESS"
    processes.wait_until(lambda: world.tick() or market.describe(arn)["status"] != "CREATE IN_PROGRESS")
    assert market.describe(arn)["status"] == "ACTIVE"
    assert len(market.recommended_ids(arn, userId="u1", numResults=5)) == 5


def test_every_status_of_a_creation_and_of_an_update_is_shown(workshop, processes):
    arn = workshop.create(do="succeed")
    assert workshop.statuses(arn, processes) == [
        ("CREATE PENDING", None),
        ("CREATE IN_PROGRESS", None),
        ("ACTIVE", None),
    ]
    workshop.update(arn, do="succeed")
    assert workshop.statuses(arn, processes) == [
        ("ACTIVE", "CREATE PENDING"),
        ("ACTIVE", "CREATE IN_PROGRESS"),
        ("ACTIVE", "ACTIVE"),
    ]


def test_an_update_whose_worker_is_killed_runs_again(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.statuses(arn, processes)
    workshop.update(arn, do="hang")
    queue = workshop.world.service.queue
    processes.wait_until(
        lambda: workshop.world.tick() or (queue.progress(arn) and queue.progress(arn).text == "Working")
    )
    (worker_id,) = queue.worker_process_ids()
    workshop.order("succeed")
    os.kill(worker_id, signal.SIGKILL)
    assert workshop.statuses(arn, processes)[-1] == ("ACTIVE", "ACTIVE")
    assert workshop.world.workspace.resources.get(arn).body["attempt"] == 2


def test_a_creation_goes_on_after_a_restart(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.leave_running(arn, attempt=1)
    workshop.reopen()
    assert workshop.statuses(arn, processes)[-1] == ("ACTIVE", None)
    assert workshop.world.workspace.resources.get(arn).body["attempt"] == 2


def test_an_update_goes_on_after_a_restart(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.statuses(arn, processes)
    workshop.update(arn, do="succeed")
    workshop.leave_running(arn, attempt=1)
    workshop.reopen()
    assert workshop.statuses(arn, processes)[-1] == ("ACTIVE", "ACTIVE")
    assert (
        workshop.market.describe(arn)["recommenderConfig"]["trainingDataConfig"] == OTHER_COLUMNS["trainingDataConfig"]
    )


def test_an_update_that_was_done_when_the_server_went_is_not_done_again(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.statuses(arn, processes)
    workshop.update(arn, do="die")
    job = workshop.leave_running(arn, attempt=1)
    result = {"resource": {"model_metrics": {"coverage": 1.0}}}
    write_outcome(workshop.world.workspace.job_folder(job.job_id), 1, Succeeded(result))
    workshop.reopen()
    described = workshop.market.describe(arn)
    assert (described["latestRecommenderUpdate"]["status"], described["modelMetrics"]) == ("ACTIVE", {"coverage": 1.0})


def test_an_update_that_was_interrupted_too_often_fails_alone(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.statuses(arn, processes)
    workshop.update(arn, do="die")
    assert workshop.statuses(arn, processes)[-1] == ("ACTIVE", "CREATE FAILED")
    described = workshop.market.describe(arn)
    assert described["latestRecommenderUpdate"]["failureReason"].startswith("The work was interrupted 3 times")
    assert "trainingDataConfig" not in described["recommenderConfig"]


def test_stopping_goes_on_after_a_restart(workshop, processes):
    arn = workshop.create(do="succeed")
    workshop.statuses(arn, processes)
    workshop.market.personalize.stop_recommender(recommenderArn=arn)
    workshop.reopen()
    assert workshop.market.describe(arn)["status"] == "STOP PENDING"
    workshop.world.settle()
    assert workshop.market.describe(arn)["status"] == "INACTIVE"
