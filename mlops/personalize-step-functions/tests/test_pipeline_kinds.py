"""The table of kinds against botocore's shapes, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import StructureShape
from botocore.validate import ParamValidator
from fake_personalize import operation_model
from function_loader import make_plan, planned
from pipeline.kinds import KINDS, ResourceKind
from pipeline.planning.plan import PHASES

from personalize_spec.names import check_name
from personalize_spec.preflight.quotas import QUOTAS

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
ARN = "arn:aws:personalize:::x/y"


def members_of(kind: ResourceKind) -> StructureShape:
    return operation_model(kind.operation("describe")).output_shape.members[kind.member]


def resolve(shape: Any, path: str) -> Any:
    for step in path.split("."):
        assert step in shape.members, f"{path} is not in {shape.name}"
        shape = shape.members[step]
    return shape


@EVERY_KIND
def test_describe_takes_the_arn_alone_and_gives_what_is_read(kind: ResourceKind) -> None:
    described = operation_model(kind.operation("describe"))
    read = {kind.name_member, "creationDateTime", *kind.fixed, *kind.outputs.values()}
    read |= {kind.update_summary} if kind.update_summary else set()
    read |= {"status"} if kind.wait else set()

    assert set(described.input_shape.members) == {kind.arn_member}
    assert read <= set(members_of(kind).members)


@EVERY_KIND
def test_create_gives_the_arn(kind: ResourceKind) -> None:
    created = operation_model(kind.operation("create"))

    assert kind.arn_member in created.output_shape.members
    assert kind.name_member in created.input_shape.members
    assert set(kind.fixed) <= set(created.input_shape.members)


@EVERY_KIND
def test_what_can_be_updated_is_in_the_update_call(kind: ResourceKind) -> None:
    for path, update_path in kind.changeable.items():
        updated = operation_model(kind.operation("update")).input_shape
        created = operation_model(kind.operation("create")).input_shape
        assert resolve(updated, update_path).type_name == resolve(created, path).type_name
        assert updated.required_members[0] == kind.arn_member
        summary = members_of(kind).members[kind.update_summary]
        assert {"status", "creationDateTime", "failureReason"} <= set(summary.members)


@EVERY_KIND
def test_listed_kinds_are_found_under_their_parent(kind: ResourceKind) -> None:
    if kind.listing:
        listed = operation_model(kind.listing.operation)
        assert {kind.listing.parent_member, "maxResults", "nextToken"} <= set(listed.input_shape.members)
        summary = listed.output_shape.members[kind.listing.result_member].member
        assert {kind.arn_member, "creationDateTime"} <= set(summary.members)


@pytest.mark.parametrize("name", QUOTAS)
def test_kinds_that_quotas_count_are_listed_with_their_names(name: str) -> None:
    listed = operation_model(f"{KINDS[name].operation('list')}s")
    assert {"maxResults", "nextToken"} <= set(listed.input_shape.members)
    summary = listed.output_shape.members[KINDS[name].summaries_member].member
    assert {KINDS[name].arn_member, "name"} <= set(summary.members)


@pytest.fixture
def rich_plan(parameters: dict[str, Any]) -> dict[str, Any]:
    """The newspaper's plan, with a recommender, batch jobs and a second campaign."""
    solution = parameters["solutions"]["userPersonalization"]
    solution["batchInferenceJobs"] = [{"name": "nightly", "input": "batch/users.json", "filter": "unread"}]
    solution["batchSegmentJobs"] = [{"name": "readers", "input": "batch/items.json", "numResults": 100}]
    solution["campaigns"] = [{"name": "newsletter", "minProvisionedTPS": 1}]
    parameters["recommenders"] = {"top": {"name": "top", "recipeArn": "arn:aws:personalize:::recipe/aws-vod-top-picks"}}
    return make_plan(parameters)


def test_every_planned_call_is_one_botocore_accepts(rich_plan: dict[str, Any]) -> None:
    for definition in planned(rich_plan).values():
        kind = KINDS[definition["kind"]]
        arguments = {kind.name_member: definition["name"], **definition["arguments"]}
        arguments |= dict.fromkeys(definition.get("references", {}), ARN)
        shape = operation_model(kind.operation("create")).input_shape

        assert set(arguments) <= set(shape.members), definition["name"]
        assert not ParamValidator().validate(arguments, shape).has_errors(), definition["name"]


def test_every_planned_name_is_one_personalize_accepts(rich_plan: dict[str, Any]) -> None:
    for definition in planned(rich_plan).values():
        room = "-12345678-12345678-99" if "content" in definition else ""
        assert check_name(definition["name"] + room) is None
        assert check_name(definition.get("successor", "none")) is None


def test_every_reference_is_to_what_is_made_before(rich_plan: dict[str, Any]) -> None:
    made: set[str] = set()
    for phase in PHASES:
        before = set(made)
        for chain in rich_plan["chains"][phase]:
            own: set[str] = set()
            for step in chain["steps"]:
                assert {*step.get("references", {}).values(), *step.get("digest_of", [])} <= before | own
                own.add(step["key"])
            made |= own


def test_every_kind_is_planned(rich_plan: dict[str, Any]) -> None:
    released = {release["campaign"]["kind"] for release in rich_plan["releases"]}

    assert {definition["kind"] for definition in planned(rich_plan).values()} | released == set(KINDS)


def test_the_wait_grows_to_a_bound_that_keeps_long_runs_within_the_history_limit() -> None:
    """Nine events a look, ten trainings up to their limit: fewer than the 25,000 of an execution."""
    wait = KINDS["solution-version"].wait
    looks, spent_s = 0, 0.0
    while spent_s < wait.limit_s:
        spent_s += wait.next_s(spent_s)
        looks += 1

    assert looks * 9 * 10 < 24_000
    assert all(kind.wait.longest_s <= 900 for kind in KINDS.values() if kind.wait)
