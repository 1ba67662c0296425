"""Planning over the real local service: what a run would do, and that nothing is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plan as command
import pytest
from commands.adoption import adopt
from commands.inventory import Account
from commands.local_bucket import LocalBucket
from commands.outlook import Step
from commands.planner import Outlook, Planner, Source
from commands.read_only import ReadOnlyClient

from personalize_spec.arns import Scope
from personalize_spec.prices import PriceTable
from tests.conftest import ACCOUNT_ID, REGION, World
from tests.csv_files import NOW_EPOCH_S, csv_text, good_rows
from tests.market import ECOMMERCE, Market
from tests.pipeline.conftest import PROJECT
from tests.pipeline.past_jobs import run_batch_jobs
from tests.town import Town

NEWSPAPER = json.loads((PROJECT.parent / "params.json").read_text())


class OnlyLooks:
    """A client that fails the test when anything but looking is asked of it."""

    def __init__(self, client: Any) -> None:
        self._client, self.operations = client, []

    def __getattr__(self, operation: str) -> Any:
        assert operation.startswith(("describe_", "list_")), f"{operation} was called"
        self.operations.append(operation)
        return getattr(self._client, operation)


def plan(world: World, file: dict[str, Any], source: Source | None = None) -> Outlook:
    planner = Planner(OnlyLooks(world.personalize), Scope(REGION, ACCOUNT_ID), PriceTable())
    return planner.plan(json.dumps(file).encode(), source, NOW_EPOCH_S)


def done(steps: tuple[Step, ...]) -> dict[str, str]:
    return {step.key: step.word for step in steps}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with good data for the newspaper's file."""
    for name in NEWSPAPER["datasets"]:
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "1.csv").write_text(csv_text(good_rows(NEWSPAPER, name)))
    return tmp_path / "data"


def test_an_empty_account_gets_everything(world: World, data: Path) -> None:
    found = plan(world, NEWSPAPER, Source(LocalBucket(data), "bucket"))
    [room] = found.findings
    assert "personalizedRankingCampaign is updated in place, for all readers at once" in room.message
    words = done(found.steps)
    assert set(words.values()) == {"create", "import", "train"}
    assert (words["import:Interactions"], words["version:userPersonalization"]) == ("import", "train")
    assert next(step.name for step in found.steps if step.kind == "campaign").startswith("tgam-personalize-")
    assert world.personalize.list_dataset_groups()["datasetGroups"] == []


def test_a_run_is_reckoned_with(world: World, data: Path) -> None:
    found = plan(world, NEWSPAPER, Source(LocalBucket(data), "bucket"))
    assert found.costs is not None
    by_what = {line.what: line for line in (*found.costs.run, *found.costs.month)}
    training = by_what["training of userPersonalization"]
    assert training.dollars == pytest.approx(0.24 * (1 + 2 * 1039 / 1e6), rel=0.01)
    assert training.note == "a guess: nothing was trained yet"
    campaigns = by_what["campaigns, if not asked more than is kept ready"]
    assert (campaigns.amount, campaigns.dollars) == ("2,190 TPS-hours", pytest.approx(438))
    assert 60 < found.costs.minutes < 240


def test_a_file_that_is_refused_is_not_planned(world: World) -> None:
    found = plan(world, {**NEWSPAPER, "filters": [{"name": "x", "filterExpression": "no filter"}]})
    assert found.findings[0].path == "filters[0].filterExpression"
    assert (found.steps, found.costs) == ((), None)


def test_data_that_are_refused_are_not_planned(world: World, data: Path) -> None:
    (data / "Items" / "1.csv").write_text("a;b\n")
    found = plan(world, NEWSPAPER, Source(LocalBucket(data), "bucket"))
    assert found.steps == ()
    assert {finding.path for finding in found.findings if finding.severity == "error"} == {"datasets.Items"}


def adopted(world: World, name: str) -> dict[str, Any]:
    return adopt(Account(ReadOnlyClient(world.personalize)).read(name)).file


def empty(world: World) -> str:
    world.create_group("empty")
    return "empty"


