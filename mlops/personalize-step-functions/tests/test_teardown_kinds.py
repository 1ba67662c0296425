"""What a teardown deletes, against botocore's model: every operation exists and takes what it is given."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore_models import service_model
from fake_personalize import operation_model
from pipeline.teardown_kinds import ALL_KINDS, STAGES

TEMPLATE = (Path(__file__).parents[1] / "template.yaml").read_text()
STAGED = [kind for _, kinds in STAGES for kind in kinds]
DELETED = [kind for kind in STAGED if kind not in ("schedule", "settings-row", "solution-version")]


@pytest.mark.parametrize("kind", DELETED)
def test_every_kind_is_deleted_by_its_arn(kind: str) -> None:
    found = ALL_KINDS[kind]

    assert operation_model(found.operation("delete")).input_shape.required_members == [found.arn_member]
    assert list(operation_model(found.operation("describe")).output_shape.members) == [found.member]


def test_every_delete_operation_of_personalize_has_its_stage() -> None:
    known = {
        name.removeprefix("Delete")
        for name in service_model("personalize").operation_names
        if name.startswith("Delete")
    }

    assert {"".join(word.capitalize() for word in kind.split("-")) for kind in DELETED} == known


@pytest.mark.parametrize("kind", DELETED)
def test_the_function_may_delete_it(kind: str) -> None:
    policy = TEMPLATE.split("\n  DeleteResourceFunction:\n")[1].split("\n\n")[0]
    noun = "".join(word.capitalize() for word in kind.split("-"))

    assert f"personalize:Delete{noun}\n" in policy
    assert f"personalize:Describe{noun}\n" in policy
    assert f":{kind}/*\n" in f"{policy}\n"


def test_what_depends_goes_first() -> None:
    """Source: contract §2.4."""
    order = {kind: number for number, kind in enumerate(STAGED)}

    for first, then in (
        ("schedule", "settings-row"),
        ("settings-row", "campaign"),
        ("solution-version", "solution"),
        ("campaign", "solution"),
        ("event-tracker", "dataset"),
        ("filter", "dataset"),
        ("recommender", "dataset"),
        ("dataset", "schema"),
        ("dataset", "dataset-group"),
        ("schema", "dataset-group"),
    ):
        assert order[first] < order[then]
