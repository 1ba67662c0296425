"""The example files pass the check, and show every key that a new file would use."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from personalize_spec.parameters import FILE, check_parameters, json_schema
from personalize_spec.parameters.shapes import Shape

MLOPS = Path(__file__).parents[2] / "mlops"
EXAMPLES = sorted((MLOPS / "examples").glob("*.json"))
# Closed to new use, or what a file should not say; and the older names of keys.
NOT_SHOWN = {
    "performAutoML",
    "autoMLConfig",
    "hpoObjective",
    "syncWithLatestSolutionVersion",
    "sims",
    "simsCampaign",
    "personalizedRanking",
    "personalizedRankingCampaign",
}
IN_CAMPAIGNS = "solutions.campaigns[].trafficRatio"  # counts for the front page's campaign, which is in `campaigns`
NO_RECIPE_TAKES = ".recommenders[].recommenderConfig.trainingDataConfig.includedDatasetColumns"


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def unshown(shape: Shape, values: list[Any], path: str = "") -> Iterator[str]:
    """Yield the keys of a shape that none of the values has, at every depth."""
    for key, each in shape.keys.items():
        if key in NOT_SHOWN:
            continue
        inner = [value[key] for value in values if isinstance(value, dict) and key in value]
        if inner:
            yield from unshown(each, inner, f"{path}.{key}")
        else:
            yield f"{path}.{key}"
    if shape.item is not None:
        entries = [
            entry
            for value in values
            for entry in (value.values() if isinstance(value, dict) else value)
            if isinstance(entry, dict)
        ]
        yield from unshown(shape.item, entries, f"{path}[]")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_no_findings(path: Path) -> None:
    assert check_parameters(load(path)) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_satisfies_the_json_schema_that_it_names(path: Path) -> None:
    data = load(path)
    assert (path.parent / data["$schema"]).resolve() == MLOPS / "params.schema.json"
    jsonschema.validate(data, json_schema(), jsonschema.Draft202012Validator)


def test_the_examples_show_every_key() -> None:
    """Any solution, dataset or campaign may show what all of its kind can have."""
    files = [load(path) for path in EXAMPLES]
    many = ("solutions", "datasets", "campaigns")
    of_many = tuple(f".{section}" for section in many)
    assert [key for key in unshown(FILE, files) if not key.startswith(of_many)] == [NO_RECIPE_TAKES]
    for section in many[:2]:
        entries = [entry for file in files for entry in file.get(section, {}).values()]
        [shape] = {id(each): each for each in FILE.keys[section].keys.values()}.values()
        assert set(unshown(shape, entries, section)) <= {IN_CAMPAIGNS}
    campaign = (FILE.keys["solutions"].item or Shape("any")).keys["campaigns"].item
    assert all(each is campaign for each in FILE.keys["campaigns"].keys.values())
