"""A good call of each operation, in a copy of the town: what must be there first, and the request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.conftest import ROLE, SCHEMAS
from tests.town import Town

Case = Callable[[Town], dict[str, Any]]
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
POPULAR = "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views"
ACTION = {"actionId": "a", "properties": '{"minutes": 5}'}
ACTION_COLUMNS = {
    "Actions": {"ACTION_ID": "string", "MINUTES": "long"},
    "Action_Interactions": {"USER_ID": "string", "ACTION_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"},
}
EXPRESSION = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
AVRO = json.dumps({"type": "record", "name": "Users", "fields": SCHEMAS["Users"], "version": "1.0"})
TAGS = [{"tagKey": "team", "tagValue": "news"}]
SOURCE = {"dataLocation": "s3://bucket/file.csv"}
JOB_OUTPUT = {"s3DataDestination": {"path": "s3://bucket/out/"}}
BATCH = {"jobInput": {"s3DataSource": {"path": "s3://bucket/in.json"}}, "jobOutput": JOB_OUTPUT, "roleArn": ROLE}


def own(member: str) -> Case:
    """Give the request that names something of the town."""
    first, *more = member.split("_")
    return lambda town: {"".join([first, *map(str.title, more)]): town.arns[member]}


def empty_group(town: Town, name: str = "empty", **more: Any) -> str:
    """Create a dataset group with nothing in it."""
    arn = town.world.personalize.create_dataset_group(name=name, **more)["datasetGroupArn"]
    town.world.settle()
    return str(arn)


def spare_campaign(town: Town) -> str:
    """Create one more campaign."""
    return str(town.world.create_campaign(town.arns["solution_version_arn"], "spare"))


def spare_schema(town: Town) -> str:
    """Create a schema that nothing uses."""
    return str(town.world.create_schema("Users", "spare"))


def spare_solution(town: Town) -> str:
    """Create a solution without versions."""
    return str(town.world.create_solution(town.arns["dataset_group_arn"], "spare"))


def spare_dataset(town: Town) -> str:
    """Create a dataset in a group without anything else."""
    group = empty_group(town)
    schema = spare_schema(town)
    arn = town.world.personalize.create_dataset(
        name="spare", schemaArn=schema, datasetGroupArn=group, datasetType="Users"
    )["datasetArn"]
    town.world.settle()
    return str(arn)


def wider_schema(town: Town) -> dict[str, Any]:
    """Add a column to the schema of the items."""
    fields = [*SCHEMAS["Items"], {"name": "PRICE", "type": ["float", "null"]}]
    text = json.dumps({"type": "record", "name": "Items", "fields": fields, "version": "1.0"})
    schema = town.world.personalize.create_schema(name="wider", schema=text)["schemaArn"]
    return {"datasetArn": town.dataset_arns["ITEMS"], "schemaArn": schema}


def event(town: Town) -> dict[str, Any]:
    """Give one event with everything."""
    one = {"eventType": "click", "itemId": "i1", "sentAt": 1_767_000_000, "eventId": "e", "impression": ["i1", "i2"]}
    return {"trackingId": town.tracking_id, "userId": "u1", "sessionId": "s", "eventList": [one]}


def attribution(town: Town) -> str:
    """Create a metric attribution."""
    request = attribution_request(town)
    arn = town.world.personalize.create_metric_attribution(**request)["metricAttributionArn"]
    town.world.settle()
    return str(arn)


def attribution_request(town: Town) -> dict[str, Any]:
    """Give the request for a metric attribution that counts clicks."""
    metric = {"eventType": "click", "metricName": "clicks", "expression": "SAMPLECOUNT()"}
    return {
        "name": "clicks",
        "datasetGroupArn": town.arns["dataset_group_arn"],
        "metrics": [metric],
        "metricsOutputConfig": {"roleArn": ROLE, "s3DataDestination": {"path": "s3://bucket/metrics/"}},
    }


def export_request(town: Town) -> dict[str, Any]:
    """Give the request for an export."""
    return {"jobName": "export", "datasetArn": town.arns["dataset_arn"], "roleArn": ROLE, "jobOutput": JOB_OUTPUT}


def deletion_request(town: Town) -> dict[str, Any]:
    """Give the request for a deletion of users' data."""
    group = town.arns["dataset_group_arn"]
    return {"jobName": "deletion", "datasetGroupArn": group, "dataSource": SOURCE, "roleArn": ROLE}


