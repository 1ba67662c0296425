"""The batch segment job: whom it finds for a line, filters about users, and who is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from personalize_local.jobs.context import JobFailedError
from personalize_local.runtime.batch_segment import recent_events, run_with
from personalize_local.store.tables import InteractionTable, empty_interactions
from personalize_local.store.user_deletion import UserData
from personalize_local.training.training_data import catalogue, to_sequences
from personalize_local.training.user_affinity import fit_user_affinity, save_user_affinity
from tests.behaviours import APPROXIMATED, EXACT, behaviour

# Categories by item: i0 news|world, i1 news, i2 sport, i3 sport|world, i4 arts, and so on by fives.
EVENTS = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "".join(
    f"{user},{item},{1_700_000_000 + place},{kind}\n"
    for place, (user, item, kind) in enumerate(
        [
            *[("ann", item, "view") for item in ("i0", "i1", "i5", "i6")],
            *[("bob", item, "view") for item in ("i2", "i3", "i7")],
            *[("cat", item, "view") for item in ("i2", "i3")],
            ("dan", "i4", "view"),
            ("dan", "i2", "Share"),
        ]
    )
)
Answer = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def answer(newsroom: Any, s3: Any) -> Answer:
    """Train on the events above, answer lines, give the output's."""

    def run(recipe: str, lines: list[Any], before: Callable[[], None] = lambda: None, **body: Any) -> list[Any]:
        workspace = newsroom.workspace
        newsroom.import_csv("INTERACTIONS", EVENTS)
        table = workspace.datasets.read_interactions(
            newsroom.dataset_arn("INTERACTIONS"), newsroom.schema("INTERACTIONS")
        )
        campaign = workspace.resources.get(newsroom.add_campaign(recipe))
        version_arn = campaign.body["solution_version_arn"]
        item_ids = catalogue(table, None)
        sequences = to_sequences(table, item_ids, ())
        model = fit_user_affinity(sequences, sequences)
        save_user_affinity(workspace.artifacts.stage(version_arn), model, table.user_ids, item_ids)
        workspace.artifacts.publish(version_arn)
        before()
        members = {
            "version_arn": version_arn,
            "num_results": 25,
            "job_input": {"s3_data_source": {"path": "s3://data/ask.json"}},
            "job_output": {"s3_data_destination": {"path": "s3://out/"}},
        }
        s3.put("data", "ask.json", "\n".join(json.dumps(line) for line in lines))
        run_with(newsroom.batch_context("batch-segment", **(members | body)), s3)
        return s3.lines("out", "ask.json.out")

    return run


def by_item(answer: Answer, item: Any, **more: Any) -> Any:
    return answer("aws-item-affinity", [{"itemId": item}], **more)[0]


def by_attributes(answer: Answer, text: str, **more: Any) -> Any:
    return answer("aws-item-attribute-affinity", [{"itemAttributes": text}], **more)[0]


@behaviour(
    "CreateBatchSegmentJob",
    "Users count by how often and how recently they turned to what is like the item; hidden_dimension is how many items"
    " count as like it",
    APPROXIMATED,
    source="inferred: AWS learns dimensions",
)
def test_an_item_finds_the_users_of_items_like_it(answer: Answer) -> None:
    line = by_item(answer, "i2")
    assert line["input"] == {"itemId": "i2"} and line["error"] is None
    assert line["output"]["usersList"] == line["output"]["recommendedUsers"]  # documented, and observed
    assert line["output"]["recommendedUsers"][:2] == ["bob", "cat"]
    assert sorted(line["output"]["recommendedUsers"]) == ["ann", "bob", "cat", "dan"]


def test_the_best_come_when_few_are_wanted(answer: Answer) -> None:
    assert by_item(answer, "i2", num_results=1)["output"]["recommendedUsers"] == ["bob"]


@behaviour(
    "CreateBatchSegmentJob",
    "Attributes are those of the Items dataset at the time of the job",
    APPROXIMATED,
    source="inferred",
)
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('ITEMS.CATEGORY = "news"', "ann"),
        ('items.category = "sport"', "bob"),
        ('ITEMS.CATEGORY = "sport" AND ITEMS.WORDS = 200', "bob"),
        ("ITEMS.WORDS = 400", "dan"),
    ],
)
def test_attributes_find_the_users_who_turned_to_items_with_them(answer: Answer, text: str, first: str) -> None:
    line = by_attributes(answer, text)
    assert line["input"] == {"itemAttributes": text}
    assert line["output"]["recommendedUsers"][0] == first


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('ITEMS.CATEGORY = "opera"', 'No item has ITEMS.CATEGORY = "opera".'),
        ('ITEMS.COLOUR = "red"', "The Items dataset has no column 'COLOUR'."),
        ('ITEMS.CATEGORY = "news" OR ITEMS.WORDS = 1', "cannot be read"),
        ('ITEMS.CATEGORY IN ("news")', "cannot be read"),
        ("ITEMS.WORDS > 1", "cannot be read"),
        ("ITEMS.WORDS = $N", "cannot be read"),
        ("Users.AGE = 1", "cannot be read"),
        ("ITEMS.WORDS = 1 IF CurrentUser.AGE = 1", "cannot be read"),
        ("ITEMS.WORDS = 1 | EXCLUDE ItemID WHERE ITEMS.WORDS = 1", "cannot be read"),
        ("red", "cannot be read"),
        ("", "The line has no itemAttributes."),
    ],
)
def test_attributes_that_cannot_be_served_say_why(answer: Answer, text: str, error: str) -> None:
    line = by_attributes(answer, text)
    assert line["output"] is None
    assert error in line["error"]


