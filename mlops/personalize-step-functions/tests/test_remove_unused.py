"""What has been replaced goes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import SCOPE, FakePersonalize, client_error
from pipeline.gateway import PersonalizeGateway

GROUP = f"{SCOPE}:dataset-group/daily"
REPLACEABLE = [{"kind": "filter", "name": "daily-unread"}, {"kind": "schema", "name": "Items"}]


@pytest.fixture
def unused(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("remove_unused").unused


def made(*arns: str) -> dict[str, Any]:
    return {"dataset-group": {"arn": GROUP}} | {str(number): {"arn": arn} for number, arn in enumerate(arns)}


def a_filter(personalize: FakePersonalize, name: str, group: str = GROUP) -> str:
    """Make a filter and wait for it: one that is being made cannot be deleted."""
    arn = personalize.create_filter(name=name, datasetGroupArn=group, filterExpression="x")["filterArn"]
    statuses = (personalize.describe_filter(filterArn=arn)["filter"]["status"] for _ in range(5))
    assert "ACTIVE" in statuses
    return arn


def find(unused: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize, *used: str) -> list[str]:
    return [each["arn"] for each in unused.find_unused(gateway, REPLACEABLE, made(*used), personalize.now)]


def test_other_versions_of_a_planned_filter_are_found_and_no_others(
    unused: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize
) -> None:
    used = a_filter(personalize, "daily-unread-0123abcd")
    replaced = [a_filter(personalize, name) for name in ("daily-unread", "daily-unread-cafe0123")]
    for name in ("daily-unread-by-hand", "daily-category", "daily-unread-0123abcd9"):
        a_filter(personalize, name)
    a_filter(personalize, "daily-unread-0000aaaa", f"{SCOPE}:dataset-group/other")

    assert find(unused, gateway, personalize, used) == replaced


def test_a_replaced_schema_is_found_when_it_is_not_new(
    unused: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize
) -> None:
    replaced = personalize.create_schema(name="Items", schema="{}")["schemaArn"]
    used = personalize.create_schema(name="Items-0123abcd", schema="{}")["schemaArn"]

    assert find(unused, gateway, personalize, used) == []
    personalize.now += timedelta(hours=2)
    assert find(unused, gateway, personalize, used) == [replaced]


def test_removing_passes_over_what_is_in_use_or_gone(
    unused: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize
) -> None:
    arns = [a_filter(personalize, name) for name in ("a", "b")]
    resources = [{"kind": "filter", "arn": arn} for arn in (f"{SCOPE}:filter/gone", *arns)]
    personalize.faults["delete_filter"] = [client_error("ResourceInUseException", "in use")]

    assert unused.remove(gateway, resources) == arns
    personalize.faults["delete_filter"] = [client_error("ResourceInUseException", "in use")]
    assert unused.remove(gateway, resources[1:]) == arns[1:]
