"""Solution versions side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from personalize_local.console.versions import compare
from tests.console.conftest import Browser, text

Browse = Callable[..., Browser]
MODELS = "/_personalize/models"


def version(arn: str, metrics: dict[str, float], inside: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"arn": arn, "metrics": metrics, "inside": inside}


def test_without_a_solution_the_page_says_what_is_missing(browse: Browse) -> None:
    assert "and a solution" in text(browse().get(MODELS))


def test_the_live_solution_is_shown_with_its_metrics(browse: Browse) -> None:
    page = browse(town=True).json(f"{MODELS}.json")
    (shown,) = page["versions"]
    assert page["live"] == shown["arn"]
    assert shown["campaigns"] == ["front-page"]
    assert shown["inside"] is None
    names = [row["name"] for row in page["metrics"]]
    assert names.index("precision_at_5") < names.index("precision_at_10") < names.index("precision_at_25")
    assert all(0 <= row["cells"][0]["value"] <= 1 for row in page["metrics"])


def test_over_aws_nothing_is_said_that_aws_does_not_tell(browse: Browse) -> None:
    page = text(browse(town=True).get(MODELS))
    assert "Amazon Personalize gives no errors" in page
    assert "What the blend weighs" not in page


def test_this_machine_tells_errors_weights_and_who_is_recommended(browse: Browse) -> None:
    browser = browse(town=True, inside=True)
    (shown,) = browser.json(f"{MODELS}.json")["versions"]
    assert shown["inside"]["weights"]
    assert shown["inside"]["errors"].keys() == shown["metrics"].keys() - {"coverage"}
    page = text(browser.get(MODELS))
    assert "What the blend weighs" in page
    assert 'aria-label="Popularity bias of' in page
    assert "±" in page


@pytest.mark.parametrize(("asked", "status"), [("solution", 200), ("version", 200), ("none", 404)])
def test_a_solution_is_found_by_itself_and_by_a_version(browse: Browse, asked: str, status: int) -> None:
    browser = browse(town=True)
    solutions = browser.world.personalize.list_solutions()["solutions"]
    arn = next(one["solutionArn"] for one in solutions if one["name"] == "ranking")
    query = {"solution": f"solution={arn}", "version": f"version={arn}/x", "none": f"solution={arn}x"}[asked]
    page = browser.get(f"{MODELS}.json?{query}")
    assert page.status == status
    assert ("ranking" in text(page)) if status == 200 else ("There is no solution" in text(page))


def test_a_difference_is_clear_beyond_twice_its_error() -> None:
    known = {"errors": {"ndcg": 0.01}}
    live, near, far = (version(arn, {"ndcg": value}, known) for arn, value in (("l", 0.2), ("n", 0.22), ("f", 0.3)))
    (row,) = compare([live, near, far], "l")
    of_live, of_near, of_far = row["cells"]
    assert of_live["difference"] is None
    assert (of_near["is_clear"], of_far["is_clear"]) == (False, True)
    assert of_far["is_better"]


def test_without_errors_no_difference_is_called_clear_or_not() -> None:
    (row,) = compare([version("l", {"ndcg": 0.2}), version("n", {"ndcg": 0.9})], "l")
    assert row["cells"][1]["difference"] == pytest.approx(0.7)
    assert (row["cells"][1]["is_known"], row["cells"][1]["is_clear"]) == (False, False)
    (smaller,) = compare([version("l", {"average_rank": 5.0}), version("n", {"average_rank": 3.0})], "l")
    assert smaller["cells"][1]["is_better"]
