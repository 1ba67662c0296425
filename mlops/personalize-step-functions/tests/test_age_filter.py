"""Age limits by a parameter that the API sends: no dated names, no gap at night."""

from __future__ import annotations

from typing import Any

import pytest
from function_loader import make_plan, planned
from pipeline.planning.age_filter import TIME_PARAMETER, with_age_limit

from personalize_spec.filters import parse_filter, placeholders, required_placeholders

LIMITED = " | EXCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $minTimestamp"


def test_filters_that_limit_the_age_have_the_parameter_in_plan_and_row(plan: dict[str, Any]) -> None:
    steps = planned(plan)

    for name, context in (("unread", "default"), ("category", "art_same_section_mostpopular")):
        expression = steps[f"filter:{name}"]["arguments"]["filterExpression"]
        assert expression.endswith(LIMITED)
        assert TIME_PARAMETER in placeholders(parse_filter(expression))
        assert TIME_PARAMETER not in required_placeholders(parse_filter(expression))
        entry = plan["settings"]["contexts"][context]
        assert TIME_PARAMETER in entry["filter_values"]
        assert entry["filterExpression"] == expression


def test_nothing_in_the_plan_depends_on_the_day(parameters: dict[str, Any]) -> None:
    requests = [{"requested_at": day, "work": ("import",)} for day in ("2026-05-04", "2026-05-05")]

    first, second = (make_plan(parameters, **request)["chains"]["serving"] for request in requests)

    assert first == second


@pytest.mark.parametrize(
    "change",
    [
        {"limit_time_range": False, "include_time_range_for_sections": []},
        {"context": None, "name": "other"},
        {"filterExpression": "EXCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $minTimestamp"},
        {"filterExpression": f"EXCLUDE ItemID WHERE Items.A IN ({','.join(['1'] * 1220)})"},
    ],
)
def test_other_filters_stay_as_they_are(parameters: dict[str, Any], change: dict[str, Any]) -> None:
    entry = {**parameters["filters"][1], **change}

    assert with_age_limit(entry, parameters)["filterExpression"] == entry["filterExpression"]


def test_items_without_a_date_have_no_age(parameters: dict[str, Any]) -> None:
    fields = parameters["datasets"]["Items"]["schema"]["fields"]
    fields[:] = [field for field in fields if field["name"] != "CREATION_TIMESTAMP"]

    assert with_age_limit(parameters["filters"][1], parameters) == parameters["filters"][1]
