"""Any value in any place of a file with every key gives findings and no crash, in every check there is."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_spec.parameters import Finding, check_parameters
from personalize_spec.preflight import check_data, check_quotas, check_release_room
from tests.csv_files import NOW_EPOCH_S, data_file

EXAMPLES = Path(__file__).parents[2] / "mlops" / "examples"
NEWSPAPER = Path(__file__).parent / "data" / "params.json"
FILES = {path.stem: json.loads(path.read_text()) for path in (NEWSPAPER, *sorted(EXAMPLES.glob("*.json")))}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["1", "$a", "ITEMS", "rate(1 day)", "cron(0 0 ? * * *)", "s3://b/c", "arn:aws:personalize:::recipe/x"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(data: Any, steps: tuple = ()) -> list[tuple]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [steps, *(place for key, value in entries for place in places(value, (*steps, key)))]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_gives_findings_and_no_crash(name: str, data: st.DataObject) -> None:
    parameters = copy.deepcopy(FILES[name])
    steps = data.draw(st.sampled_from(places(parameters)[1:]))
    place = parameters
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = data.draw(JSON)
    files = {key: [data_file(f"{key}/1.csv", "USER_ID,ITEM_ID\nu,i\n")] for key in ("Interactions", "Items")}
    found = [
        *check_parameters(parameters),
        *check_data(parameters, files, NOW_EPOCH_S).findings,
        *check_quotas(parameters, {}),
        *check_release_room(parameters, ()),
    ]
    assert all(isinstance(each, Finding) and each.message for each in found)
