"""Recommended actions: learned from what users did, kept up with what they do, never expired or repeated too early."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.solution_version import run
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import BulkFile
from personalize_spec.schemas import parse_schema
from tests.behaviours import APPROXIMATED, EXACT, behaviour

DAY_S = 86_400
FIELDS = {
    "Interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")],
    "Actions": [
        ("ACTION_ID", "string"),
        ("KIND", "string"),
        ("CREATION_TIMESTAMP", ["null", "long"]),
        ("VALUE", ["null", "long"]),
        ("ACTION_EXPIRATION_TIMESTAMP", ["null", "long"]),
        ("REPEAT_FREQUENCY", ["null", "long"]),
    ],
    "Action_Interactions": [
        ("USER_ID", "string"),
        ("ACTION_ID", "string"),
        ("TIMESTAMP", "long"),
        ("EVENT_TYPE", "string"),
    ],
}
ACTIVE, IDLE = [f"active{number}" for number in range(30)], [f"idle{number}" for number in range(30)]


def schema_text(dataset_type: str) -> str:
    fields = [
        {"name": name, "type": kind, **({"categorical": True} if name == "KIND" else {})}
        for name, kind in FIELDS[dataset_type]
    ]
    return json.dumps({"type": "record", "name": dataset_type, "fields": fields, "version": "1.0"})


class Bank:
    """A dataset group in which active users upgrade, and idle ones return when they are asked."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.now_epoch_s = int(world.clock.now().timestamp())
        self.group = world.create_group("bank")
        self.arns = {dataset_type: self._create(dataset_type) for dataset_type in FIELDS}
        described = world.personalize.describe_dataset(datasetArn=self.arns["Action_Interactions"])["dataset"]
        self.tracking_id = described["trackingId"]
        self.put("upgrade", kind="plan")
        self.put("return", kind="mail")
        self.put("rare", kind="plan", creationTimestamp=1)
        self.put("new", kind="mail", creationTimestamp=2)

    def put(self, action_id: str, **properties: Any) -> None:
        action = {"actionId": action_id, "properties": json.dumps(properties)}
        self.world.events.put_actions(datasetArn=self.arns["Actions"], actions=[action])

    def interact(self, user_id: str, action_id: str, event_type: str = "TAKEN", *, age_s: int = 0) -> None:
        interaction = {
            "actionId": action_id,
            "userId": user_id,
            "sessionId": "s",
            "timestamp": int(self.world.clock.now().timestamp()) - age_s,
            "eventType": event_type,
        }
        self.world.events.put_action_interactions(trackingId=self.tracking_id, actionInteractions=[interaction])

    def fill(self, rounds: int = 4) -> None:
        """Import interactions, and outcomes of every round for every user."""
        rows = []
        for user_id in [*ACTIVE, *IDLE]:
            base = self.now_epoch_s - (0 if user_id in ACTIVE else 60 * DAY_S)
            rows += [f"{user_id},i{number},{base - number * 3600},view" for number in range(25 * 20)]
        self.import_rows("Interactions", rows)
        outcomes = []
        for place, user_id in enumerate([*ACTIVE, *IDLE]):
            for number in range(rounds):
                at = self.now_epoch_s - 10 * DAY_S + number * DAY_S
                shown = (("upgrade", ACTIVE), ("return", IDLE))[:: 1 if (place + number) % 2 else -1]
                for action_id, takers in shown:
                    taken = (user_id in takers) ^ (place % 10 == 0)
                    outcomes.append(f"{user_id},{action_id},{at},{'Taken' if taken else 'Not taken'}")
            outcomes.append(f"{user_id},gone,{self.now_epoch_s - 9 * DAY_S},Viewed")
        outcomes.append(f"active1,rare,{self.now_epoch_s - DAY_S},Taken")
        self.import_rows("Action_Interactions", outcomes)

    def import_rows(self, dataset_type: str, rows: Sequence[str]) -> None:
        datasets, arn = self.world.workspace.datasets, self.arns[dataset_type]
        folder = datasets.stage(arn, "job")
        header = ",".join(name for name, _ in FIELDS[dataset_type])
        (folder / "in.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        schema = parse_schema(schema_text(dataset_type))
        converted = convert_csv(folder / "in.csv", folder / "0.parquet", schema, datasets.spill_folder)
        (folder / "in.csv").unlink()
        file = BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, 0)
        with self.world.workspace.database.transaction() as connection:
            datasets.publish(connection, arn, [file], "FULL")

    def train(self) -> str:
        """Train as a worker does; give the solution version."""
        world, workspace = self.world, self.world.workspace
        recipe = "arn:aws:personalize:::recipe/aws-next-best-action"
        solution = world.create_solution(self.group, recipeArn=recipe, performAutoTraining=False)
        arn = world.personalize.create_solution_version(solutionArn=solution, name="one")["solutionVersionArn"]
        job = workspace.jobs.of_resource(arn)
        result = run(JobContext(workspace, job, job.payload, lambda _text, _fraction: None))
        with workspace.database.transaction() as connection:
            workspace.jobs.delete(connection, job.job_id)
            now = world.clock.now()
            workspace.resources.update(connection, arn, now, status="ACTIVE", changes=result["resource"])
        return arn

    def deploy(self) -> None:
        self.version = self.train()
        self.campaign = self.world.create_campaign(self.version, name="next")

    def recommend(self, user_id: str, **more: Any) -> list[tuple[str, float]]:
        answer = self.world.runtime.get_action_recommendations(campaignArn=self.campaign, userId=user_id, **more)
        assert answer["recommendationId"].startswith("RID-")
        return [(each["actionId"], each["score"]) for each in answer["actionList"]]

    def ids(self, user_id: str, **more: Any) -> list[str]:
        return [action_id for action_id, _ in self.recommend(user_id, **more)]

    def add_filter(self, expression: str) -> str:
        arn = self.world.personalize.create_filter(
            name="filter", datasetGroupArn=self.group, filterExpression=expression
        )["filterArn"]
        self.world.settle()
        described = self.world.personalize.describe_filter(filterArn=arn)["filter"]
        assert described["status"] == "ACTIVE", described
        return arn

    def _create(self, dataset_type: str) -> str:
        personalize = self.world.personalize
        schema = personalize.create_schema(name=dataset_type, schema=schema_text(dataset_type))["schemaArn"]
        arn = personalize.create_dataset(
            name=dataset_type, schemaArn=schema, datasetGroupArn=self.group, datasetType=dataset_type
        )["datasetArn"]
        self.world.settle()
        return arn