@behaviour(
    "CreateBatchSegmentJob",
    "An unknown item, or attributes that no item has, give the line an error",
    APPROXIMATED,
    source="inferred",
)
def test_an_item_that_nobody_knows_says_so(answer: Answer) -> None:
    assert "The item 7 is not in the data" in by_item(answer, 7)["error"]


@pytest.mark.parametrize(
    ("expression", "users"),
    [
        ('INCLUDE UserID WHERE Users.PLAN IN ("gold")', ["ann"]),
        ("EXCLUDE UserID WHERE Users.AGE < 20", ["ann", "cat", "dan"]),
        ('INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("view")', ["bob", "cat"]),
        ('EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("share")', ["ann", "bob", "cat"]),
        ('EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("*")', ["ann"]),
        ('INCLUDE UserID WHERE Users.AGE > 1 | EXCLUDE UserID WHERE Users.PLAN IN ("gold")', ["bob"]),
    ],
)
def test_filters_are_about_users_and_what_they_did_with_the_item(
    answer: Answer, newsroom: Any, expression: str, users: list[str]
) -> None:
    line = by_item(answer, "i2", filter_arn=newsroom.add_filter(expression))
    assert sorted(line["output"]["recommendedUsers"]) == users


def test_a_filters_values_come_from_the_line(answer: Answer, newsroom: Any) -> None:
    filter_arn = newsroom.add_filter("INCLUDE UserID WHERE Users.PLAN IN ($PLAN)")
    lines = [{"itemId": "i2", "filterValues": {"PLAN": '"gold"'}}, {"itemId": "i2"}]
    served, refused = answer("aws-item-affinity", lines, filter_arn=filter_arn)
    assert served["output"]["recommendedUsers"] == ["ann"]
    assert "needs values for PLAN" in refused["error"]


@behaviour(
    "CreateBatchSegmentJob", "Users deleted since the training are left out", EXACT, source="documented, contract §3.9"
)
def test_users_deleted_since_the_training_are_left_out(answer: Answer, newsroom: Any) -> None:
    workspace = newsroom.workspace

    def delete() -> None:
        data = UserData(newsroom.dataset_arn("INTERACTIONS"), [], False)
        with workspace.database.transaction() as connection:
            workspace.user_deletion.delete(connection, newsroom.group_arn, [data], ["bob"], newsroom.clock.now())

    assert by_item(answer, "i2", before=delete)["output"]["recommendedUsers"][0] == "cat"


@behaviour(
    "CreateBatchSegmentJob", "500 lines a file for items, 10 for attributes", EXACT, source="documented, contract §3.11"
)
@pytest.mark.parametrize(("recipe", "limit"), [("aws-item-affinity", 500), ("aws-item-attribute-affinity", 10)])
def test_files_have_few_lines(answer: Answer, s3: Any, recipe: str, limit: int) -> None:
    with pytest.raises(JobFailedError) as raised:
        answer(recipe, [{"itemId": "i2", "itemAttributes": "ITEMS.WORDS = 200"}] * (limit + 1))
    assert raised.value.reason == f"ask.json has more than {limit} lines."
    assert s3.uploads == ["_CHECK"]


def test_only_the_last_hundred_events_of_each_type_count() -> None:
    user_row = np.repeat(np.array([0, 1], dtype=np.int32), [150, 90])
    kinds = np.where(np.arange(240) % 10 == 0, 1, 0).astype(np.int16)
    zeros = np.zeros(240, dtype=np.int32)
    nobody = np.array(["a", "b"], dtype=object)
    table = InteractionTable(nobody, nobody, user_row, zeros, np.arange(240), kinds, ("x", "y"))
    recent = recent_events(table)
    assert recent[150:].all() and recent[:150][kinds[:150] == 1].all()
    first = np.flatnonzero(kinds[:150] == 0)
    assert np.flatnonzero(recent[:150] & (kinds[:150] == 0)).tolist() == first[-100:].tolist()
    assert recent_events(empty_interactions()).tolist() == []
