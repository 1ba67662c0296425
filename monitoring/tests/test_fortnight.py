"""The simulated fortnight: the right alarms and no other, adjustments as good as hindsight, nothing in use removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_aws import FakeAws
from fortnight import END, EXPECTED_ALARMS, HABITS, HOME, NORTH, best_constant, build, charged_tps, serve

PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"
MARKS = ("<!-- decisions -->\n", "<!-- /decisions -->")


@pytest.fixture(scope="module")
def fortnight(make_monitor_of: Callable[..., Any]) -> dict[str, Any]:
    """Report first, note the alarms, then judge with leave to act, carry out, and judge again a day later."""
    aws, arns = build()
    watching, late = make_monitor_of(aws, MonthlySpendLimit="100"), timedelta(minutes=2)
    for minutes in [*range(-390, -60, 30), *range(-60, 0, 5)]:
        assert watching.run(END + timedelta(minutes=minutes) + late, judge_all=False).lacks == []
    firing = {region: aws.cloudwatch[region].firing(END) for region in (HOME, NORTH)}
    untouched = all(one["DetailType"] in ("PersonalizeProposal",) for one in aws.events.entries)
    monitor = make_monitor_of(aws, AutoAdjustMinTPS="Yes", AutoDeleteOrStopIdleResources="Yes")
    report = monitor.run(END + late)
    deliver(aws, monitor, END + late)
    after = END + timedelta(hours=25)
    for habit in HABITS:
        serve(aws, habit, arns[habit.name], END, after)
    again = monitor.run(after)
    deliver(aws, monitor, after)
    told = {"firing": firing, "untouched": untouched, "first": report.decisions, "second": again.decisions}
    return {"aws": aws, "arns": arns, **told}


def deliver(aws: FakeAws, monitor: Any, now: Any) -> None:
    """Bring the commands on the bus to the function that carries them out, as EventBridge does."""
    commands = [entry for entry in aws.events.entries if entry["DetailType"].startswith(("Update", "Delete", "Stop"))]
    aws.events.entries.clear()
    for entry in commands:
        monitor.change({"detail": json.loads(entry["Detail"])}, now)


def test_every_alarm_that_should_fire_fires_and_no_other(fortnight: dict[str, Any]) -> None:
    for region in (HOME, NORTH):
        expected = {
            f"watch_{title}-{habit.name}" for habit in HABITS if habit.region == region for title in habit.alarms
        }
        assert fortnight["firing"][region] == expected | EXPECTED_ALARMS[region]


def test_reporting_changes_nothing(fortnight: dict[str, Any]) -> None:
    assert fortnight["untouched"]
    assert "Nothing was changed" in fortnight["aws"].sns[HOME].mails[0]["Message"]


def test_every_adjustment_costs_within_a_tenth_of_the_best_constant_of_hindsight(fortnight: dict[str, Any]) -> None:
    adjusted = {one.arn: one.new_min_tps for one in fortnight["first"] if one.action == "update"}
    habits = [habit for habit in HABITS if fortnight["arns"][habit.name] in adjusted]
    assert {habit.name for habit in habits} == {habit.name for habit in HABITS if habit.action == "update"}
    for habit in habits:
        cost = charged_tps(habit, adjusted[fortnight["arns"][habit.name]])
        assert 0.9 <= cost / charged_tps(habit, best_constant(habit)) <= 1.1, habit.name


def test_only_the_idle_one_is_removed_after_its_warning(fortnight: dict[str, Any]) -> None:
    aws, arns = fortnight["aws"], fortnight["arns"]
    left = {*aws.personalize[HOME].campaigns, *aws.personalize[NORTH].campaigns, *aws.personalize[NORTH].recommenders}
    assert left == set(arns.values()) - {arns["idle"]}
    assert aws.personalize[NORTH].recommenders[arns["recommender"]]["status"] == "ACTIVE"
    subjects = [mail["Subject"] for mail in aws.sns[HOME].mails]
    assert subjects.index("idle will be deleted") < subjects.index("idle was deleted")
    texts = [mail["Message"] for mail in aws.sns[HOME].mails]
    assert all("To undo it: aws personalize" in text or "To keep it: " in text for text in texts)


def test_only_what_grows_is_adjusted_again_a_day_later(fortnight: dict[str, Any]) -> None:
    again = [one.arn for one in fortnight["second"] if one.action == "update"]
    assert again in ([], [fortnight["arns"]["growing"]])


def test_the_page_holds_the_decisions(fortnight: dict[str, Any]) -> None:
    shown = PAGE.read_text().split(MARKS[0])[1].split(MARKS[1])[0]
    assert shown == table(fortnight)


def table(fortnight: dict[str, Any]) -> str:
    """Give the decisions as Markdown."""
    decisions = {one.arn: one for one in fortnight["first"]}
    rows = ["| | minimum | decision | best in hindsight | charged, of the best | why |", "|---|---|---|---|---|---|"]
    for habit in HABITS:
        one = decisions[fortnight["arns"][habit.name]]
        word = f"{habit.min_tps} → {one.new_min_tps}" if one.new_min_tps else str(one.action)
        setting, best = one.new_min_tps or habit.min_tps, best_constant(habit)
        share = f"{charged_tps(habit, setting) / charged_tps(habit, best):.1%}" if one.new_min_tps else ""
        rows.append(f"| {habit.name} | {habit.min_tps} | {word} | {best} | {share} | {one.reason} |")
    return "\n".join(rows) + "\n"