@pytest.fixture
def empty_bank(world) -> Bank:
    return Bank(world)


@pytest.fixture
def bank(empty_bank) -> Bank:
    """A bank with a trained campaign."""
    empty_bank.fill()
    empty_bank.deploy()
    return empty_bank


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


@behaviour(
    "GetActionRecommendations",
    "What users in the same situation take: how long since their last item, and what they did with the last action",
    APPROXIMATED,
    source="inferred: AWS has a network",
)
def test_users_get_what_others_in_their_situation_take(bank):
    active, idle = bank.recommend("active1"), bank.recommend("idle1")
    assert (active[0][0], idle[0][0]) == ("upgrade", "return")
    assert active[0][1] > 0.6 > 0.4 > active[1][1] > 0
    assert idle[0][1] > 0.6 > 0.4 > idle[1][1] > 0


@behaviour(
    "GetActionRecommendations",
    "An action needs 50 taken and 50 others in the last six weeks for a score, else 0.0; those follow, newest first",
    EXACT,
    source="documented; the order: inferred",
)
def test_actions_without_enough_outcomes_have_no_score_and_come_last_newest_first(bank):
    """Source: contract §4.1, 50 taken and 50 others; `gone` has outcomes, and is no action of the dataset."""
    assert bank.recommend("active1")[2:] == [("new", 0.0), ("rare", 0.0)]


def test_an_unknown_user_gets_actions_too(bank):
    assert sorted(bank.ids("nobody")) == ["new", "rare", "return", "upgrade"]


