"""The ten faults of the public monitor, each as a test that would find it here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fake_aws import FakeAws
from personalize_monitor.alarms import Alarm
from personalize_monitor.change import RefusedError
from personalize_monitor.guard import Action
from personalize_monitor.settings import SettingError, read_settings

USER_PERSONALIZATION = "aws-user-personalization-v2"
OLD = timedelta(days=30)


def test_fault_1_every_ranking_recipe_is_measured_by_its_own_metric(
    aws: FakeAws, make_monitor: Callable[..., Any], ask: Callable[..., None], now: datetime
) -> None:
    """GIVEN a ranking-v2 campaign in use and deleting on WHEN judged THEN it is busy, and its latency is its own."""
    ranking = aws.personalize["us-east-1"].add_campaign("rank", "aws-personalized-ranking-v2", 1, now - OLD)
    actions = aws.personalize["us-east-1"].add_campaign("next", "aws-next-best-action", 1, now - OLD)
    future = aws.personalize["us-east-1"].add_campaign("new", "aws-unheard-of-v9", 1, now - OLD)
    ask(aws, ranking, 0.5, 48, metric="GetPersonalizedRanking")
    report = make_monitor(AutoDeleteOrStopIdleResources="Yes").run()
    decisions = {one.arn: one for one in report.decisions}
    assert "served 86,400 requests" in decisions[ranking].reason
    assert "no metric for the requests of aws-next-best-action" in decisions[actions].reason
    assert "aws-unheard-of-v9 is not known" in decisions[future].reason
    assert {one.action for one in report.decisions} == {Action.NONE}
    latency = aws.cloudwatch["us-east-1"].alarms["watch_Latency-rank"]["MetricName"]
    assert latency == "GetPersonalizedRankingLatency"


def test_fault_2_an_account_of_recommenders_only_has_its_dashboards(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    aws.personalize["ca-central-1"].add_recommender("home", 1, now - OLD)
    assert make_monitor().run().lacks == []
    body = json.loads(aws.cloudwatch["us-east-1"].dashboards["watch_shop_ca-central-1"])
    regions = {widget["properties"]["region"] for widget in body["widgets"] if widget["type"] == "metric"}
    assert regions == {"ca-central-1"}


def test_fault_3_removing_twice_is_refused_the_second_time_and_loses_no_alarm_of_others(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    arn = aws.personalize["us-east-1"].add_recommender("idle", 1, now - OLD)
    monitor = make_monitor(AutoDeleteOrStopIdleResources="Yes")
    monitor.run()
    assert "watch_IdleRecommender-idle" in aws.cloudwatch["us-east-1"].alarms
    notice = monitor.change({"ARN": arn, "Action": "remove"})
    assert notice.detail_type == "PersonalizeRecommenderStopped"
    with pytest.raises(RefusedError, match="it is being changed \\(status INACTIVE"):
        monitor.change({"ARN": arn, "Action": "remove"})
    monitor.run()
    assert not [name for name in aws.cloudwatch["us-east-1"].alarms if "idle" in name]


@pytest.mark.parametrize("hours", [2, 24, 25, 48])
def test_fault_4_the_idle_alarm_is_legal_for_every_threshold(
    hours: int, aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    aws.personalize["us-east-1"].add_campaign("front", USER_PERSONALIZATION, 1, now - OLD)
    report = make_monitor(IdleThresholdHours=str(hours)).run()
    alarm = aws.cloudwatch["us-east-1"].alarms["watch_IdleCampaign-front"]
    assert (alarm["Period"] * alarm["EvaluationPeriods"], report.lacks) == (hours * 3600, [])


def test_fault_4_an_alarm_that_cannot_be_put_costs_no_metric(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    aws.personalize["us-east-1"].add_campaign("front", USER_PERSONALIZATION, 1, now - OLD)
    aws.cloudwatch["us-east-1"].broken = {"put_metric_alarm"}
    report = make_monitor().run()
    assert "watch_Errors-front: ThrottlingException" in report.lacks
    assert any(key[1] == "campaignUtilization" for key in aws.cloudwatch["us-east-1"].points)
    with pytest.raises(ValueError, match="cannot evaluate 576 of 576 periods of 300 s"):
        Alarm("x", "us-east-1", "n", "m", (), "Sum", "LessThanThreshold", 0, 300, 576, 576, "missing", "")


def test_fault_5_hours_without_requests_are_zero_and_a_step_never_goes_below_what_was_used(
    aws: FakeAws, make_monitor: Callable[..., Any], ask: Callable[..., None], now: datetime
) -> None:
    """GIVEN 9.4 TPS in two hours of a fortnight and a minimum of 14 WHEN judged THEN 10 is asked for, not 9 or 7."""
    arn = aws.personalize["us-east-1"].add_campaign("front", USER_PERSONALIZATION, 14, now - OLD)
    ask(aws, arn, 9.4, 2, until=now - timedelta(days=3))
    ask(aws, arn, 0.1, 1)
    decision = make_monitor().run().decisions[0]
    assert (decision.action, decision.new_min_tps, decision.acts) == (Action.UPDATE, 10, False)


def test_fault_5_requests_that_cannot_be_read_are_not_zero(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    aws.personalize["us-east-1"].add_campaign("front", USER_PERSONALIZATION, 14, now - OLD)
    aws.cloudwatch["us-east-1"].broken = {"get_metric_data"}
    report = make_monitor(AutoAdjustMinTPS="Yes", AutoDeleteOrStopIdleResources="Yes").run()
    assert [one.reason for one in report.decisions] == ["its requests could not be read"]
    assert any("ThrottlingException" in lack for lack in report.lacks)


def test_fault_6_what_is_done_in_another_region_is_mailed_and_alarms_notify_their_own_regions_topic(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    arn = aws.personalize["ca-central-1"].add_campaign("north", USER_PERSONALIZATION, 4, now - OLD)
    monitor = make_monitor()
    monitor.run()
    monitor.run()
    monitor.change({"ARN": arn, "NewMinTPS": 2, "Reason": "tried"})
    assert aws.sns["us-east-1"].mails[-1]["Subject"] == "north was lowered from 4 to 2 TPS"
    topic_arn = "arn:aws:sns:ca-central-1:123456789012:watch_notifications"
    assert {alarm["AlarmActions"][0] for alarm in aws.cloudwatch["ca-central-1"].alarms.values()} == {topic_arn}
    assert [one["Endpoint"] for one in aws.sns["ca-central-1"].subscriptions] == ["news@example.com"]


def test_fault_7_what_was_updated_a_moment_ago_stays(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime
) -> None:
    """GIVEN an idle campaign, warned of WHEN it is updated before the grace is over THEN it stays, even if asked."""
    personalize = aws.personalize["us-east-1"]
    arn = personalize.add_campaign("quiet", USER_PERSONALIZATION, 1, now - OLD)
    monitor = make_monitor(AutoDeleteOrStopIdleResources="Yes")
    assert monitor.run().decisions[0].action is Action.WARN
    later = now + timedelta(hours=25)
    personalize.campaigns[arn]["latestCampaignUpdate"] = {
        "status": "ACTIVE",
        "lastUpdatedDateTime": later - timedelta(hours=1),
    }
    assert monitor.run(later).decisions[0].reason == "it was updated in the last 24 h"
    with pytest.raises(RefusedError, match="quiet stays: it was updated in the last 24 h"):
        monitor.change({"ARN": arn, "Action": "remove"}, later)
    assert arn in personalize.campaigns


@pytest.mark.parametrize(
    ("value", "meant"), [("No", "No"), (False, "No"), ("false", "No"), (True, "Yes"), ("yes", "Yes")]
)
def test_fault_8_what_an_event_says_counts_no_and_false_too(value: Any, meant: str) -> None:
    environment = {"INSTALLATION": "a", "AWS_REGION": "r", "AutoDeleteOrStopIdleResources": "Yes"}
    settings = read_settings(environment, {"AutoDeleteOrStopIdleResources": value})
    assert settings.delete_idle == meant
    with pytest.raises(SettingError, match="must be Yes, No or Report, not 'maybe'"):
        read_settings(environment, {"AutoDeleteOrStopIdleResources": "maybe"})


def test_fault_9_five_hundred_campaigns_are_read_and_published_in_batches(
    aws: FakeAws, make_monitor: Callable[..., Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN 500 campaigns WHEN watched twice THEN CloudWatch is asked a few times, and alarms go by hundreds."""
    personalize, cloudwatch = aws.personalize["us-east-1"], aws.cloudwatch["us-east-1"]
    for number in range(500):
        personalize.add_campaign(f"c{number}", USER_PERSONALIZATION, 1, now - OLD)
    monitor = make_monitor()
    report = monitor.run(judge_all=False)
    assert (report.servers, report.lacks) == (500, ["1940 alarms of us-east-1 wait for the next run"])
    monkeypatch.setattr("personalize_monitor.cloudwatch.ALARMS_PER_RUN", 2000)
    assert monitor.run(judge_all=False).lacks == []
    assert len(cloudwatch.alarms) == 2000
    personalize.campaigns.clear()
    cloudwatch.calls.clear()
    monitor.run(judge_all=False)
    assert (cloudwatch.alarms, cloudwatch.calls.count("delete_alarms")) == ({}, 20)
    assert personalize.calls.count("list_campaigns") == 5 + 5 + 1


