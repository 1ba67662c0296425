"""The format has exactly the arguments of AWS's calls, with the types, bounds and choices of botocore's shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import pytest

from personalize_spec.parameters import FILE
from personalize_spec.parameters.format.solutions import SOLUTION_WORK
from personalize_spec.parameters.shapes import Shape

MODEL = botocore.session.get_session().get_service_model("personalize")
TYPES = {
    "structure": "object",
    "map": "map",
    "list": "list",
    "boolean": "boolean",
    "integer": "integer",
    "double": "number",
    "float": "number",
    "string": "string",
}
GIVEN_BY_THE_PIPELINE = {"datasetGroupArn", "solutionVersionArn", "schemaArn", "datasetType", "datasetArn"}
SOLUTION = FILE.keys["solutions"].item or Shape("any")
CAMPAIGN = SOLUTION.keys["campaigns"].item or Shape("any")
CALLS: dict[str, tuple[Mapping[str, Shape], set[str], set[str]]] = {
    # call: the format's keys, those that are the pipeline's own, those that the pipeline gives under other names
    "CreateSolution": (SOLUTION.keys, set(SOLUTION_WORK), set()),
    "CreateCampaign": (CAMPAIGN.keys, {"trafficRatio"}, set()),
    "CreateRecommender": ((FILE.keys["recommenders"].item or Shape("any")).keys, set(), set()),
    "CreateDatasetGroup": (FILE.keys["datasetGroup"].keys, set(), set()),
    "CreateDataset": (FILE.keys["datasets"].keys["Items"].keys, {"schema", "schemaName", "importMode"}, set()),
    "CreateEventTracker": (FILE.keys["eventTracker"].keys, set(), set()),
    "CreateFilter": (
        (FILE.keys["filters"].item or Shape("any")).keys,
        {"context", "filter_values", "limit_time_range", "include_time_range_for_sections"},
        set(),
    ),
    "CreateBatchInferenceJob": (
        (SOLUTION.keys["batchInferenceJobs"].item or Shape("any")).keys,
        {"name", "input", "output", "filter"},
        {"jobName", "jobInput", "jobOutput", "filterArn", "roleArn"},
    ),
    "CreateBatchSegmentJob": (
        (SOLUTION.keys["batchSegmentJobs"].item or Shape("any")).keys,
        {"name", "input", "output", "filter"},
        {"jobName", "jobInput", "jobOutput", "filterArn", "roleArn"},
    ),
}


def members_of(call: str) -> Mapping[str, Any]:
    shape = MODEL.operation_model(call).input_shape
    assert shape is not None
    return shape.members


@pytest.mark.parametrize("call", CALLS)
def test_the_format_has_every_argument_and_no_other(call: str) -> None:
    keys, own, renamed = CALLS[call]
    assert set(keys) - own == set(members_of(call)) - renamed - GIVEN_BY_THE_PIPELINE


def differences(path: str, ours: Shape, theirs: Any) -> Iterator[str]:
    """Say where a value's shape in the format is not that of the API; numbers in quotes are texts there."""
    kind = {"name": "string", "numeric string": "string"}.get(ours.kind, ours.kind)
    open_map = theirs.type_name == "map" and kind == "object"  # a map whose keys are known
    if kind != TYPES[theirs.type_name] and not open_map:
        yield f"{path} is {theirs.type_name} there"
        return
    yield from bound_differences(path, ours, theirs)
    if theirs.type_name == "structure":
        if set(ours.keys) != set(theirs.members):
            yield f"{path} has {sorted(set(ours.keys) ^ set(theirs.members))} in one place only"
        for key in set(ours.keys) & set(theirs.members):
            yield from differences(f"{path}.{key}", ours.keys[key], theirs.members[key])
        yield from (f"{path}.{key} is required there" for key in theirs.required_members if not ours.keys[key].required)
    elif theirs.type_name == "map":
        allowed = set(getattr(theirs.key, "enum", ()) or ())
        if allowed and set(ours.keys) != allowed:
            yield f"{path} has the keys {sorted(allowed)} there"
        for key, each in ours.keys.items():
            yield from differences(f"{path}.{key}", each, theirs.value)
        if ours.item is not None:
            yield from differences(f"{path}.*", ours.item, theirs.value)
    elif theirs.type_name == "list" and ours.item is not None:
        yield from differences(f"{path}[]", ours.item, theirs.member)


def bound_differences(path: str, ours: Shape, theirs: Any) -> Iterator[str]:
    """The format may be stricter than the API, never more lenient, where it says a bound."""
    low, high = theirs.metadata.get("min"), theirs.metadata.get("max")
    if ours.kind in ("integer", "number", "list", "map", "string"):
        if low is not None and ours.minimum is not None and ours.minimum < low:
            yield f"{path} is at least {low} there"
        if high is not None and ours.maximum is not None and ours.maximum > high:
            yield f"{path} is at most {high} there"
    if getattr(theirs, "enum", None) and ours.kind == "string" and set(ours.choices) != set(theirs.enum):
        yield f"{path} is one of {theirs.enum} there"


@pytest.mark.parametrize("call", CALLS)
def test_arguments_have_the_apis_types_bounds_and_choices(call: str) -> None:
    keys, own, _ = CALLS[call]
    members = members_of(call)
    found = [text for key in keys.keys() - own for text in differences(key, keys[key], members[key])]
    assert found == []


@pytest.mark.parametrize("call", CALLS)
def test_what_the_call_requires_the_format_requires(call: str) -> None:
    keys, _, renamed = CALLS[call]
    shape = MODEL.operation_model(call).input_shape
    required = set(shape.required_members) - GIVEN_BY_THE_PIPELINE - renamed
    assert {key for key in required if not keys[key].required} == set()


def test_the_pipelines_training_modes_are_the_apis() -> None:
    modes = members_of("CreateSolutionVersion")["trainingMode"].enum
    assert set(SOLUTION_WORK["trainingMode"].choices) == set(modes) - {"AUTOTRAIN"}
    imports = members_of("CreateDatasetImportJob")["importMode"].enum
    assert set(FILE.keys["datasets"].keys["Items"].keys["importMode"].choices) == set(imports)