def untrained(world: World) -> str:
    group = world.create_group("shop")
    world.create_dataset(group)
    recipe = "arn:aws:personalize:::recipe/"
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    world.create_solution(group, "shop-first", recipeArn=f"{recipe}aws-user-personalization-v2", solutionConfig=config)
    world.create_solution(group, "any", recipeArn=f"{recipe}aws-item-affinity", performAutoTraining=False)
    world.add_version(f"arn:aws:personalize:{REGION}:{ACCOUNT_ID}:solution/shop-first", "aaaaaaaa")
    world.add_version(f"arn:aws:personalize:{REGION}:{ACCOUNT_ID}:solution/any", "bbbbbbbb")
    return "shop"


def market(world: World) -> str:
    shop = Market(world, ECOMMERCE).fill()
    config = {"minRecommendationRequestsPerSecond": 2}
    shop.open("aws-ecomm-recommended-for-you", "for-you", recommenderConfig=config)
    return "market"


@pytest.mark.parametrize("build", [empty, untrained, market])
def test_what_is_adopted_is_left_as_it_is(world: World, build: Callable[[World], str]) -> None:
    name = build(world)
    found = plan(world, adopted(world, name))
    assert not [finding for finding in found.findings if finding.severity == "error"]
    assert set(done(found.steps).values()) <= {"leave"}, found.steps
    assert found.steps


def test_a_whole_group_that_is_adopted_is_left_as_it_is(town: Town, tmp_path: Path) -> None:
    run_batch_jobs(town)
    file = adopted(town.world, "news")
    nothing = Source(LocalBucket(tmp_path / "nothing"), "bucket")
    for source in (None, nothing):
        found = plan(town.world, file, source)
        assert set(done(found.steps).values()) == {"leave"}, found.steps
    assert {finding.severity for finding in found.findings} == {"warning"}  # no data: what is there stays
    assert found.costs is not None
    assert found.costs.run == ()


def test_changes_are_told_by_what_would_be_done(town: Town) -> None:
    file = adopted(town.world, "news")
    file["solutions"]["userPersonalization"]["campaigns"][0]["minProvisionedTPS"] = 3
    file["solutions"]["personalizedRanking"]["solutionConfig"] = {"algorithmHyperParameters": {"bptt": "8"}}
    file["filters"][0]["filterExpression"] = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")'
    file["filters"].append({"name": "new", "filterExpression": 'INCLUDE ItemID WHERE Items.CATEGORY IN ("news")'})

    found = plan(town.world, file)

    words = done(found.steps)
    assert {key: word for key, word in words.items() if word != "leave"} == {
        "filter:unread": "replace",
        "filter:new": "create",
        "campaign:userPersonalization": "update",
        "solution:personalizedRanking": "replace",
        "version:personalizedRanking": "train",
        "campaign:personalizedRanking": "release",
    }
    [update] = [step for step in found.steps if step.key == "campaign:userPersonalization"]
    assert update.detail == "minProvisionedTPS"


def test_the_command_prints_tables_or_json(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": ACCOUNT_ID, "Arn": f"arn:aws:iam::{ACCOUNT_ID}:root"}

    clients = {"personalize": town.world.personalize, "sts": Sts()}
    monkeypatch.setattr(command.boto3, "client", lambda name, **_: clients[name])
    file = tmp_path / "params.json"
    file.write_text(json.dumps(adopted(town.world, "news")))

    assert command.main([str(file)]) == 0
    shown = capsys.readouterr().out
    assert "Nothing would change: " in shown
    assert "TPS-hours" in shown

    assert command.main([str(file), "--json", "--prices", '{"tps_hour": 1}']) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["changes"], printed["cost"]["month"][0]["dollars"]) == (0, 1460)

    assert command.main([str(file), "--data", str(tmp_path / "none")]) == 2
    assert command.main([str(file), "--data", "s3://bucket/folder"]) == 2
    assert command.main([str(tmp_path / "none.json")]) == 2
    said = capsys.readouterr().err
    assert "is no folder" in said
    assert "name the input bucket itself, s3://bucket" in said
    file.write_text("{}")
    assert command.main([str(file)]) == 1


def test_a_group_without_datasets_is_a_step(world: World) -> None:
    bare = {"datasetGroup": {"name": "bare"}, "datasets": {}}
    assert done(plan(world, bare).steps) == {"dataset-group": "create"}
    world.personalize.create_dataset_group(name="bare")
    assert done(plan(world, bare).steps) == {"dataset-group": "leave"}
