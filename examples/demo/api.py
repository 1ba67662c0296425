"""The API: its parameters looked up in Personalize, its deployment, its address and key."""

from __future__ import annotations

from typing import Any

from examples.demo.content_tables import has_table, load_rows
from examples.demo.datasets import DataSet, campaign_name, group_name
from examples.demo.errors import DemoError
from examples.demo.screen import seconds
from examples.demo.settings import API_STACK, CONTENT_TABLE, IMAGE_TABLE, DemoSettings
from examples.demo.shell import Shell
from examples.demo.stacks import deploy_stack, read_outputs


def fill_content_tables(shell: Shell, dynamodb: Any, data_set: DataSet) -> None:
    """Create the content and image tables if they are missing, and put this data's rows."""
    tables = [(CONTENT_TABLE, "ContentId", data_set.content_rows())]
    if data_set.has_images:
        tables.append((IMAGE_TABLE, "ContentID", data_set.image_rows()))
    for table, key, rows in tables:
        if has_table(dynamodb, table):
            shell.screen.say(f"The table {table} is there from an earlier run.", style="dim")
        else:
            attribute = f"AttributeName={key},AttributeType=S"
            schema = ["--attribute-definitions", attribute, "--key-schema", f"AttributeName={key},KeyType=HASH"]
            options = [*schema, "--billing-mode", "PAY_PER_REQUEST"]
            shell.run("aws", "dynamodb", "create-table", "--table-name", table, *options, echo=False)
            dynamodb.get_waiter("table_exists").wait(TableName=table)
        with shell.screen.busy(f"filling {table}") as busy:
            count = load_rows(dynamodb, table, rows, busy)
        shell.screen.done(f"{count:,} rows put into {table} in {seconds(busy.passed_s)}")


def deploy_api(shell: Shell, settings: DemoSettings, data_set: DataSet, group_arn: str) -> str:
    """Deploy the API for this data's campaign; give the tracking id that goes with it."""
    shell.cd(settings.root / "api")
    tracking_id = _tracking_id(shell, group_arn)
    parameters = {
        "EventTrackerIdParam": tracking_id,
        "ContentDatasetName": group_name(data_set),
        "CampaignName": campaign_name(data_set),
        "FiltersPrefix": group_name(data_set),
        "ContentDynamoDbTableName": CONTENT_TABLE,
    }
    if data_set.has_images:
        parameters["ImageDynamoDbTableName"] = IMAGE_TABLE
    deploy_stack(shell, settings.root / "api", API_STACK, parameters)
    return tracking_id


def _tracking_id(shell: Shell, group_arn: str) -> str:
    """Look up the tracking id of the group's event tracker.

    Errors: DemoError when the group has none.
    """
    options = ["--dataset-group-arn", group_arn, "--query", "eventTrackers[0].eventTrackerArn", "--output", "text"]
    arn = shell.run("aws", "personalize", "list-event-trackers", *options).strip()
    if arn in ("", "None"):
        raise DemoError(f"The dataset group {group_arn} has no event tracker.")
    options = ["--event-tracker-arn", arn, "--query", "eventTracker.trackingId", "--output", "text"]
    return shell.run("aws", "personalize", "describe-event-tracker", *options).strip()


def address_and_key(shell: Shell, settings: DemoSettings) -> tuple[str, str]:
    """Give the API's local address and the value of its key."""
    outputs = read_outputs(shell, API_STACK, "ApiKeyId", "ApiId", "StageName")
    options = ["--api-key", outputs["ApiKeyId"], "--include-value", "--query", "value", "--output", "text"]
    key = shell.run("aws", "apigateway", "get-api-key", *options).strip()
    path = f"{outputs['ApiId']}/{outputs['StageName']}/recommendations"
    return f"{settings.endpoint_url}/_aws/execute-api/{path}", key
