"""Stacks with Personalize's resources in a running local cloud, with the calls that tools of CloudFormation make."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.behaviours import APPROXIMATED, behaviour
from tests.cloud.conftest import LocalCloud
from tests.refusals import refusal

ROLE = "arn:aws:iam::000000000000:role/any"
FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
]
SCHEMA = json.dumps({"type": "record", "name": "Interactions", "fields": FIELDS, "version": "1.0"})
GROUP = {"Fn::GetAtt": ["Group", "DatasetGroupArn"]}
EVENTS = "".join(f"u{row % 50},i{row % 40},{1_700_000_000 + row},click\n" for row in range(1200))


def of(noun: str, depends_on: str = "", **properties: Any) -> dict[str, Any]:
    more = {"DependsOn": depends_on} if depends_on else {}
    return {"Type": f"AWS::Personalize::{noun}", "Properties": properties, **more}


def template(name: str, key: str) -> str:
    job = {"JobName": f"{name}-first", "DataSource": {"DataLocation": f"s3://{name}/{key}"}, "RoleArn": ROLE}
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")'
    resources = {
        "Schema": of("Schema", Name=name, Schema=SCHEMA),
        "Group": of("DatasetGroup", Name=name),
        "Events": of(
            "Dataset",
            Name="events",
            DatasetType="Interactions",
            DatasetGroupArn=GROUP,
            SchemaArn={"Ref": "Schema"},
            DatasetImportJob=job,
        ),
        "Tracker": of("EventTracker", "Events", Name=name, DatasetGroupArn=GROUP),
        "Unread": of("Filter", "Events", Name=name, DatasetGroupArn=GROUP, FilterExpression=expression),
        "Picks": of("Solution", "Events", Name=name, DatasetGroupArn=GROUP, RecipeArn=recipe),
    }
    outputs = {
        "Solution": {"Value": {"Ref": "Picks"}},
        "Tracking": {"Value": {"Fn::GetAtt": ["Tracker", "TrackingId"]}},
    }
    return json.dumps({"Resources": resources, "Outputs": outputs})


@behaviour(
    "Beside Personalize",
    "The eight AWS::Personalize types of CloudFormation; drift, the import of resources and a stack's own tags are not",
    APPROXIMATED,
    source="documented: the registry's schemas of the types",
)
def test_a_stack_is_made_and_taken_down(local_cloud: LocalCloud) -> None:
    s3, stacks = local_cloud.client("s3"), local_cloud.client("cloudformation")
    personalize = local_cloud.client("personalize")
    s3.create_bucket(Bucket="stacked")
    s3.put_object(Bucket="stacked", Key="events.csv", Body=f"USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n{EVENTS}".encode())
    stacks.create_stack(StackName="stacked", TemplateBody=template("stacked", "events.csv"))
    stacks.get_waiter("stack_create_complete").wait(StackName="stacked", WaiterConfig={"Delay": 1, "MaxAttempts": 90})

    described = stacks.describe_stacks(StackName="stacked")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    solution = personalize.describe_solution(solutionArn=outputs["Solution"])["solution"]
    assert solution["status"] == "ACTIVE"
    tracker = personalize.list_event_trackers(datasetGroupArn=solution["datasetGroupArn"])["eventTrackers"][0]
    shown = personalize.describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"]
    assert shown["trackingId"] == outputs["Tracking"]

    stacks.delete_stack(StackName="stacked")
    stacks.get_waiter("stack_delete_complete").wait(StackName="stacked", WaiterConfig={"Delay": 1, "MaxAttempts": 90})
    group_arn = solution["datasetGroupArn"]
    assert refusal(personalize.describe_dataset_group, datasetGroupArn=group_arn)[0] == "ResourceNotFoundException"


def test_a_stack_whose_import_fails_tells_why_and_leaves_nothing(local_cloud: LocalCloud) -> None:
    stacks = local_cloud.client("cloudformation")
    stacks.create_stack(StackName="broken", TemplateBody=template("broken", "events.csv"))
    with pytest.raises(Exception, match="ROLLBACK_COMPLETE"):
        stacks.get_waiter("stack_create_complete").wait(
            StackName="broken", WaiterConfig={"Delay": 1, "MaxAttempts": 90}
        )
    events = stacks.describe_stack_events(StackName="broken")["StackEvents"]
    reasons = [
        event["ResourceStatusReason"]
        for event in events
        if (event["LogicalResourceId"], event["ResourceStatus"]) == ("Events", "CREATE_FAILED")
    ]
    assert "There is nothing at s3://broken/events.csv" in reasons[0]
    groups = local_cloud.client("personalize").list_dataset_groups()["datasetGroups"]
    assert "broken" not in [group["name"] for group in groups]
