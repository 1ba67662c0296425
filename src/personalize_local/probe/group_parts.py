"""What lives in a dataset group and costs nothing: an event tracker, a filter, a solution that is never trained.

Each is made in a throw-away group with an Interactions dataset, looked at, and deleted again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from personalize_local.probe.check import expect, expect_error, expect_success
from personalize_local.probe.endpoint import Endpoint
from personalize_local.probe.throwaway import delete, describe_resource, expect_creation
from personalize_spec.recipes import RECIPES

INVALID, TAKEN, IN_USE = "InvalidInputException", "ResourceAlreadyExistsException", "ResourceInUseException"
RECIPE_ARN = RECIPES["aws-user-personalization"].arn
EXPRESSION = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
WRONG_EXPRESSION = "EXCLUDE ItemID Interactions.EVENT_TYPE"
TAG_LIMIT, TAG_KEY_LIMIT = 50, 200


def try_parts(endpoint: Endpoint, name: str, group_arn: str) -> None:
    """Go through the life of each.

    Errors: MismatchError.
    """
    _tracker(endpoint, name, group_arn)
    _filter(endpoint, name, group_arn)
    _solution(endpoint, name, group_arn)
    _limits(endpoint, name, group_arn)


@contextlib.contextmanager
def _made(endpoint: Endpoint, kind: str, members: dict[str, Any]) -> Iterator[str]:
    """Create something for as long as the block runs; give its ARN."""
    made = expect_success(endpoint.call(f"Create{kind}", members)).members
    arn = made[f"{kind[0].lower()}{kind[1:]}Arn"]
    try:
        expect_creation(endpoint, kind, arn)
        yield arn
    finally:
        delete(endpoint, kind, arn)


def _tracker(endpoint: Endpoint, name: str, group_arn: str) -> None:
    members = {"name": name, "datasetGroupArn": group_arn}
    with _made(endpoint, "EventTracker", members) as arn:
        tracker = describe_resource(endpoint, "EventTracker", arn).members["eventTracker"]
        expect(bool(tracker.get("trackingId")), "the event tracker has no trackingId")
        second = endpoint.call("CreateEventTracker", members | {"name": f"{name}-2"})
        expect_error(second, TAKEN, "LimitExceededException")


def _filter(endpoint: Endpoint, name: str, group_arn: str) -> None:
    members = {"name": name, "datasetGroupArn": group_arn, "filterExpression": EXPRESSION}
    expect_error(endpoint.call("CreateFilter", members | {"filterExpression": WRONG_EXPRESSION}), INVALID)
    with _made(endpoint, "Filter", members) as arn:
        shown = describe_resource(endpoint, "Filter", arn).members["filter"]
        expect(shown["filterExpression"] == EXPRESSION, "the filter is not described as it was written")
        listed = expect_success(endpoint.call("ListFilters", {"datasetGroupArn": group_arn})).members
        expect([each["filterArn"] for each in listed["Filters"]] == [arn], "the filter is not listed")


def _solution(endpoint: Endpoint, name: str, group_arn: str) -> None:
    members = {"name": name, "datasetGroupArn": group_arn, "recipeArn": RECIPE_ARN, "performAutoTraining": False}
    with _made(endpoint, "Solution", members) as arn:
        solution = describe_resource(endpoint, "Solution", arn).members["solution"]
        expect("latestSolutionVersion" not in solution, "a solution without versions has a latestSolutionVersion")
        expect(solution.get("performAutoTraining") is False, "performAutoTraining is not kept")
        versions = expect_success(endpoint.call("ListSolutionVersions", {"solutionArn": arn})).members
        expect(versions["solutionVersions"] == [], "a solution that was never trained has versions")
        expect_error(endpoint.call("CreateSolution", members), TAKEN)
        expect_error(endpoint.call("DeleteDatasetGroup", {"datasetGroupArn": group_arn}), IN_USE)


def _limits(endpoint: Endpoint, name: str, group_arn: str) -> None:
    """Ask for more than the service gives, which creates nothing."""
    tags = [{"tagKey": f"k{number}", "tagValue": ""} for number in range(TAG_LIMIT + 1)]
    expect_error(endpoint.call("TagResource", {"resourceArn": group_arn, "tags": tags}), "TooManyTagsException")
    keys = [f"k{number}" for number in range(TAG_KEY_LIMIT + 1)]
    untag = endpoint.call("UntagResource", {"resourceArn": group_arn, "tagKeys": keys})
    expect_error(untag, "TooManyTagKeysException", INVALID, "ValidationException")
    solution = {"name": name, "datasetGroupArn": group_arn, "recipeArn": RECIPE_ARN, "performAutoTraining": False}
    for config in (
        {"algorithmHyperParameters": {"bptt": "33"}},
        {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}},
    ):
        expect_error(endpoint.call("CreateSolution", solution | {"solutionConfig": config}), INVALID)