@behaviour(
    "PutActionInteractions, GetActionRecommendations",
    "What a user did with an action is in the next answer",
    EXACT,
    source="documented, contract §6.5",
)
def test_an_outcome_counts_in_the_next_answer(bank):
    before = dict(bank.recommend("active1"))
    bank.interact("active1", "rare", "Not taken")
    assert dict(bank.recommend("active1"))["upgrade"] != before["upgrade"]


@behaviour("GetActionRecommendations", "Expired actions are left out", EXACT, source="documented, contract §6.3")
def test_an_expired_action_is_left_out(bank):
    now = int(bank.world.clock.now().timestamp())
    bank.put("upgrade", kind="plan", actionExpirationTimestamp=now + 60)
    assert "upgrade" in bank.ids("active1")
    bank.world.clock.advance(60)
    assert "upgrade" not in bank.ids("active1")


@behaviour(
    "GetActionRecommendations",
    "Actions within their REPEAT_FREQUENCY are left out",
    EXACT,
    source="documented, contract §6.3",
)
def test_an_action_is_not_repeated_before_its_time(bank):
    bank.put("new", kind="mail", repeatFrequency=2)
    assert "new" in bank.ids("active1")
    bank.interact("active1", "new", "VIEWED", age_s=DAY_S)
    assert "new" not in bank.ids("active1")
    assert "new" in bank.ids("active2")
    bank.world.clock.advance(DAY_S)
    assert "new" in bank.ids("active1")


@behaviour(
    "PutActions",
    "An action's VALUE is from 1 to 10, its REPEAT_FREQUENCY at most 30 days",
    EXACT,
    source="documented, contract §3.2; that the call is refused: inferred",
)
@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"value": 0}, "new: The value of VALUE is 0; it must be from 1 to 10."),
        ({"value": 11}, "new: The value of VALUE is 11; it must be from 1 to 10."),
        ({"repeatFrequency": 31}, "new: The value of REPEAT_FREQUENCY is 31; it must be from 0 to 30."),
        ({"repeatFrequency": -1}, "new: The value of REPEAT_FREQUENCY is -1; it must be from 0 to 30."),
    ],
)
def test_an_action_out_of_bounds_is_refused(bank, properties, message):
    with pytest.raises(ClientError) as raised:
        bank.put("new", kind="mail", **properties)
    assert raised.value.response["Error"] == {"Code": "InvalidInputException", "Message": message}
    bank.put("new", kind="mail", value=10, repeatFrequency=30)


@behaviour(
    "GetActionRecommendations",
    "VALUE decides between scores less than 0.01 apart",
    APPROXIMATED,
    source="documented; the distance: inferred",
)
def test_value_decides_between_scores_that_are_nearly_the_same(bank):
    assert bank.ids("nobody")[-2:] == ["new", "rare"]
    bank.put("rare", kind="plan", creationTimestamp=1, value=10)
    assert bank.ids("nobody")[-2:] == ["rare", "new"]


@behaviour(
    "GetActionRecommendations",
    "Five actions when the number is left out, at most 100",
    EXACT,
    source="documented, contract §6.3",
)
def test_the_answer_is_as_long_as_asked(bank):
    for number in range(120):
        bank.put(f"more{number}", kind="plan")
    assert len(bank.ids("active1")) == 5
    assert len(bank.ids("active1", numResults=0)) == 5
    assert len(bank.ids("active1", numResults=100)) == 100
    call = bank.world.runtime.get_action_recommendations
    code, message = refusal(call, campaignArn=bank.campaign, userId="active1", numResults=101)
    assert (code, message) == ("InvalidInputException", "numResults is 101; 100 are allowed.")


@behaviour(
    "GetActionRecommendations, PutActions",
    "Filters judge actions and what the user did with them",
    EXACT,
    source="documented, contract §7.2",
)
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('INCLUDE ActionID WHERE Actions.KIND IN ("mail")', ["return", "new"]),
        ('EXCLUDE ActionID WHERE Actions.KIND IN ("mail")', ["upgrade", "rare"]),
        ('EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("TAKEN")', ["return", "new"]),
        ('INCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("not taken")', ["return"]),
        ('INCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("*")', ["upgrade", "return", "rare"]),
    ],
)
def test_a_filter_judges_actions_and_what_the_user_did(bank, expression, expected):
    assert bank.ids("active1", filterArn=bank.add_filter(expression)) == expected


