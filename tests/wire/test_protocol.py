"""Bytes: routes, headers, status codes, the bodies of errors; and what is not in the log."""

import json
import logging

import pytest

from tests.behaviours import APPROXIMATED, EXACT, behaviour

TARGET = "AmazonPersonalize."


def post_target(world, operation, body):
    return world.post("/", body, {"X-Amz-Target": TARGET + operation, "Content-Type": "application/x-amz-json-1.1"})


def test_an_answer_has_a_type_a_length_and_a_request_id(world):
    status, headers, body = post_target(world, "ListSchemas", {})
    assert (status, json.loads(body)) == (200, {"schemas": []})
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert int(headers["content-length"]) == len(body)
    assert len(headers["x-amzn-requestid"]) == 36


@pytest.mark.parametrize("body", [b"", b"  ", b"{}"])
def test_no_body_is_the_same_as_an_empty_object(world, body):
    assert post_target(world, "ListSchemas", body)[0] == 200


@behaviour(
    "Protocol", "Operations without an output answer with an empty body", EXACT, source="observed, contract §9.23"
)
def test_an_operation_without_output_has_an_empty_body(world):
    arn = world.create_schema("Users", "users")
    status, headers, body = world.post(
        "/",
        {"schemaArn": arn},
        {
            "X-Amz-Target": "AmazonPersonalize.DeleteSchema",
            "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request",
        },
    )
    assert (status, headers["content-length"], body) == (200, "0", b"")


def test_an_operation_with_an_empty_output_answers_an_empty_object(world):
    arn = world.create_group()
    assert world.personalize.tag_resource(resourceArn=arn, tags=[])["ResponseMetadata"]["HTTPHeaders"][
        "content-length"
    ] == str(len("{}"))


def test_an_unknown_target_is_an_unknown_operation(world):
    status, headers, body = post_target(world, "DescribeEverything", {})
    assert (status, headers["x-amzn-errortype"]) == (400, "UnknownOperationException")
    assert json.loads(body)["__type"] == "UnknownOperationException"
    assert "AmazonPersonalize.DescribeEverything" in json.loads(body)["message"]


def test_an_unknown_path_is_an_unknown_operation(world):
    status, headers, body = world.post("/predictions", {})
    assert (status, headers["content-type"]) == (404, "application/json")
    assert json.loads(body)["__type"] == headers["x-amzn-errortype"] == "UnknownOperationException"


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"name": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_json_cannot_be_read(world, body):
    status, _, answer = post_target(world, "CreateSchema", body)
    assert (status, json.loads(answer)["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        ([], "The request should be an object, not a list."),
        ({"name": 5, "schema": "x"}, "'name' should be a string, not a number."),
        ({"name": "x", "tags": {}}, "'tags' should be a list, not an object."),
        ({"name": "x", "tags": ["y"]}, "'tags.1.member' should be an object, not a string."),
    ],
)
def test_a_value_of_the_wrong_type_is_named(world, request_body, message):
    status, _, answer = post_target(world, "CreateDatasetGroup", request_body)
    assert status == 400
    assert json.loads(answer) == {"__type": "SerializationException", "message": message}


def test_every_broken_constraint_is_named_in_one_answer(world):
    status, headers, answer = post_target(world, "CreateDatasetGroup", {"name": "-" * 64, "domain": "NEWS"})
    assert (status, headers["x-amzn-errortype"]) == (400, "InvalidInputException")
    assert json.loads(answer)["message"] == (
        f"3 validation errors detected: Value '{'-' * 64}' at 'name' failed to satisfy constraint: Member must have "
        f"length less than or equal to 63; Value '{'-' * 64}' at 'name' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*; Value 'NEWS' at 'domain' failed to satisfy "
        "constraint: Member must satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]"
    )


def test_missing_members_are_named(world):
    _, _, answer = post_target(world, "CreateDataset", {"name": "x", "datasetType": None})
    message = json.loads(answer)["message"]
    assert message.startswith("3 validation errors detected: ")
    for member in ("schemaArn", "datasetGroupArn", "datasetType"):
        assert f"Value null at '{member}' failed to satisfy constraint: Member must not be null" in message


@behaviour("Protocol", "Unknown members and null are ignored", EXACT, source="documented, contract §1.2")
def test_members_that_are_unknown_or_null_do_no_harm(world):
    status, _, _ = post_target(world, "CreateDatasetGroup", {"name": "news", "colour": 5, "domain": None})
    assert status == 200


