"""The gate's verdicts, and the requests that a campaign must answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import client_error
from fake_runtime import INTERACTIONS, ITEMS
from newspaper_account import CATEGORY, CONTEXTS, FILTERS, NDCG, UNREAD, recipe_arn
from pipeline.errors import TryAgainError

from personalize_spec.parameters.reading import Gate

NOW_S = 1_777_885_200.0
CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/daily"
CONTEXT = {
    context: {"filter_name": f"daily-{name}", "filterExpression": FILTERS[name]} for context, name in CONTEXTS.items()
}


@pytest.fixture
def gate(load: Callable[[str], SimpleNamespace]) -> Any:
    return load("check_gate").gate


@pytest.fixture
def smoke(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("smoke_campaign")


@pytest.mark.parametrize(
    ("candidate", "live", "wanted", "passed"),
    [
        ({NDCG: 0.095}, {NDCG: 0.1}, Gate(), True),
        ({NDCG: 0.0949}, {NDCG: 0.1}, Gate(), False),
        ({NDCG: 0.08}, {NDCG: 0.1}, Gate(tolerance=0.2), True),
        ({NDCG: 0.2}, None, Gate(), True),
        ({NDCG: 0.2}, {}, Gate(), True),
        ({}, {NDCG: 0.1}, Gate(), False),
        ({"auc": 0.9}, {NDCG: 0.1}, Gate(), False),
        ({NDCG: 0.1, "coverage": 0.29}, {NDCG: 0.1}, Gate(minimum_coverage=0.3), False),
        ({NDCG: 0.1, "coverage": 0.3}, None, Gate(minimum_coverage=0.3), True),
        ({NDCG: 0.1}, None, Gate(minimum_coverage=0.3), False),
        ({NDCG: 0.1, "precision_at_5": 0.01}, {NDCG: 0.1, "precision_at_5": 0.05}, Gate("precision_at_5"), False),
    ],
)
def test_the_gate(
    gate: Any, candidate: dict[str, float], live: dict[str, float] | None, wanted: Gate, passed: bool
) -> None:
    found = gate.verdict(gate.check_gate(recipe_arn("userPersonalization"), wanted, candidate, live))

    assert found["passed"] is passed
    assert found["reasons"]


def test_the_reason_says_what_was_compared(gate: Any) -> None:
    checks = gate.check_gate(recipe_arn("userPersonalization"), Gate(), {NDCG: 0.05}, {NDCG: 0.1})

    [reason] = gate.verdict(checks)["reasons"]
    assert reason == f"{NDCG} is 0.0500, too low: at least 0.0950 is asked for, the live version has 0.1000"


def asked(smoke: SimpleNamespace, key: str, samples: Any, contexts: dict[str, Any] = CONTEXT) -> list[Any]:
    subject = smoke.questions.Subject(CAMPAIGN, recipe_arn(key), contexts)
    return list(smoke.questions.questions(subject, samples, 3, NOW_S))


@pytest.fixture
def samples(smoke: SimpleNamespace) -> Any:
    read = smoke.samples.read_head
    heads = {"INTERACTIONS": INTERACTIONS, "ITEMS": ITEMS}
    return smoke.samples.Samples({name: read(text.encode(), 5) for name, text in heads.items()})


def test_readers_are_asked_for_without_and_with_every_filter(smoke: SimpleNamespace, samples: Any) -> None:
    plain, category, unread = asked(smoke, "userPersonalization", samples)

    assert [arguments["userId"] for arguments in plain.arguments] == ["reader-0", "reader-1", "reader-2"]
    assert category.arguments[0]["filterArn"] == CAMPAIGN.replace("campaign/daily", "filter/daily-category")
    assert category.arguments[0]["filterValues"] == {"category": '"canada"'}
    assert unread.arguments[0]["filterValues"] == {"minTimestamp": str(int(NOW_S) - 3 * 86_400)}


def test_similar_items_are_asked_about_articles_and_rankings_given_a_list(smoke: SimpleNamespace, samples: Any) -> None:
    assert asked(smoke, "similarItems", samples)[0].arguments[1]["itemId"] == "article-1"
    [ranking] = asked(smoke, "personalizedRanking", samples)
    assert ranking.operation == "get_personalized_ranking"
    assert len(ranking.arguments[0]["inputList"]) == 5


def test_without_data_an_unknown_reader_is_asked_for(smoke: SimpleNamespace) -> None:
    nothing = smoke.samples.Samples()

    plain, unread = asked(smoke, "userPersonalization", nothing)
    assert plain.arguments[0]["userId"] == "smoke-test"
    assert "minTimestamp" in unread.arguments[0]["filterValues"]
    assert asked(smoke, "similarItems", nothing) == []
    subject = smoke.questions.Subject(CAMPAIGN, recipe_arn("userPersonalization"), CONTEXT)
    assert smoke.questions.unasked(subject, nothing) == ["daily-category"]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("", {}),
        ("INCLUDE ItemID WHERE Items.CATEGORY IN ($a, $b)", {"a": '"canada"', "b": '"canada"'}),
        ("EXCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $oldest", {"oldest": "1"}),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($event)", {"event": '"page_view"'}),
        ("INCLUDE ItemID WHERE Items.NOBODY_KNOWS IN ($x)", None),
        (f"{CATEGORY} | {UNREAD}", {"category": '"canada"', "minTimestamp": str(int(NOW_S) - 3 * 86_400)}),
    ],
)
def test_parameters_get_real_values(
    smoke: SimpleNamespace, samples: Any, expression: str, values: dict[str, str] | None
) -> None:
    assert smoke.questions.filter_values(expression, samples, NOW_S) == values


def test_a_value_with_quotes_is_escaped(smoke: SimpleNamespace) -> None:
    known = smoke.samples.Samples({"ITEMS": {"CATEGORY": ['say "yes"']}})

    assert smoke.questions.filter_values(CATEGORY, known, NOW_S) == {"category": '"say \\"yes\\""'}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("USER_ID,ITEM_ID\nu1,a\nu2,b\n", {"USER_ID": ["u1", "u2"], "ITEM_ID": ["a", "b"]}),
        ("\ufeffuser_id\nu1\nu1\nu2\ncut of", {"USER_ID": ["u1", "u2"]}),
        ('CATEGORY\n"a|b"\n|c\n', {"CATEGORY": ["a", "b", "c"]}),
        ("USER_ID", {}),
        ("", {}),
        ("A,B\n1\n1,2,3\n", {"A": ["1"], "B": ["2"]}),
    ],
)
def test_the_head_of_a_file_gives_values(smoke: SimpleNamespace, text: str, found: dict[str, list[str]]) -> None:
    assert smoke.samples.read_head(text.encode(), 5) == found


def test_a_service_that_does_not_answer_is_tried_again(smoke: SimpleNamespace) -> None:
    class Busy:
        def get_recommendations(self, **arguments: Any) -> dict[str, Any]:
            raise client_error("ThrottlingException", "Slow down.")

    event = {
        "campaign": {"arn": CAMPAIGN, "recipe_arn": recipe_arn("userPersonalization")},
        "contexts": {},
        "smoke_users": 1,
    }
    with pytest.raises(TryAgainError, match=r"ThrottlingException: Slow down\."):
        smoke.handler.try_out(Busy(), event, smoke.samples.Samples(), NOW_S)