def test_fault_9_money_is_published_for_each_and_in_all(
    aws: FakeAws, make_monitor: Callable[..., Any], ask: Callable[..., None], now: datetime
) -> None:
    """GIVEN a campaign of 10 TPS used at 4 WHEN watched THEN 2 dollars an hour are charged and 1.2 of them wasted."""
    arn = aws.personalize["us-east-1"].add_campaign("front", USER_PERSONALIZATION, 10, now - OLD)
    ask(aws, arn, 4, 1)
    make_monitor().run(now - timedelta(minutes=0))
    points = aws.cloudwatch["us-east-1"].points
    value = {key[1]: next(iter(ones.values()))[0] for key, ones in points.items() if key[2] == (("CampaignArn", arn),)}
    assert value["dollarsPerHour"] == pytest.approx(2.0)
    assert (value["dollarsPerHourUsed"], value["dollarsPerHourWasted"]) == pytest.approx((0.8, 1.2))
    assert value["campaignUtilization"] == pytest.approx(40)


def test_fault_10_nothing_alarms_for_being_new(aws: FakeAws, make_monitor: Callable[..., Any], now: datetime) -> None:
    personalize = aws.personalize["us-east-1"]
    arn = personalize.add_campaign("new", USER_PERSONALIZATION, 5, now - timedelta(hours=1))
    personalize.lists["list_event_trackers"] = [
        {"eventTrackerArn": arn.replace("campaign/new", "event-tracker/1"), "name": "t", "status": "ACTIVE",
         "datasetGroupArn": personalize.groups[0], "creationDateTime": now - timedelta(hours=1)}
    ]  # fmt: skip
    monitor = make_monitor(AutoDeleteOrStopIdleResources="Yes", AutoAdjustMinTPS="Yes")
    for run in range(13):
        report = monitor.run(now + run * timedelta(minutes=5))
    assert aws.cloudwatch["us-east-1"].firing(now + timedelta(hours=1)) == set()
    assert (report.decisions[0].action, aws.sns["us-east-1"].mails) == (Action.NONE, [])