@behaviour(
    "Protocol",
    "Errors of the control plane are all 400; those of the runtime and of events have statuses of their own",
    EXACT,
    source="model, contract §9.15",
)
def test_control_plane_errors_are_400_and_rest_errors_have_their_own_status(world):
    arn = "arn:aws:personalize:us-east-1:000000000000:dataset/news/ITEMS"
    status, _, _ = post_target(world, "DescribeDataset", {"datasetArn": arn})
    assert status == 400
    status, headers, body = world.post("/items", {"datasetArn": arn, "items": [{"itemId": "1"}]})
    assert (status, headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")
    assert json.loads(body)["message"].startswith(f"Resource Arn {arn} does not exist.")
    with pytest.raises(world.events.exceptions.ResourceNotFoundException):
        world.events.put_items(datasetArn=arn, items=[{"itemId": "1"}])


@behaviour(
    "Protocol",
    "A failure of the service is InternalFailure with status 500, and its log has the trace",
    EXACT,
    source="documented, contract §1.2",
)
def test_our_own_failure_is_a_500_that_names_the_request_and_tells_nothing_else(world, monkeypatch, caplog):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr(world.workspace.resources, "list", fail)
    status, headers, body = post_target(world, "ListSchemas", {})
    error = json.loads(body)
    assert (status, error["__type"]) == (500, "InternalFailure")
    assert headers["x-amzn-requestid"] in error["message"]
    assert "secret" not in error["message"]
    assert "a secret of the machine" in caplog.text and headers["x-amzn-requestid"] in caplog.text


def test_what_customers_send_is_not_in_the_log(world, caplog):
    caplog.set_level(logging.DEBUG, logger="personalize_local")
    group = world.create_group()
    world.create_dataset(group)
    world.personalize.tag_resource(resourceArn=group, tags=[{"tagKey": "private-key", "tagValue": "private-value"}])
    filter_request = {"name": "f", "datasetGroupArn": group, "filterExpression": "PRIVATE EXPRESSION"}
    post_target(world, "CreateFilter", filter_request)
    world.post("/events", {"trackingId": "private-id", "sessionId": "private-session", "eventList": []})
    assert "CreateFilter InvalidInputException" in caplog.text
    assert "private" not in caplog.text.lower()


def test_a_sensitive_value_is_not_repeated_in_the_answer(world):
    arn = "arn:aws:personalize:us-east-1:000000000000:dataset-group/x"
    request = {"name": "f", "datasetGroupArn": arn, "filterExpression": "private " * 400}
    _, _, body = post_target(world, "CreateFilter", request)
    assert "Value at 'filterExpression' failed to satisfy constraint" in json.loads(body)["message"]
    assert b"private" not in body


@behaviour("Protocol", "Times are epoch seconds with milliseconds", EXACT, source="observed, contract §9.27")
def test_times_are_epoch_seconds_with_milliseconds(world):
    world.clock.advance(0.1234)
    _, _, body = post_target(world, "CreateDatasetGroup", {"name": "news"})
    arn = json.loads(body)["datasetGroupArn"]
    _, _, body = post_target(world, "DescribeDatasetGroup", {"datasetGroupArn": arn})
    assert json.loads(body)["datasetGroup"]["creationDateTime"] == 1767225600.123


@pytest.mark.parametrize(
    ("credential", "arn"),
    [
        ("AKIAEXAMPLE/20260101/eu-west-1", "arn:aws:personalize:eu-west-1:000000000000:dataset-group/news"),
        ("123456789012/20260101/eu-west-1", "arn:aws:personalize:eu-west-1:123456789012:dataset-group/news"),
        ("AKIAEXAMPLE/20260101/cn-north-1", "arn:aws-cn:personalize:cn-north-1:000000000000:dataset-group/news"),
        (None, "arn:aws:personalize:us-east-1:000000000000:dataset-group/news"),
    ],
)
def test_the_signature_says_whose_request_it_is(world, credential, arn):
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}/personalize/aws4_request, SignedHeaders=host"
    headers = {"X-Amz-Target": TARGET + "CreateDatasetGroup"} | ({"Authorization": authorization} if credential else {})
    assert json.loads(world.post("/", {"name": "news"}, headers)[2]) == {"datasetGroupArn": arn}


@behaviour(
    "GetRecommendations",
    "What is not found is 404 at run time and 400 in the control plane",
    EXACT,
    source="model, contract §9.16",
)
def test_the_runtime_answers_not_found_with_404(world):
    arn = "arn:aws:personalize:us-east-1:123456789012:campaign/unknown"
    with pytest.raises(world.runtime.exceptions.ResourceNotFoundException) as raised:
        world.runtime.get_recommendations(campaignArn=arn, userId="u")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert arn in raised.value.response["Error"]["Message"]


@behaviour(
    "PutEvents", "An unknown trackingId is InvalidInputException", EXACT, source="model: PutEvents has no other error"
)
def test_an_unknown_tracking_id_is_invalid_input(world):
    event = {"eventType": "click", "sentAt": 1}
    with pytest.raises(world.events.exceptions.InvalidInputException) as raised:
        world.events.put_events(trackingId="unknown", sessionId="s", eventList=[event])
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_half_a_surrogate_pair_is_no_text(world):
    """What JSON can write and UTF-8 cannot: refused, and the refusal itself can be sent."""
    status, _, body = world.post("/", b'{"name": "\\ud800"}', {"X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"})
    assert (status, json.loads(body)) == (
        400,
        {
            "__type": "SerializationException",
            "message": "'name' is not valid Unicode: it has half of a surrogate pair.",
        },
    )


@behaviour(
    "Protocol",
    "Where the model has no InvalidInputException, it is ValidationException",
    APPROXIMATED,
    source="inferred",
)
def test_input_errors_have_the_common_name_where_the_model_has_none(world):
    target = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}
    status, _, body = world.post("/", {"maxResults": 0}, target)
    assert (status, json.loads(body)["__type"]) == (400, "ValidationException")
