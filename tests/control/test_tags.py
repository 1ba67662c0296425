"""Tags: set, changed, taken away, counted."""

import pytest
from botocore.exceptions import ClientError

from tests.behaviours import EXACT, behaviour


def tags_of(world, arn):
    tags = world.personalize.list_tags_for_resource(resourceArn=arn)["tags"]
    return {tag["tagKey"]: tag["tagValue"] for tag in tags}


def wire_tags(tags):
    return [{"tagKey": key, "tagValue": value} for key, value in tags.items()]


@behaviour(
    "TagResource, UntagResource, ListTagsForResource",
    "Tags are set, changed and taken away; keys that are not there do no harm",
    EXACT,
    source="documented",
)
def test_tags_of_a_new_resource_are_changed_and_taken_away(world):
    arn = world.personalize.create_dataset_group(name="news", tags=wire_tags({"team": "news", "cost": "1"}))[
        "datasetGroupArn"
    ]
    world.personalize.tag_resource(resourceArn=arn, tags=wire_tags({"cost": "2", "métier": ""}))
    assert tags_of(world, arn) == {"team": "news", "cost": "2", "métier": ""}
    world.personalize.untag_resource(resourceArn=arn, tagKeys=["team", "unknown"])
    assert tags_of(world, arn) == {"cost": "2", "métier": ""}


@behaviour(
    "TagResource",
    "A key that is there twice, or begins with aws:, is refused",
    EXACT,
    source="documented, contract §1.5",
)
@pytest.mark.parametrize(
    ("tags", "code", "words"),
    [
        ([{"tagKey": "a", "tagValue": "1"}, {"tagKey": "a", "tagValue": "2"}], "InvalidInputException", "twice"),
        ([{"tagKey": "aws:team", "tagValue": "1"}], "InvalidInputException", "AWS reserves"),
        ([{"tagKey": "a;b", "tagValue": "1"}], "InvalidInputException", "regular expression"),
        (wire_tags({str(place): "" for place in range(51)}), "TooManyTagsException", "51"),
        (wire_tags({str(place): "" for place in range(201)}), "TooManyTagsException", "201"),
    ],
)
def test_tags_that_are_refused(world, tags, code, words):
    arn = world.create_group()
    with pytest.raises(ClientError) as raised:
        world.personalize.tag_resource(resourceArn=arn, tags=tags)
    error = raised.value.response["Error"]
    assert (error["Code"], words in error["Message"]) == (code, True), error
    assert tags_of(world, arn) == {}


@behaviour(
    "TagResource", "A resource has fifty tags; more are TooManyTagsException", EXACT, source="documented, contract §1.5"
)
def test_a_resource_has_fifty_tags_in_all(world):
    arn = world.create_group()
    world.personalize.tag_resource(resourceArn=arn, tags=wire_tags({str(place): "" for place in range(50)}))
    world.personalize.tag_resource(resourceArn=arn, tags=wire_tags({"49": "changed"}))
    with pytest.raises(world.personalize.exceptions.TooManyTagsException):
        world.personalize.tag_resource(resourceArn=arn, tags=wire_tags({"50": ""}))
    assert len(tags_of(world, arn)) == 50


@behaviour("UntagResource", "More than 200 keys are TooManyTagKeysException", EXACT, source="model")
def test_too_many_keys_to_take_away(world):
    arn = world.create_group()
    with pytest.raises(world.personalize.exceptions.TooManyTagKeysException):
        world.personalize.untag_resource(resourceArn=arn, tagKeys=[str(place) for place in range(201)])


def test_schemas_have_no_tags(world):
    arn = world.create_schema("Users", "users")
    with pytest.raises(world.personalize.exceptions.InvalidInputException) as raised:
        world.personalize.tag_resource(resourceArn=arn, tags=wire_tags({"team": "news"}))
    assert "cannot have tags" in raised.value.response["Error"]["Message"]


def test_tags_go_with_their_resource(world):
    arn = world.personalize.create_dataset_group(name="news", tags=wire_tags({"team": "news"}))["datasetGroupArn"]
    world.settle()
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    world.settle()
    world.create_group()
    assert tags_of(world, arn) == {}
