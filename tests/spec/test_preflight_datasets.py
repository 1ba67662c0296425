"""Data of actions, of recommenders, of solutions of one's own, and data that add to earlier ones."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.parameters import Finding
from personalize_spec.preflight import DataFile, check_data
from tests.csv_files import NOW_EPOCH_S, Rows, csv_text, data_file, good_files, good_rows

MLOPS = Path(__file__).parents[2] / "mlops"
NEWSPAPER = json.loads((MLOPS / "params.json").read_text())
NEWS = json.loads((MLOPS / "examples" / "every-key.json").read_text())
VIDEOS = json.loads((MLOPS / "examples" / "recommenders.json").read_text())
ACTIONS: Rows = [{"ACTION_ID": f"a{place}", "KIND": "gift", "VALUE": "3"} for place in range(5)]
ANSWERS: Rows = [
    {"USER_ID": "u1", "ACTION_ID": f"a{place}", "TIMESTAMP": str(int(NOW_EPOCH_S) - 60), "EVENT_TYPE": "Not taken"}
    for place in range(5)
]


def findings(parameters: dict[str, Any], changed: dict[str, Rows], **more: Any) -> tuple[Finding, ...]:
    files = good_files({"datasets": {key: parameters["datasets"][key] for key in parameters["datasets"] if key in
                                     ("Interactions", "Items", "Users")}})  # fmt: skip
    files |= {key: [data_file(f"{key}/1.csv", csv_text(rows))] for key, rows in changed.items()}
    return check_data(parameters, files, NOW_EPOCH_S, **more).findings


def news(**changed: Rows) -> tuple[Finding, ...]:
    parameters = copy.deepcopy(NEWS)
    del parameters["solutions"]["order"]["solutionConfig"]
    parameters["solutions"]["userPersonalization"]["solutionConfig"].pop("eventValueThreshold")
    return findings(parameters, {"Actions": ACTIONS, "ActionInteractions": ANSWERS, **changed})


def one(found: tuple[Finding, ...]) -> Finding:
    [finding] = found
    return finding


def test_actions_are_data_as_others_are() -> None:
    assert news() == ()


def test_an_action_is_worth_one_to_ten() -> None:
    found = one(news(Actions=[{**row, "VALUE": "11"} for row in ACTIONS]))
    assert (found.path, found.severity) == ("datasets.Actions", "error")
    assert "VALUE is not from 1 to 10: correct it" in found.message


def test_an_action_that_nobody_offers_is_told() -> None:
    some = one(news(ActionInteractions=[*ANSWERS, {**ANSWERS[0], "ACTION_ID": "a9"}]))
    assert (some.path, some.severity) == ("datasets.ActionInteractions", "warning")
    assert some.message.startswith("1 of the 6 actions here are not in Actions, such as 'a9'")
    none = one(news(ActionInteractions=[{**row, "ACTION_ID": f"x{row['ACTION_ID']}"} for row in ANSWERS]))
    assert none.severity == "error"


def test_action_interactions_have_types_of_their_own() -> None:
    found = one(news(ActionInteractions=[{**row, "EVENT_TYPE": "clicked"} for row in ANSWERS]))
    assert found.message == "'clicked' is no type of action interaction: the types are TAKEN, NOT_TAKEN, VIEWED."


def test_more_actions_than_are_considered_are_told() -> None:
    found = one(news(Actions=[{**ACTIONS[0], "ACTION_ID": f"a{place}"} for place in range(1001)]))
    assert (found.severity, found.message[:25]) == ("warning", "Actions has 1,001 actions")


def test_each_event_of_a_choice_is_looked_for() -> None:
    parameters = copy.deepcopy(NEWSPAPER)
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
    events = [{"eventType": "page_view"}, {"eventType": "page_veiw"}]
    config = {"eventsConfig": {"eventParametersList": events}}
    parameters["solutions"]["mine"] = {"name": "mine", "recipeArn": recipe, "solutionConfig": config}
    found = one(findings(parameters, {}))
    assert found.path == "solutions.mine.solutionConfig.eventsConfig.eventParametersList[1].eventType"
    assert "Did you mean 'page_view'?" in found.message


def test_a_recommender_needs_events_of_its_own_kind() -> None:
    parameters = copy.deepcopy(VIDEOS)
    parameters["recommenders"]["popular"] = {
        "name": "popular",
        "recipeArn": "arn:aws:personalize:::recipe/aws-vod-most-popular",
    }
    found = one(findings(parameters, {}))
    assert (found.path, found.severity) == ("recommenders.popular.recipeArn", "error")
    assert "No interaction has the type 'Watch'" in found.message
    rows = [{**row, "EVENT_TYPE": "watch"} for row in good_rows(parameters, "Interactions")]
    assert findings(parameters, {"Interactions": rows}) == ()


def incremental() -> dict[str, Any]:
    parameters = copy.deepcopy(NEWSPAPER)
    for dataset in parameters["datasets"].values():
        dataset["importMode"] = "INCREMENTAL"
    return parameters


def test_what_is_added_is_not_all_there_is() -> None:
    rows = [{**row, "USER_ID": "u1", "ITEM_ID": f"new{place}"} for place, row in enumerate(
        good_rows(NEWSPAPER, "Interactions"))]  # fmt: skip
    found = findings(incremental(), {"Interactions": rows}, imported=("Interactions", "Items"))
    assert {each.severity for each in found} == {"warning"}
    assert any("unless an earlier import has brought them" in each.message for each in found)
    assert any(each.message.startswith("In what is added: The files have 1 users") for each in found)
    first = findings(incremental(), {"Interactions": rows})
    assert any(each.severity == "error" and each.message.startswith("The files have 1 users") for each in first)


def test_an_import_that_adds_needs_its_rows_too() -> None:
    rows = good_rows(NEWSPAPER, "Interactions")[:900]
    found = findings(incremental(), {"Interactions": rows}, imported=("Interactions", "Items"))
    assert any(each.severity == "error" and "an import needs 1,000 or more" in each.message for each in found)


@pytest.mark.parametrize(("imported", "most"), [((), "100.0 GB"), (("Interactions",), "1.0 GB")])
def test_an_import_has_a_size(imported: tuple[str, ...], most: str) -> None:
    body = csv_text(good_rows(NEWSPAPER, "Interactions")).encode()
    files = good_files(NEWSPAPER)

    def read(start: int, end: int) -> bytes:
        return body[start : min(end, len(body))]

    files["Interactions"] = [DataFile("Interactions/1.csv", 101 * 1024**3, read)]
    found = check_data(incremental(), files, NOW_EPOCH_S, budget_bytes=len(body), imported=imported).findings
    assert any(f"an import takes at most {most}" in each.message for each in found)


def test_a_dataset_that_is_there_needs_no_files() -> None:
    found = check_data(NEWSPAPER, {}, NOW_EPOCH_S, imported=("Interactions", "Items")).findings
    assert {each.severity for each in found} == {"warning"}
    assert all("keeps what was imported before" in each.message for each in found)


def test_types_and_columns_are_counted_together() -> None:
    rows = [{**row, "EVENT_TYPE": f"type{place % 6}"} for place, row in enumerate(
        good_rows(NEWSPAPER, "Interactions"))]  # fmt: skip
    found = one(findings(NEWSPAPER, {"Interactions": rows}))
    assert found.severity == "warning"
    assert found.message.startswith(
        "The files have 6 event types, and the schema has 5 columns of its own: AWS allows 10"
    )


def test_the_columns_own_name_is_no_type() -> None:
    rows = good_rows(NEWSPAPER, "Interactions")
    rows[0]["EVENT_TYPE"] = "EVENT_TYPE"
    found = one(findings(NEWSPAPER, {"Interactions": rows}))
    assert found.message == "'EVENT_TYPE' is the column's own name and no type of event: correct those rows."
