"""Work in worker processes: how each ending shows, and that no resource stays in progress."""

import logging

from tests.behaviours import EXACT, behaviour


def test_work_shows_every_status_and_its_result(shop):
    arn = shop.create_version(do="succeed")
    seen = [shop.status(arn)]

    def look():
        if (status := shop.status(arn)) != seen[-1]:
            seen.append(status)
        return status == "ACTIVE"

    shop.run_until(look)
    assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    metrics = shop.world.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert metrics == {"coverage": 0.5}
    assert "failureReason" not in shop.version(arn)
    assert shop.world.workspace.jobs.of_resource(arn) is None


def test_work_that_cannot_be_done_fails_with_its_reason(shop):
    arn = shop.create_version(do="fail")
    assert shop.run_until_settled(arn) == "CREATE FAILED"
    assert shop.version(arn)["failureReason"] == "Create failed. The data is not good enough."
    summary = shop.world.personalize.list_solution_versions(solutionArn=shop.solution)["solutionVersions"][0]
    assert summary["failureReason"] == "Create failed. The data is not good enough."


def test_a_crash_fails_at_once_and_its_trace_is_in_the_log(shop, caplog):
    arn = shop.create_version(do="crash")
    assert shop.run_until_settled(arn) == "CREATE FAILED"
    assert shop.version(arn)["failureReason"].startswith("An internal error of the local service stopped the work.")
    assert "RuntimeError: a mistake in the code" in caplog.text


def test_a_worker_that_dies_is_started_again_a_few_times_at_most(shop, caplog):
    caplog.set_level(logging.WARNING)
    arn = shop.create_version(do="die")
    assert shop.run_until_settled(arn) == "CREATE FAILED"
    reason = shop.version(arn)["failureReason"]
    assert "interrupted 3 times" in reason and "SIGKILL" in reason and "memory" in reason
    assert caplog.text.count("it runs again") == 2


def test_work_that_dies_once_is_done_by_the_next_worker(shop):
    arn = shop.create_version(do="die")
    shop.run_until(lambda: shop.status(arn) == "CREATE IN_PROGRESS")
    shop.order(do="succeed")
    assert shop.run_until_settled(arn) == "ACTIVE"


def test_what_libraries_print_is_not_progress(shop):
    arn = shop.create_version(do="print")
    assert shop.run_until_settled(arn) == "ACTIVE"


def test_progress_of_running_work(shop):
    arn = shop.create_version(do="hang")
    assert shop.world.service.queue.progress(arn) is None
    shop.run_until_working(arn)
    assert shop.world.service.queue.progress(arn).fraction == 0.5


@behaviour(
    "StopSolutionVersionCreation",
    "A training in progress goes through CREATE STOPPING to CREATE STOPPED",
    EXACT,
    source="documented, contract §2.1",
)
def test_a_training_in_progress_stops_through_stopping(shop):
    arn = shop.create_version(do="hang")
    shop.run_until_working(arn)
    shop.world.personalize.stop_solution_version_creation(solutionVersionArn=arn)
    assert shop.status(arn) == "CREATE STOPPING"
    assert shop.run_until_settled(arn) == "CREATE STOPPED"
    assert shop.world.service.queue.worker_process_ids() == []


def test_a_training_stopped_before_it_began_never_begins(shop):
    arn = shop.create_version(do="succeed")
    shop.world.personalize.stop_solution_version_creation(solutionVersionArn=arn)
    shop.run_until(lambda: shop.world.workspace.jobs.of_resource(arn) is None)
    assert shop.status(arn) == "CREATE STOPPED"


def test_no_more_workers_than_the_limit_and_the_others_wait_their_turn(open_shop):
    shop = open_shop(worker_limit=1)
    first, second = shop.create_version(do="hang"), shop.create_version(do="hang")
    shop.run_until_working(first)
    shop.world.tick()
    assert (shop.status(first), shop.status(second)) == ("CREATE IN_PROGRESS", "CREATE PENDING")
    assert len(shop.world.service.queue.worker_process_ids()) == 1
    shop.world.personalize.stop_solution_version_creation(solutionVersionArn=first)
    shop.run_until_working(second)


def test_the_result_and_the_status_are_written_together_or_not_at_all(shop):
    arn = shop.create_version(do="succeed", commit="fail")
    assert shop.run_until_settled(arn) == "CREATE FAILED"
    assert shop.version(arn)["failureReason"].startswith("An internal error of the local service kept the result")
    assert "metrics" not in shop.world.workspace.resources.get(arn).body


def test_a_commit_may_refuse_with_a_reason(shop):
    arn = shop.create_version(do="succeed", commit="refuse")
    assert shop.run_until_settled(arn) == "CREATE FAILED"
    assert shop.version(arn)["failureReason"] == "The dataset is gone."


@behaviour(
    "CreateCampaign, DescribeCampaign",
    "A campaign that follows its solution shows the update to the new version",
    EXACT,
    source="documented, contract §4.4",
)
def test_campaigns_that_follow_their_solution_are_updated_to_its_new_version(shop):
    personalize = shop.world.personalize
    old = shop.world.add_version(shop.solution, "old")
    config = {"syncWithLatestSolutionVersion": True}
    follower = shop.world.create_campaign(f"{shop.solution}/$LATEST", "follower", campaignConfig=config)
    other = shop.world.create_campaign(old, "other")
    new = shop.create_version(do="succeed")
    shop.run_until_settled(new)
    described = personalize.describe_campaign(campaignArn=follower)["campaign"]
    assert described["latestCampaignUpdate"]["solutionVersionArn"] == new
    assert described["solutionVersionArn"] == old
    shop.world.settle()
    assert personalize.describe_campaign(campaignArn=follower)["campaign"]["solutionVersionArn"] == new
    assert personalize.describe_campaign(campaignArn=other)["campaign"]["solutionVersionArn"] == old