def test_a_filter_takes_values(bank):
    arn = bank.add_filter("INCLUDE ActionID WHERE Actions.KIND IN ($KIND)")
    assert bank.ids("active1", filterArn=arn, filterValues={"KIND": '"mail"'}) == ["return", "new"]
    code, message = refusal(
        bank.world.runtime.get_action_recommendations, campaignArn=bank.campaign, userId="u", filterArn=arn
    )
    assert (code, "KIND" in message) == ("InvalidInputException", True)


def test_what_it_cannot_do_is_said(bank):
    runtime = bank.world.runtime
    call = runtime.get_action_recommendations
    assert refusal(call, userId="u") == ("InvalidInputException", "campaignArn is missing.")
    code, message = refusal(call, campaignArn=bank.campaign)
    assert (code, "needs a userId" in message) == ("InvalidInputException", True)
    code, message = refusal(runtime.get_recommendations, campaignArn=bank.campaign, userId="u")
    assert (code, "use GetActionRecommendations" in message) == ("InvalidInputException", True)
    code, message = refusal(runtime.get_personalized_ranking, campaignArn=bank.campaign, userId="u", inputList=["i1"])
    assert (code, "does not rank lists" in message) == ("InvalidInputException", True)
    of_items = bank.world.add_version(bank.world.create_solution(bank.group, "items"), "one")
    campaign = bank.world.create_campaign(of_items, name="items")
    code, message = refusal(call, campaignArn=campaign, userId="u")
    assert (code, "does not recommend actions" in message) == ("InvalidInputException", True)
    filter_arn = bank.add_filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")')
    code, message = refusal(call, campaignArn=bank.campaign, userId="u", filterArn=filter_arn)
    assert (code, "use one about ActionID" in message) == ("InvalidInputException", True)


def test_the_metrics_are_those_of_actions_and_say_that_it_learned(bank):
    metrics = bank.world.personalize.get_solution_metrics(solutionVersionArn=bank.version)["metrics"]
    assert set(metrics) == {
        *("coverage", "precision", "recall", "auc"),
        *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
    }
    assert metrics["coverage"] == 0.5
    assert 0.6 < metrics["auc"] < 1.0


@behaviour(
    "PutActionInteractions",
    "The types are TAKEN, NOT_TAKEN and VIEWED, in any letter case and with any separator",
    EXACT,
    source="documented; spelling: inferred",
)
def test_outcomes_are_refused_when_they_are_none(bank):
    code, message = refusal(lambda: bank.interact("active1", "new", "BOUGHT"))
    assert (code, message) == ("InvalidInputException", "'BOUGHT' is not an eventType: use TAKEN, NOT_TAKEN, VIEWED.")
    bank.tracking_id = "unknown"
    code, message = refusal(lambda: bank.interact("active1", "new"))
    assert (code, "unknown" in message) == ("ResourceNotFoundException", True)


@behaviour(
    "CreateDataset, PutActionInteractions",
    "The trackingId is that of the Action_Interactions dataset",
    EXACT,
    source="model, contract §2.2",
)
def test_only_action_interactions_have_a_tracking_id(bank):
    for dataset_type in ("Interactions", "Actions"):
        described = bank.world.personalize.describe_dataset(datasetArn=bank.arns[dataset_type])["dataset"]
        assert "trackingId" not in described


def test_too_little_data_fails_the_training(empty_bank):
    with pytest.raises(JobFailedError, match="fewer than 1000 interactions"):
        empty_bank.train()


def test_without_outcomes_no_action_has_a_score(empty_bank):
    empty_bank.fill(rounds=0)
    empty_bank.deploy()
    assert {score for _, score in empty_bank.recommend("active1")} == {0.0}