def batch_request(town: Town) -> dict[str, Any]:
    """Give the request for batch inference."""
    return {"jobName": "batch", "solutionVersionArn": town.arns["solution_version_arn"], **BATCH}


def made(town: Town, operation: str, request: dict[str, Any], member: str) -> dict[str, Any]:
    """Create something with a job, and give the request that describes it."""
    return {member: getattr(town.world.personalize, operation)(**request)[member]}


def shop(town: Town) -> str:
    """Create a dataset group of the e-commerce domain, with interactions."""
    world, personalize = town.world, town.world.personalize
    group = empty_group(town, "shop", domain="ECOMMERCE")
    schema = world.create_schema("Interactions", "shop", "ECOMMERCE")
    personalize.create_dataset(name="shop", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions")
    world.settle()
    return group


def recommender_request(town: Town) -> dict[str, Any]:
    """Give the request for a recommender."""
    return {"name": "popular", "datasetGroupArn": shop(town), "recipeArn": POPULAR}


def recommender(town: Town, status: str = "ACTIVE") -> dict[str, Any]:
    """Create a recommender that has a status, without training it."""
    arn = town.world.personalize.create_recommender(**recommender_request(town))["recommenderArn"]
    workspace = town.world.workspace
    job = workspace.jobs.of_resource(arn)
    assert job is not None
    with workspace.database.transaction() as connection:
        workspace.jobs.delete(connection, job.job_id)
        workspace.resources.update(connection, arn, town.world.clock.now(), status=status)
    return {"recommenderArn": arn}


def segment_request(town: Town) -> dict[str, Any]:
    """Give the request for batch segments."""
    recipe_arn = "arn:aws:personalize:::recipe/aws-item-affinity"
    solution = town.world.create_solution(town.arns["dataset_group_arn"], "affinity", recipeArn=recipe_arn)
    return {"jobName": "segments", "solutionVersionArn": town.world.add_version(solution, "one"), **BATCH}


def actions_dataset(town: Town, dataset_type: str) -> str:
    """Create a dataset of actions, or of interactions with them."""
    personalize = town.world.personalize
    fields = [{"name": name, "type": kind} for name, kind in ACTION_COLUMNS[dataset_type].items()]
    text = json.dumps({"type": "record", "name": dataset_type, "fields": fields, "version": "1.0"})
    schema = personalize.create_schema(name=dataset_type, schema=text)["schemaArn"]
    group = town.arns["dataset_group_arn"]
    arn = personalize.create_dataset(
        name=dataset_type, schemaArn=schema, datasetGroupArn=group, datasetType=dataset_type
    )["datasetArn"]
    town.world.settle()
    return str(arn)


def action_interactions(town: Town) -> dict[str, Any]:
    """Give the request with one interaction with an action."""
    dataset_arn = actions_dataset(town, "Action_Interactions")
    tracking_id = town.world.personalize.describe_dataset(datasetArn=dataset_arn)["dataset"]["trackingId"]
    one = {"actionId": "a", "userId": "u1", "sessionId": "s", "timestamp": 1_767_000_000, "eventType": "taken"}
    return {"trackingId": tracking_id, "actionInteractions": [one]}


def action_campaign(town: Town) -> str:
    """Deploy what learns which action is next, on the town's interactions."""
    dataset = actions_dataset(town, "Actions")
    town.world.events.put_actions(datasetArn=dataset, actions=[ACTION])
    arn = f"{RECIPE.rpartition('/')[0]}/aws-next-best-action"
    solution = town.world.create_solution(town.arns["dataset_group_arn"], "actions", recipeArn=arn)
    return str(town.world.create_campaign(town.train(solution), "actions"))


CASES: Mapping[str, Case] = {
    "CreateSchema": lambda town: {"name": "spare", "schema": AVRO},
    "DescribeSchema": own("schema_arn"),
    "ListSchemas": lambda town: {"maxResults": 2},
    "DeleteSchema": lambda town: {"schemaArn": spare_schema(town)},
    "CreateDatasetGroup": lambda town: {"name": "spare", "domain": "ECOMMERCE", "tags": TAGS},
    "DescribeDatasetGroup": own("dataset_group_arn"),
    "ListDatasetGroups": lambda town: {},
    "DeleteDatasetGroup": lambda town: {"datasetGroupArn": empty_group(town)},
    "CreateDataset": lambda town: {
        "name": "spare", "schemaArn": spare_schema(town), "datasetGroupArn": empty_group(town), "datasetType": "Users",
    },
    "DescribeDataset": own("dataset_arn"),
    "ListDatasets": own("dataset_group_arn"),
    "UpdateDataset": wider_schema,
    "DeleteDataset": lambda town: {"datasetArn": spare_dataset(town)},
    "CreateDatasetImportJob": lambda town: {
        "jobName": "spare", "datasetArn": town.arns["dataset_arn"], "dataSource": SOURCE, "roleArn": ROLE, "tags": TAGS,
    },
    "DescribeDatasetImportJob": own("dataset_import_job_arn"),
    "ListDatasetImportJobs": own("dataset_arn"),
    "CreateSolution": lambda town: {
        "name": "spare", "datasetGroupArn": town.arns["dataset_group_arn"], "recipeArn": RECIPE, "tags": TAGS,
    },
    "DescribeSolution": own("solution_arn"),
    "ListSolutions": own("dataset_group_arn"),
    "UpdateSolution": lambda town: {"solutionArn": town.arns["solution_arn"], "performAutoTraining": True},
    "DeleteSolution": lambda town: {"solutionArn": spare_solution(town)},
    "CreateSolutionVersion": lambda town: {"solutionArn": town.arns["solution_arn"], "trainingMode": "FULL"},
    "DescribeSolutionVersion": own("solution_version_arn"),
    "ListSolutionVersions": own("solution_arn"),
    "StopSolutionVersionCreation": lambda town: made(
        town, "create_solution_version", {"solutionArn": town.arns["solution_arn"]}, "solutionVersionArn"
    ),
    "GetSolutionMetrics": own("solution_version_arn"),
    "CreateCampaign": lambda town: {"name": "spare", "solutionVersionArn": town.arns["solution_version_arn"]},
    "DescribeCampaign": own("campaign_arn"),
    "ListCampaigns": own("solution_arn"),
    "UpdateCampaign": lambda town: {"campaignArn": town.arns["campaign_arn"], "minProvisionedTPS": 2},
    "DeleteCampaign": lambda town: {"campaignArn": spare_campaign(town)},
    "CreateFilter": lambda town: {
        "name": "spare", "datasetGroupArn": town.arns["dataset_group_arn"], "filterExpression": EXPRESSION,
    },
    "DescribeFilter": own("filter_arn"),
    "ListFilters": own("dataset_group_arn"),
    "DeleteFilter": own("filter_arn"),
    "CreateEventTracker": lambda town: {"name": "spare", "datasetGroupArn": empty_group(town)},
    "DescribeEventTracker": own("event_tracker_arn"),
    "ListEventTrackers": own("dataset_group_arn"),
    "DeleteEventTracker": own("event_tracker_arn"),
    "ListRecipes": lambda town: {"recipeProvider": "SERVICE"},
    "DescribeRecipe": lambda town: {"recipeArn": RECIPE},
    "DescribeAlgorithm": lambda town: {"algorithmArn": recipe(town)["algorithmArn"]},
    "DescribeFeatureTransformation": lambda town: {
        "featureTransformationArn": recipe(town)["featureTransformationArn"]
    },
    "TagResource": lambda town: {"resourceArn": town.arns["campaign_arn"], "tags": TAGS},
    "UntagResource": lambda town: {"resourceArn": town.arns["campaign_arn"], "tagKeys": ["team"]},
    "ListTagsForResource": lambda town: {"resourceArn": town.arns["campaign_arn"]},
    "PutEvents": event,
    "PutItems": lambda town: {
        "datasetArn": town.dataset_arns["ITEMS"], "items": [{"itemId": "i", "properties": '{"category": "news"}'}],
    },
    "PutUsers": lambda town: {"datasetArn": town.dataset_arns["USERS"], "users": [{"userId": "u"}]},
    "GetRecommendations": lambda town: {
        "campaignArn": town.arns["campaign_arn"], "userId": "u1", "numResults": 5, "filterArn": town.arns["filter_arn"],
    },
    "GetPersonalizedRanking": lambda town: {
        "campaignArn": town.ranking_arn, "userId": "u1", "inputList": ["i1", "i2", "unknown"],
    },
    "CreateMetricAttribution": attribution_request,
    "DescribeMetricAttribution": lambda town: {"metricAttributionArn": attribution(town)},
    "ListMetricAttributions": lambda town: attribution(town) and {"datasetGroupArn": town.arns["dataset_group_arn"]},
    "ListMetricAttributionMetrics": lambda town: {"metricAttributionArn": attribution(town)},
    "UpdateMetricAttribution": lambda town: {
        "metricAttributionArn": attribution(town),
        "addMetrics": [{"eventType": "read", "metricName": "reads", "expression": "SAMPLECOUNT()"}],
    },
    "DeleteMetricAttribution": lambda town: {"metricAttributionArn": attribution(town)},
    "CreateDatasetExportJob": export_request,
    "DescribeDatasetExportJob": lambda town: made(
        town, "create_dataset_export_job", export_request(town), "datasetExportJobArn"
    ),
    "ListDatasetExportJobs": own("dataset_arn"),
    "CreateDataDeletionJob": deletion_request,
    "DescribeDataDeletionJob": lambda town: made(
        town, "create_data_deletion_job", deletion_request(town), "dataDeletionJobArn"
    ),
    "ListDataDeletionJobs": own("dataset_group_arn"),
    "CreateBatchInferenceJob": batch_request,
    "DescribeBatchInferenceJob": lambda town: made(
        town, "create_batch_inference_job", batch_request(town), "batchInferenceJobArn"
    ),
    "ListBatchInferenceJobs": own("solution_version_arn"),
    "CreateBatchSegmentJob": segment_request,
    "DescribeBatchSegmentJob": lambda town: made(
        town, "create_batch_segment_job", segment_request(town), "batchSegmentJobArn"
    ),
    "ListBatchSegmentJobs": own("solution_version_arn"),
    "CreateRecommender": recommender_request,
    "DescribeRecommender": recommender,
    "ListRecommenders": own("dataset_group_arn"),
    "UpdateRecommender": lambda town: {
        **recommender(town), "recommenderConfig": {"minRecommendationRequestsPerSecond": 2},
    },
    "DeleteRecommender": recommender,
    "StartRecommender": lambda town: recommender(town, "INACTIVE"),
    "StopRecommender": recommender,
    "PutActions": lambda town: {"datasetArn": actions_dataset(town, "Actions"), "actions": [ACTION]},
    "PutActionInteractions": action_interactions,
    "GetActionRecommendations": lambda town: {"campaignArn": action_campaign(town), "userId": "u1", "numResults": 5},
}  # fmt: skip


def recipe(town: Town) -> dict[str, Any]:
    """Describe the recipe of the town's solution."""
    return dict(town.world.personalize.describe_recipe(recipeArn=RECIPE)["recipe"])
