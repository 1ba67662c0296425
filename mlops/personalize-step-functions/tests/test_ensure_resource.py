"""Describe or create, for every way a resource may already be there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fake_observers import FakeEvents
from fake_personalize import SCOPE, FakePersonalize, client_error
from pipeline.errors import (
    CallRefusedError,
    QuotaReachedError,
    ResourceBusyError,
    ResourceConflictError,
    ResourceFailedError,
    TryAgainError,
)
from pipeline.gateway import PersonalizeGateway
from pipeline.wanted import Wanted

Ensure = Callable[..., dict[str, Any]]
GROUP = f"{SCOPE}:dataset-group/daily"


@pytest.fixture
def module(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("ensure_resource").ensure_resource


@pytest.fixture
def ensure(module: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize, now: datetime) -> Ensure:
    def call(definition: dict[str, Any], **references: str) -> dict[str, Any]:
        event = {"definition": definition, "references": references, "execution": {"StartTime": now.isoformat()}}
        return module.ensure_resource(gateway, Wanted.from_event(event), personalize.now)

    return call


def define(kind: str, name: str, successor: str | None = None, **arguments: Any) -> dict[str, Any]:
    definition = {"kind": kind, "name": name, "arn": f"{SCOPE}:{kind}/{name}", "arguments": arguments}
    return definition | ({"successor": successor} if successor else {})


def a_filter(expression: str) -> dict[str, Any]:
    return define("filter", "daily-unread", "daily-unread-cafe0001", filterExpression=expression)


def test_what_is_missing_is_created(ensure: Ensure, personalize: FakePersonalize) -> None:
    made = ensure(define("dataset-group", "daily"))

    assert personalize.arguments("create_dataset_group") == [{"name": "daily"}]
    assert (made["arn"], made["name"], made["ready"]) == (GROUP, "daily", False)
    assert made["status"] == "CREATE PENDING"
    assert made["wait_s"] == 2


def test_what_exists_is_used(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(define("dataset-group", "daily"))
    personalize.finish()

    made = ensure(define("dataset-group", "daily"))

    assert (made["ready"], made["wait_s"]) == (True, 0)
    assert personalize.count("create_dataset_group") == 1


def test_a_schema_is_ready_at_once_and_compared_as_json(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(define("schema", "Reads", "Reads-1", schema='{"name": "Reads", "fields": []}'))

    made = ensure(define("schema", "Reads", "Reads-1", schema='{"fields":[],"name":"Reads"}'))

    assert (made["ready"], made["name"]) == (True, "Reads")
    assert personalize.count("create_schema") == 1


def test_other_contents_get_a_successor_that_is_used_again(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(a_filter("INCLUDE ItemID WHERE Items.A IN (1)"), datasetGroupArn=GROUP)
    changed = a_filter("INCLUDE ItemID WHERE Items.A IN (2)")

    made = [ensure(changed, datasetGroupArn=GROUP) for _ in range(2)]

    assert [each["name"] for each in made] == ["daily-unread-cafe0001"] * 2
    assert made[0]["arn"] == f"{SCOPE}:filter/daily-unread-cafe0001"
    assert [each["name"] for each in personalize.arguments("create_filter")] == [
        "daily-unread",
        "daily-unread-cafe0001",
    ]


def test_other_contents_without_a_successor_are_refused(ensure: Ensure, personalize: FakePersonalize) -> None:
    ensure(define("dataset-group", "daily"))

    with pytest.raises(ResourceConflictError, match=r"dataset-group/daily exists with other contents \(domain, kmsKey"):
        ensure(define("dataset-group", "daily", domain="ECOMMERCE"))


def test_a_campaign_that_differs_is_updated_with_what_differs(ensure: Ensure, personalize: FakePersonalize) -> None:
    solution = f"{SCOPE}:solution/daily-reco"
    campaign = define(
        "campaign", "daily-live", minProvisionedTPS=1, campaignConfig={"itemExplorationConfig": {"a": "1"}}
    )
    ensure(campaign, solutionVersionArn=f"{solution}/one")
    personalize.finish()

    made = ensure(campaign, solutionVersionArn=f"{solution}/two")

    [update] = personalize.arguments("update_campaign")
    assert update == {"campaignArn": made["arn"], "solutionVersionArn": f"{solution}/two"}
    assert (made["is_updating"], made["ready"]) == (True, False)


def test_a_campaign_that_is_as_wanted_is_left_alone(ensure: Ensure, personalize: FakePersonalize) -> None:
    campaign = define("campaign", "daily-live", minProvisionedTPS=1)
    version = f"{SCOPE}:solution/daily-reco/one"
    ensure(campaign, solutionVersionArn=version)
    personalize.finish()

    made = ensure(campaign, solutionVersionArn=version)

    assert personalize.count("update_campaign") == 0
    assert (made["is_updating"], made["ready"]) == (False, True)


def test_automatic_training_is_switched_by_an_update_of_the_solution(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    config = {
        "autoTrainingConfig": {"schedulingExpression": "rate(3 days)"},
        "algorithmHyperParameters": {"bptt": "30"},
    }
    off = define(
        "solution", "daily-reco", performAutoTraining=False, solutionConfig={**config, "autoTrainingConfig": {}}
    )
    ensure(off, datasetGroupArn=GROUP)
    personalize.finish()

    made = ensure(
        define("solution", "daily-reco", performAutoTraining=True, solutionConfig=config), datasetGroupArn=GROUP
    )

    [update] = personalize.arguments("update_solution")
    assert update == {
        "solutionArn": made["arn"],
        "performAutoTraining": True,
        "solutionUpdateConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}},
    }


def test_the_event_tracker_of_the_group_is_reused_whatever_its_name(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    first = {"kind": "event-tracker", "name": "daily-live", "arguments": {}}
    arn = ensure(first, datasetGroupArn=GROUP)["arn"]

    made = ensure({**first, "name": "daily-other"}, datasetGroupArn=GROUP)

    assert (made["arn"], made["made"]["tracking_id"]) == (arn, "11111111-2222-3333-4444-555555555555")
    assert personalize.count("create_event_tracker") == 1


def a_recommender(**config: Any) -> dict[str, Any]:
    return define("recommender", "daily-top", recipeArn="arn:aws:personalize:::recipe/aws-ecomm-x", **config)


def test_a_recommender_that_differs_is_updated_and_one_that_was_stopped_is_started(
    ensure: Ensure, personalize: FakePersonalize
) -> None:
    arn = ensure(a_recommender(recommenderConfig={"minRecommendationRequestsPerSecond": 1}), datasetGroupArn=GROUP)[
        "arn"
    ]
    personalize.finish()

    made = ensure(a_recommender(recommenderConfig={"minRecommendationRequestsPerSecond": 2}), datasetGroupArn=GROUP)
    assert (made["action"], made["ready"]) == ("UPDATE", False)
    personalize.finish()
    personalize.resources[arn]["status"] = "INACTIVE"

    made = ensure(a_recommender(), datasetGroupArn=GROUP)
    assert (made["action"], made["status"], made["ready"]) == ("START", "START PENDING", False)


def test_a_lost_reply_does_not_create_twice(ensure: Ensure, personalize: FakePersonalize) -> None:
    """GIVEN a create call that arrived though its reply was lost, WHEN the client tries again, THEN its own is used."""
    group = define("dataset-group", "daily")
    ensure(group)
    misses = [client_error("ResourceNotFoundException", "not yet visible")]
    personalize.faults["describe_dataset_group"] += misses

    made = ensure(group)

    assert made["arn"] == GROUP
    assert len(personalize.resources) == 1


def test_a_failed_resource_ends_the_step_with_the_reason(ensure: Ensure, personalize: FakePersonalize) -> None:
    personalize.failures["daily-unread"] = "Column A is unknown."
    ensure(a_filter("INCLUDE ItemID WHERE Items.A IN (1)"), datasetGroupArn=GROUP)
    personalize.finish()

    with pytest.raises(ResourceFailedError, match=r"daily-unread is CREATE FAILED: Column A is unknown\. Correct"):
        ensure(a_filter("INCLUDE ItemID WHERE Items.A IN (1)"), datasetGroupArn=GROUP)


def test_a_failed_campaign_is_repaired_by_the_next_version(ensure: Ensure, personalize: FakePersonalize) -> None:
    solution, campaign = f"{SCOPE}:solution/daily-reco", define("campaign", "daily-live", minProvisionedTPS=1)
    personalize.failures["daily-live"] = "Internal error."
    ensure(campaign, solutionVersionArn=f"{solution}/one")
    personalize.finish()
    personalize.failures.clear()

    made = ensure(campaign, solutionVersionArn=f"{solution}/two")

    assert (made["is_updating"], personalize.count("update_campaign")) == (True, 1)


@pytest.mark.parametrize(
    ("code", "http_status", "error"),
    [
        ("ThrottlingException", 400, TryAgainError),
        ("InternalFailure", 500, TryAgainError),
        ("SomethingNew", 503, TryAgainError),
        ("LimitExceededException", 400, QuotaReachedError),
        ("ResourceInUseException", 400, ResourceBusyError),
        ("InvalidInputException", 400, CallRefusedError),
        ("AccessDeniedException", 403, CallRefusedError),
    ],
)
def test_errors_say_the_call_the_code_and_the_message(
    ensure: Ensure, personalize: FakePersonalize, code: str, http_status: int, error: type[Exception]
) -> None:
    personalize.faults["create_dataset_group"].append(client_error(code, "As it is.", http_status=http_status))

    with pytest.raises(
        error, match=f"CreateDatasetGroup for dataset group daily was refused with {code}: As it is"
    ) as got:
        ensure(define("dataset-group", "daily"))

    assert type(got.value) is error


def test_a_wrong_argument_is_refused_with_advice(ensure: Ensure) -> None:
    with pytest.raises(
        CallRefusedError, match=r"(?s)CreateFilter .* cannot be sent: .*filterExpression.* Correct the filter"
    ):
        ensure(define("filter", "daily-unread", filterExpression=1), datasetGroupArn=GROUP)


def test_the_recorded_payload_creates_the_campaign_with_its_exploration(
    load: Callable[[str], SimpleNamespace],
    event: Callable[[str], dict[str, Any]],
    gateway: PersonalizeGateway,
    personalize: FakePersonalize,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = load("ensure_resource").handler
    handler._gateway = gateway
    personalize.now = datetime.now(UTC)
    monkeypatch.setattr(handler, "boto3", SimpleNamespace(client=lambda name: FakeEvents()))

    made = handler.handler(event("ensure-resource"), None)

    [arguments] = personalize.arguments("create_campaign")
    assert arguments["campaignConfig"]["itemExplorationConfig"]["explorationWeight"] == "0.3"
    assert json.loads(json.dumps(made)) == made
