"""What a plan is reckoned to cost, line by line."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from commands.amounts import GIGABYTE, Amounts
from commands.estimate import Estimate, Line, estimate
from commands.outlook import REFUSED, Step

from personalize_spec.prices import PriceTable
from tests.pipeline.conftest import PROJECT

NEWS: dict[str, Any] = json.loads((PROJECT.parent / "examples" / "every-key.json").read_text())
VIDEOS: dict[str, Any] = json.loads((PROJECT.parent / "examples" / "recommenders.json").read_text())
SOLUTION_ARN = "arn:aws:personalize:us-east-1:123456789012:solution/daily-for-you"
PRICES = PriceTable()


def version(key: str) -> Step:
    definition = {"references": {"solutionArn": f"solution:{key}"}}
    return Step(f"version:{key}", "solution-version", "v", "CREATE", definition=definition)


def reckon(file: dict[str, Any], steps: Iterable[Step], amounts: Amounts | None = None) -> Estimate:
    return estimate(file, list(steps), amounts or Amounts(), PRICES)


def line(lines: Iterable[Line], what: str) -> Line:
    [found] = [each for each in lines if each.what == what]
    return found


def test_nothing_to_do_costs_nothing_and_takes_no_time() -> None:
    found = reckon(NEWS, [Step("dataset:Items", "dataset", "articles", "LEAVE")])
    assert (found.run, found.minutes) == ((), 0)


def test_what_is_refused_is_not_reckoned() -> None:
    assert reckon(NEWS, [Step("import:Items", "dataset-import-job", "x", REFUSED)]).run == ()


def test_imports_are_paid_by_size() -> None:
    steps = [Step("import:Items", "dataset-import-job", "x", "CREATE")]
    found = reckon(NEWS, steps, Amounts(size_bytes={"Items": 10 * GIGABYTE}))
    assert line(found.run, "import of Items").dollars == pytest.approx(0.5)
    assert line(found.month, "data in the input bucket").dollars == pytest.approx(0.23)
    assert found.minutes == 15


def test_a_training_takes_what_the_newest_version_took() -> None:
    steps = [Step("solution:similarItems", "solution", "x", "LEAVE", arn=SOLUTION_ARN), version("similarItems")]
    amounts = Amounts(training_hours={SOLUTION_ARN: 5.0}, training_minutes={SOLUTION_ARN: 42.0})
    found = reckon(NEWS, steps, amounts)
    trained = line(found.run, "training of similarItems")
    assert (trained.dollars, trained.note) == (pytest.approx(1.2), "as the newest version took")
    assert found.minutes == 42


def test_tuning_is_as_many_trainings() -> None:
    found = reckon(NEWS, [version("userPersonalization")], Amounts(rows={"Interactions": 1_000_000}))
    assert line(found.run, "training of userPersonalization").amount == "24.0 training hours"


def test_recipes_of_version_2_are_paid_by_interactions() -> None:
    found = reckon(NEWS, [version("order")], Amounts(rows={"Interactions": 3_000_000}))
    assert line(found.run, "training of order").dollars == pytest.approx(6)
    served = line(found.month, "campaigns of recipes of version 2")
    assert served.note.startswith("not verified")


def test_campaigns_are_paid_while_they_exist() -> None:
    found = line(reckon(NEWS, []).month, "campaigns, if not asked more than is kept ready")
    assert found.amount == "3,650 TPS-hours"  # for-you, for-you-bold, also-read, by-meaning, next-offer
    assert found.dollars == pytest.approx(730)


def test_both_versions_are_paid_while_traffic_moves() -> None:
    definition = {"arguments": {"minProvisionedTPS": 4}}
    step = Step("campaign:order", "campaign", "order", "UPDATE", "solutionVersionArn", definition=definition)
    found = reckon(NEWS, [step])
    beside = line(found.run, "former versions beside the new ones")
    assert beside.dollars == pytest.approx(4 * (3 * 0.5 + 48) * 0.20)
    assert found.minutes == 10 + 3 * 30


def test_recommenders_are_paid_by_users() -> None:
    assumed = line(reckon(VIDEOS, []).month, "recommenders")
    assert (assumed.dollars, assumed.note) == (pytest.approx(2 * 730 * 0.375), "for up to 100,000 users")
    known = line(reckon(VIDEOS, [], Amounts(rows={"Users": 250_000})).month, "recommenders")
    assert known.dollars == pytest.approx(3 * 2 * 730 * 0.375)


def test_schedules_are_paid_each_time() -> None:
    found = reckon(NEWS, [], Amounts(size_bytes={"Interactions": GIGABYTE}))
    assert line(found.month, "scheduled imports").dollars == pytest.approx(30.4 * 0.05)
    assert line(found.month, "scheduled trainings").amount == "4.3 times"


def test_batch_jobs_are_paid_by_lines() -> None:
    found = reckon(NEWS, [Step("batch:x:y", "batch-inference-job", "nightly", "CREATE")])
    assert line(found.run, "batch job nightly").amount == "per 1,000 lines of its input"
