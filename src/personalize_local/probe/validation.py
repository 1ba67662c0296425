"""Bounds, patterns and enums of the models, which clients leave to the service to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from personalize_local.probe.check import MODEL, Check, expect_error
from personalize_local.probe.endpoint import Endpoint
from personalize_local.probe.operations import INVALID

AREA = "validation"


@dataclass(frozen=True)
class Case:
    """A request that breaks one rule; the answer is to name the member. Operations that write break another as well."""

    rule: str
    operation: str
    member: str
    members: Mapping[str, Any]
    arn_members: Mapping[str, str] = field(default_factory=dict)


NO_SCHEMA = {"schema": "{}"}
CAMPAIGN = {"campaignArn": "campaign/no-such-resource"}
CASES = (
    Case("a page of 101", "ListSchemas", "maxResults", {"maxResults": 101}),
    Case("a page of 0", "ListSchemas", "maxResults", {"maxResults": 0}),
    Case("a token of 1501 characters", "ListCampaigns", "nextToken", {"nextToken": "x" * 1501}),
    Case("an ARN that is none", "DescribeSchema", "schemaArn", {"schemaArn": "schema/x"}),
    Case("an ARN of another service", "DescribeCampaign", "campaignArn", {"campaignArn": "arn:aws:s3:::bucket"}),
    Case("an ARN of 300 characters", "DescribeFilter", "filterArn", {}, {"filterArn": f"filter/{'x' * 300}"}),
    Case("a provider that there is not", "ListRecipes", "recipeProvider", {"recipeProvider": "OTHER"}),
    Case("a domain that there is not", "ListRecipes", "domain", {"domain": "NEWS"}),
    Case("a name of 64 characters", "CreateSchema", "name", {"name": "x" * 64, **NO_SCHEMA}),
    Case("a name with a space", "CreateSchema", "name", {"name": "a name", **NO_SCHEMA}),
    Case("no name", "CreateSchema", "name", NO_SCHEMA),
    Case("a schema of 20,001 characters", "CreateSchema", "schema", {"name": "probe", "schema": " " * 20_001}),
    Case("a tag key of 129 characters", "TagResource", "tagKey",
         {"resourceArn": "none", "tags": [{"tagKey": "x" * 129, "tagValue": ""}]}),
    Case("a user of 257 characters", "GetRecommendations", "userId", {"userId": "u" * 257}, CAMPAIGN),
    Case("fewer than no results", "GetRecommendations", "numResults", {"userId": "u", "numResults": -1}, CAMPAIGN),
    Case("26 filter values", "GetRecommendations", "filterValues",
         {"userId": "u", "filterValues": {f"V{place}": '"x"' for place in range(26)}}, CAMPAIGN),
    Case("a context key with a space", "GetRecommendations", "context", {"context": {"a key": "x"}}, CAMPAIGN),
    Case("no list to rank", "GetPersonalizedRanking", "inputList", {"userId": "u"}, CAMPAIGN),
    Case("no events", "PutEvents", "eventList", {"trackingId": "none", "sessionId": "s"}),
    Case("eleven events", "PutEvents", "eventList",
         {"trackingId": "none", "sessionId": "s", "eventList": [{"eventType": "view", "sentAt": 1}] * 11}),
    Case("eleven items", "PutItems", "items",
         {"items": [{"itemId": "i"}] * 11}, {"datasetArn": "dataset/no-such-resource/ITEMS"}),
)  # fmt: skip


def validation_checks() -> list[Check]:
    """Give a check for each case."""
    return [Check(AREA, f"{case.rule} ({case.operation})", MODEL, partial(_ask, case)) for case in CASES]


def _ask(case: Case, endpoint: Endpoint) -> None:
    arns = {member: endpoint.arn(resource) for member, resource in case.arn_members.items()}
    expect_error(endpoint.call(case.operation, {**case.members, **arns}), *INVALID, mentions=case.member)
