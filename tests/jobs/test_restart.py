"""After the server is gone, however it went: everything goes on, and nothing is done twice at once."""

import signal
import subprocess
import sys

from personalize_local.jobs.clock import SystemClock
from personalize_local.jobs.outcome import Succeeded, write_outcome
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.jobs import QUEUED, RUNNING
from tests.behaviours import APPROXIMATED, behaviour

LATER_S = 100 * 365 * 86400  # tests' clocks start in the past of a server that has the machine's clock
MODULES = {"solution-version": "fake_work"}


def reopen(shop, make_world):
    """Close the shop's world and open its folder anew, as the next server does."""
    shop.world.close()
    shop.world = make_world(shop.data_dir, MODULES)
    shop.world.clock.advance(LATER_S)
    shop.world.service.queue.recover()


def leave_running(shop, arn, attempt):
    """Leave a job as a server does that is killed while a worker is at it."""
    job = shop.world.workspace.jobs.of_resource(arn)
    with shop.world.workspace.database.transaction() as connection:
        shop.world.workspace.jobs.move(connection, job.job_id, RUNNING, attempt, shop.world.clock.now())
        shop.world.workspace.resources.update(connection, arn, shop.world.clock.now(), status="CREATE IN_PROGRESS")
    return job


def test_a_server_killed_in_the_middle_of_a_training_takes_its_worker_along_and_the_next_trains_again(
    shop, make_world, processes
):
    arn = shop.create_version(do="hang")
    shop.world.close()
    server = subprocess.Popen([sys.executable, processes.server, str(shop.data_dir)], stdout=subprocess.PIPE)
    worker_id = int(server.stdout.readline())
    assert processes.is_running(worker_id)

    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    processes.wait_until(lambda: not processes.is_running(worker_id))

    shop.order(do="succeed")
    shop.world = make_world(shop.data_dir, MODULES)
    shop.world.clock.advance(LATER_S)
    assert shop.status(arn) == "CREATE IN_PROGRESS"
    shop.world.service.queue.recover()
    assert shop.run_until_settled(arn) == "ACTIVE"
    assert shop.world.workspace.resources.get(arn).body["attempt"] == 2


@behaviour(
    "Lifecycles",
    "Work that was interrupted runs again at the next start; after three interruptions it is CREATE FAILED",
    APPROXIMATED,
    source="inferred: AWS is not seen to stop",
)
def test_work_that_was_interrupted_too_often_fails_and_says_so(shop, make_world):
    arn = shop.create_version(do="succeed")
    leave_running(shop, arn, attempt=3)
    reopen(shop, make_world)
    version = shop.version(arn)
    assert version["status"] == "CREATE FAILED"
    reason = version["failureReason"]
    assert reason.startswith("The work was interrupted 3 times; the last time, the local service was ended.")


def test_work_that_was_done_when_the_server_went_is_not_done_again(shop, make_world):
    arn = shop.create_version(do="die")
    job = leave_running(shop, arn, attempt=1)
    result = {"resource": {"metrics": {"coverage": 1.0}}}
    write_outcome(shop.world.workspace.job_folder(job.job_id), 1, Succeeded(result))
    shop.order(do="die")
    reopen(shop, make_world)
    assert shop.status(arn) == "ACTIVE"
    metrics = shop.world.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert metrics == {"coverage": 1.0}


def test_the_outcome_of_an_earlier_attempt_does_not_count(shop, make_world):
    arn = shop.create_version(do="succeed")
    job = leave_running(shop, arn, attempt=2)
    write_outcome(shop.world.workspace.job_folder(job.job_id), 1, Succeeded({}))
    reopen(shop, make_world)
    assert shop.status(arn) == "CREATE IN_PROGRESS"
    assert shop.run_until_settled(arn) == "ACTIVE"
    assert shop.world.workspace.resources.get(arn).body["attempt"] == 3


def test_a_training_that_was_stopping_when_the_server_went_is_stopped(shop, make_world):
    arn = shop.create_version(do="succeed")
    leave_running(shop, arn, attempt=1)
    shop.world.personalize.stop_solution_version_creation(solutionVersionArn=arn)
    reopen(shop, make_world)
    assert shop.status(arn) == "CREATE STOPPED"


def test_a_server_that_stops_in_good_order_ends_its_workers_and_does_not_count_the_start(shop, processes):
    arn = shop.create_version(do="hang")
    shop.run_until_working(arn)
    (worker_id,) = shop.world.service.queue.worker_process_ids()
    shop.world.service.stop()
    assert not processes.is_running(worker_id)
    job = shop.world.workspace.jobs.of_resource(arn)
    assert (job.state, job.attempt) == (QUEUED, 0)


def test_statuses_go_on_where_they_stood(shop, make_world):
    personalize = shop.world.personalize
    arn = personalize.create_dataset_group(name="late")["datasetGroupArn"]
    shop.world.tick()
    reopen(shop, make_world)
    assert shop.world.workspace.resources.get(arn).status == "CREATE IN_PROGRESS"
    shop.world.settle()
    assert shop.world.workspace.resources.get(arn).status == "ACTIVE"


def test_a_started_service_goes_on_by_itself(shop, processes):
    arn = shop.create_version(do="succeed")
    settings = Settings(status_dwell_s=0.01)
    service = Service(shop.world.workspace, SystemClock(), settings, job_modules=MODULES)
    service.start()
    try:
        group = shop.world.personalize.create_dataset_group(name="by-itself")["datasetGroupArn"]
        service.wake()
        resources = shop.world.workspace.resources
        processes.wait_until(lambda: resources.get(group).status == "ACTIVE")
        processes.wait_until(lambda: resources.get(arn).status == "ACTIVE")
    finally:
        service.stop()
