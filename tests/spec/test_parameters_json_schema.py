"""The JSON Schema of the parameter file: it takes good files, and refuses what the check of shapes refuses."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from personalize_spec.parameters import json_schema

ROOT = Path(__file__).resolve().parents[2]
GOOD = json.loads((Path(__file__).parent / "data" / "params.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def errors(data: Any) -> set[str]:
    return {error.json_path.removeprefix("$.") for error in VALIDATOR.iter_errors(data)}


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("data", [GOOD, json.loads((ROOT / "mlops" / "params.json").read_text())], ids=["all", "news"])
def test_good_files_are_good(data: dict[str, Any]) -> None:
    assert errors(data) == set()


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("datasetGroup", "name", ""),
        ("datasetGroup", "name", "no spaces"),
        ("datasetGroup", "domain", "NEWS"),
        ("userPersonalizationUpdates", "trainingMode", "PARTIAL"),
        ("eventTracker", "name", 3),
        ("solutions", "similarItems", {"name": "x"}),
        ("solutions", "similarItems", {"name": "x", "recipeArn": "r", "recipe": "r"}),
        ("campaigns", "similarItemsCampaign", {"name": "x", "minProvisionedTPS": 0}),
        ("campaigns", "similarItemsCampaign", {"name": "x", "minProvisionedTPS": "1"}),
    ],
)
def test_what_the_check_refuses_it_refuses(section: str, key: str, value: Any) -> None:
    data = copy.deepcopy(GOOD)
    data[section][key] = value
    [path] = errors(data)
    assert path.startswith(f"{section}.{key}")


@pytest.mark.parametrize(
    ("section", "value", "path"),
    [
        ("gate", {"tolerance": 2}, "gate.tolerance"),
        ("traffic", {"steps": []}, "traffic.steps"),
        ("traffic", {"steps": [50, 101]}, "traffic.steps[1]"),
        ("schedules", {"train": 7}, "schedules.train"),
        ("namePrefix", "no spaces", "namePrefix"),
        ("recommenders", {"picks": {"name": "picks"}}, "recommenders.picks"),
        ("recommenders", {"1st": {"name": "picks", "recipeArn": "r"}}, "recommenders"),
        ("solutions", {"mine": {"name": "mine", "recipeArn": "r", "campaign": []}}, "solutions.mine"),
        ("solutions", {"mine": {"name": "m", "recipeArn": "r", "trainingMode": "SOME"}}, "solutions.mine.trainingMode"),
        (
            "solutions",
            {"mine": {"name": "m", "recipeArn": "r", "batchSegmentJobs": [{"name": "x"}]}},
            "solutions.mine.batchSegmentJobs[0]",
        ),
    ],
)
def test_the_pipelines_keys_are_held_to_their_shapes(section: str, value: Any, path: str) -> None:
    assert errors({**GOOD, section: value}) == {path}


def test_numbers_in_quotes_stay_in_quotes() -> None:
    data = copy.deepcopy(GOOD)
    exploration = data["campaigns"]["userPersonalizationCampaign"]["campaignConfig"]["itemExplorationConfig"]
    exploration.update(explorationWeight=0.3, explorationItemAgeCutOff="a day")
    assert {path.rsplit(".", 1)[-1] for path in errors(data)} == set(exploration)
