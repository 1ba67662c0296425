"""The AWS CLI, unmodified, against the local cloud."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.recipes import RECIPES
from tests.clients.conftest import Trained
from tests.clients.servers import Server, clean_environment, poll
from tests.clients.worlds import SCHEMAS

AWS = Path(__file__).resolve().parents[2] / ".venv-tools" / "bin" / "aws"
Aws = Callable[..., Any]


class FailedError(Exception):
    """The CLI ended with an error."""


@pytest.fixture(scope="session")
def aws(cloud: Server) -> Aws:
    """The CLI as a function: `aws("personalize", "list-schemas")` gives what it prints, read as JSON."""
    if not AWS.exists():
        pytest.skip("the AWS CLI is not installed; `make test` installs it")
    environment = clean_environment() | {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_PAGER": "",
    }

    def run(*arguments: str) -> Any:
        ended = subprocess.run(
            [str(AWS), *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if ended.returncode:
            raise FailedError(ended.stderr)
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    return run


def test_a_group_from_creation_to_its_end(aws: Aws) -> None:
    arn = aws("personalize", "create-dataset-group", "--name", "from-the-cli")["datasetGroupArn"]

    def status() -> str:
        described = aws("personalize", "describe-dataset-group", "--dataset-group-arn", arn)
        return described["datasetGroup"]["status"]

    poll(lambda: status() == "ACTIVE")
    with pytest.raises(FailedError, match=r"ResourceAlreadyExistsException.*CreateDatasetGroup"):
        aws("personalize", "create-dataset-group", "--name", "from-the-cli")
    aws("personalize", "tag-resource", "--resource-arn", arn, "--tags", "tagKey=desk,tagValue=night")
    tags = aws("personalize", "list-tags-for-resource", "--resource-arn", arn)["tags"]
    assert tags == [{"tagKey": "desk", "tagValue": "night"}]
    assert aws("personalize", "delete-dataset-group", "--dataset-group-arn", arn) is None

    def is_gone() -> bool:
        try:
            return status() == ""
        except FailedError as error:
            assert "ResourceNotFoundException" in str(error)
            return True

    poll(is_gone)


def test_a_schema_comes_back_as_it_was_given(aws: Aws, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(SCHEMAS["Items"])
    arn = aws("personalize", "create-schema", "--name", "from-the-cli", "--schema", f"file://{path}")["schemaArn"]
    described = aws("personalize", "describe-schema", "--schema-arn", arn)["schema"]
    assert described["schema"] == SCHEMAS["Items"]
    assert aws("personalize", "delete-schema", "--schema-arn", arn) is None


def test_its_pages_are_followed_and_can_be_limited(aws: Aws) -> None:
    listed = aws("personalize", "list-recipes", "--page-size", "4")["recipes"]
    assert sorted(recipe["name"] for recipe in listed) == sorted(RECIPES)
    first = aws("personalize", "list-recipes", "--max-items", "5")
    rest = aws("personalize", "list-recipes", "--starting-token", first["NextToken"])
    assert sorted(recipe["name"] for recipe in first["recipes"] + rest["recipes"]) == sorted(RECIPES)


def test_mistakes_are_named(aws: Aws) -> None:
    with pytest.raises(FailedError, match=r"InvalidInputException.*'name' failed to satisfy constraint"):
        aws("personalize", "create-dataset-group", "--name", "a name")
    with pytest.raises(FailedError, match="InvalidNextTokenException"):
        aws("personalize", "list-campaigns", "--no-paginate", "--next-token", "nobody-gave-this")


def test_recommendations_with_a_filter(aws: Aws, trained: Trained) -> None:
    answer = aws(
        "personalize-runtime", "get-recommendations", "--campaign-arn", trained.journey.campaign_arn, "--user-id",
        "reader-3", "--num-results", "5", "--filter-arn", trained.filter_arn, "--filter-values",
        json.dumps({"CATEGORY": '"sports"'}),
    )  # fmt: skip
    assert len(answer["itemList"]) == 5 and answer["recommendationId"]


def test_an_event_with_its_time_as_text(aws: Aws, trained: Trained) -> None:
    """The CLI sends `sentAt` as the text it was given."""
    events = [{"eventType": "click", "itemId": "article-05", "sentAt": "1700000000", "properties": '{"a": 1}'}]
    put = aws(
        "personalize-events", "put-events", "--tracking-id", trained.tracking_id, "--user-id", "cli-reader",
        "--session-id", "cli", "--event-list", json.dumps(events),
    )  # fmt: skip
    assert put is None
    unread = trained.journey.create_filter(
        "cli", "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ('*')".replace("'", '"')
    )
    items = [item["itemId"] for item in trained.journey.recommend("cli-reader", filterArn=unread)["itemList"]]
    assert items and "article-05" not in items


def test_a_campaign_that_there_is_not(aws: Aws, trained: Trained) -> None:
    with pytest.raises(FailedError, match=r"ResourceNotFoundException.*GetRecommendations"):
        arn = f"{trained.journey.campaign_arn}-missing"
        aws("personalize-runtime", "get-recommendations", "--campaign-arn", arn, "--user-id", "reader-3")
