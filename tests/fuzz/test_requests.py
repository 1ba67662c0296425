"""Whatever a request holds, the answer is AWS's: the operation's shape, or an error that its model names.

`FUZZ_EXAMPLES=1000 pytest tests/fuzz` looks longer.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_local.wire.models import operations
from tests.fuzz.strategies import ODD_VALUES, TEXTS, Requests
from tests.ledger.shapes import shape_problems
from tests.town import copy_town, route_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
# Errors that every service of AWS has, beside those of the models (contract §1.2).
COMMON = {
    *("ValidationException", "SerializationException", "ThrottlingException", "UnknownOperationException"),
    *("AccessDeniedException", "UnrecognizedClientException", "IncompleteSignature"),
}
PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def check_answer(operation, answer):
    """Check an answer: the shape of the operation, or one of its errors, told in header, status and body alike."""
    status, headers, body = answer
    content = json.loads(body) if body else None
    if status == 200:
        problems = [] if operation.output_shape is None else list(shape_problems(operation.output_shape, content))
        assert not problems, problems
        assert (content is None) == (operation.output_shape is None)
        return
    assert set(content) == {"__type", "message"} and content["message"], content
    code = content["__type"]
    assert code in set(operation.error_statuses) | COMMON, (code, content["message"])
    assert headers["x-amzn-errortype"] == code
    assert status == operation.error_statuses.get(code, status) and 400 <= status < 500, (status, content)


@pytest.fixture
def town(tmp_path):
    town = copy_town(tmp_path / "town")
    yield town
    town.world.close()


def members_of(town, name):
    """Give the ARNs by the members that name them, and some that nothing has."""
    named = {camel(member): arn for member, arn in town.arns.items()}
    if name in ("PutItems", "PutUsers"):
        named["datasetArn"] = town.dataset_arns[name.removeprefix("Put").upper()]
    if name == "GetPersonalizedRanking":
        named["campaignArn"] = town.ranking_arn
    return named | {
        "itemsArn": town.dataset_arns["ITEMS"],
        "usersArn": town.dataset_arns["USERS"],
        "latestArn": f"{town.arns['solution_arn']}/$LATEST",
        "noArn": "arn:aws:personalize:us-east-1:123456789012:thing/x",
        "resourceArn": town.arns["campaign_arn"],
    }


def camel(name):
    first, *more = name.split("_")
    return "".join([first, *map(str.title, more)])


@pytest.mark.parametrize("name", sorted(operations()))
def test_no_request_is_worse_than_an_error_of_the_customer(town, name):
    operation = operations()[name]
    path, headers = route_of(operation)
    requests = Requests(members_of(town, name), town.tracking_id)

    @PATIENT
    @given(request=requests.of(operation.input_shape))
    def ask(request):
        check_answer(operation, town.world.post(path, json.dumps(request).encode(), headers))

    ask()
    still_usable(town)


def still_usable(town):
    """Let the statuses go on, and look at what is there."""
    for _ in range(6):
        town.world.clock.advance(1)
        town.world.service.lifecycle.tick()
    assert town.world.personalize.list_dataset_groups()["datasetGroups"]
    campaign = town.world.workspace.resources.get(town.arns["campaign_arn"])
    if campaign is not None and campaign.status == "ACTIVE":
        assert town.world.runtime.get_recommendations(campaignArn=campaign.arn, userId="u1")["itemList"]
    for name in sorted(operations()):
        if name.startswith("List") and name != "ListTagsForResource":
            path, headers = route_of(operations()[name])
            check_answer(operations()[name], town.world.post(path, b'{"maxResults":100}', headers))


BODIES = st.one_of(
    st.binary(max_size=200),
    TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    TEXTS.map(lambda text: text.encode("utf-16", "surrogatepass")),
    ODD_VALUES.map(lambda value: json.dumps(value).encode()[:-1]),
    ODD_VALUES.map(lambda value: json.dumps({"name": value}, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b'{"name":"a","name":"b"}', b"{}" * 2, b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b"-", b"\xff"]
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "authorization", "x-amz-date", "content-encoding", "accept"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
    | st.sampled_from(
        ["text/xml", "application/x-amz-json-1.1", "Credential=//", "Credential=\u00b2/20260101/x/y/aws4_request"]
    ),
)


@PATIENT
@given(body=BODIES, headers=HEADERS, name=st.sampled_from(sorted(operations())))
def test_no_bytes_are_worse_than_an_error_of_the_customer(shared_town, body, headers, name):
    operation = operations()[name]
    path, own = route_of(operation)
    latin = {key: value.encode("latin-1", "replace").decode("latin-1") for key, value in headers.items()}
    check_answer(operation, shared_town.world.post(path, body, own | latin))


@PATIENT
@given(
    target=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
    | st.sampled_from(["AmazonPersonalize.", "AmazonPersonalize.createSchema", "AmazonPersonalize.CreateSchema "]),
)
def test_an_unknown_operation_is_named_as_one(shared_town, target):
    status, headers, body = shared_town.world.post("/", b"{}", {"X-Amz-Target": target})
    assert (status, headers["x-amzn-errortype"]) == (400, "UnknownOperationException")
    assert json.loads(body)["__type"] == "UnknownOperationException"


@PATIENT
@given(path=TEXTS.map(lambda text: "/" + text.encode("utf-8", "replace").decode()))
def test_an_unknown_path_is_named_as_one(shared_town, path):
    status, headers, _ = shared_town.world.post(path, b"{}")
    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


@pytest.fixture(scope="module")
def shared_town(tmp_path_factory):
    town = copy_town(tmp_path_factory.mktemp("shared") / "town")
    yield town
    town.world.close()
