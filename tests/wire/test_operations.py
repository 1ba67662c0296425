"""Every operation of the three APIs is handled; answers have the models' shapes."""

import json

import pytest
from botocore import xform_name

from personalize_local.wire.models import operations, routes
from personalize_local.wire.operations import ENGINE_HANDLERS, SERVICE_HANDLERS
from tests.behaviours import EXACT, behaviour
from tests.market import Market


@behaviour("Protocol", "All 79 operations of the three APIs are there", EXACT, source="model")
def test_the_three_apis_have_79_operations():
    assert len(operations()) == len(routes()) == 79


def test_every_operation_is_in_exactly_one_table():
    tables = [set(SERVICE_HANDLERS), set(ENGINE_HANDLERS)]
    assert set.union(*tables) == set(operations())
    assert sum(len(table) for table in tables) == len(operations())


def test_handlers_are_named_as_botocore_names_the_operations():
    for name, handler in (SERVICE_HANDLERS | ENGINE_HANDLERS).items():
        assert handler.__name__ == xform_name(name) == operations()[name].function_name


def check_shape(shape, value, path):
    """Check that a JSON value has a shape: known members, in the model's order, of the right types."""
    match shape.type_name:
        case "structure":
            assert isinstance(value, dict), path
            order = [name for name in shape.members if name in value]
            assert list(value) == order, path
            for name, member in value.items():
                check_shape(shape.members[name], member, f"{path}.{name}")
        case "list":
            for entry in value:
                check_shape(shape.member, entry, f"{path}[]")
        case "map":
            for key, entry in value.items():
                check_shape(shape.key, key, f"{path} key")
                check_shape(shape.value, entry, f"{path}.{key}")
        case "string":
            assert isinstance(value, str), path
            assert not shape.metadata.get("enum") or value in shape.metadata["enum"], path
        case "boolean":
            assert isinstance(value, bool), path
        case "integer":
            assert isinstance(value, int), path
        case "double" | "float":
            assert isinstance(value, float), path
        case "timestamp":
            assert isinstance(value, int | float) and 1e9 < value < 4e9, path
        case other:
            raise AssertionError(other)


@pytest.fixture
def everything(world):
    """One of everything, each described and listed: the answers' JSON by operation."""
    market = Market(world).fill()
    recommender = market.open("aws-ecomm-popular-items-by-views")
    config = {"minRecommendationRequestsPerSecond": 2}
    world.personalize.update_recommender(recommenderArn=recommender, recommenderConfig=config)
    group = world.create_group()
    dataset = world.create_dataset(group)
    items = world.create_dataset(group, "Items")
    job = world.personalize.create_dataset_import_job(
        jobName="import",
        datasetArn=dataset,
        dataSource={"dataLocation": "s3://bucket/interactions.csv"},
        roleArn="arn:aws:iam::123456789012:role/x",
        publishAttributionMetricsToS3=False,
    )["datasetImportJobArn"]
    config = {
        "algorithmHyperParameters": {"bptt": "20"},
        "hpoConfig": {
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "4"},
            "algorithmHyperParameterRanges": {
                "integerHyperParameterRanges": [{"name": "bptt", "minValue": 2, "maxValue": 32}],
                "continuousHyperParameterRanges": [],
                "categoricalHyperParameterRanges": [],
            },
        },
        "trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["CATEGORY"]}},
    }
    solution = world.create_solution(group, eventType="click", solutionConfig=config)
    version = world.add_version(solution, "one", metrics={"coverage": 1}, training_hours=0.1)
    exploration = {"itemExplorationConfig": {"explorationWeight": "0.3", "explorationItemAgeCutOff": "30"}}
    campaign = world.create_campaign(version, campaignConfig=exploration)
    world.personalize.update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    world.personalize.update_solution(solutionArn=solution, performAutoTraining=False)
    tracker = world.personalize.create_event_tracker(name="tracker", datasetGroupArn=group)["eventTrackerArn"]
    unread = world.personalize.create_filter(
        name="unread", datasetGroupArn=group, filterExpression='EXCLUDE ItemID WHERE Items.CATEGORY IN ("red")'
    )["filterArn"]
    world.settle()
    attribution = world.personalize.create_metric_attribution(
        name="metrics",
        datasetGroupArn=group,
        metrics=[{"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}],
        metricsOutputConfig={"roleArn": "arn:aws:iam::123456789012:role/x", "s3DataDestination": {"path": "s3://b"}},
    )["metricAttributionArn"]
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
    described = world.personalize.describe_recipe(recipeArn=recipe)["recipe"]
    schema = world.personalize.describe_dataset(datasetArn=items)["dataset"]["schemaArn"]
    return {
        "DescribeSchema": {"schemaArn": schema},
        "DescribeDatasetGroup": {"datasetGroupArn": group},
        "DescribeDataset": {"datasetArn": items},
        "DescribeDatasetImportJob": {"datasetImportJobArn": job},
        "DescribeSolution": {"solutionArn": solution},
        "DescribeSolutionVersion": {"solutionVersionArn": version},
        "GetSolutionMetrics": {"solutionVersionArn": version},
        "DescribeCampaign": {"campaignArn": campaign},
        "DescribeRecommender": {"recommenderArn": recommender},
        "DescribeFilter": {"filterArn": unread},
        **describe_batch_jobs(world, version),
        **describe_data_jobs(world, dataset),
        "DescribeEventTracker": {"eventTrackerArn": tracker},
        "DescribeMetricAttribution": {"metricAttributionArn": attribution},
        "DescribeRecipe": {"recipeArn": recipe},
        "DescribeAlgorithm": {"algorithmArn": described["algorithmArn"]},
        "DescribeFeatureTransformation": {"featureTransformationArn": described["featureTransformationArn"]},
        "ListTagsForResource": {"resourceArn": group},
        **{name: {} for name in SERVICE_HANDLERS if name.startswith("List") and name != "ListTagsForResource"},
        "ListMetricAttributionMetrics": {"metricAttributionArn": attribution},
    }


@behaviour("Protocol", "Answers have the members of the model, in its order", EXACT, source="model, contract §9.5")
def test_answers_have_the_shapes_of_the_models_in_their_order(world, everything):
    for name, request in everything.items():
        status, headers, body = world.post("/", request, {**SIGNED, "X-Amz-Target": f"AmazonPersonalize.{name}"})
        assert (status, headers["content-type"]) == (200, "application/x-amz-json-1.1"), (name, body)
        answer = json.loads(body)
        assert answer, name
        assert b":null" not in body, name
        check_shape(operations()[name].output_shape, answer, name)
        if name.startswith("List") and name != "ListTagsForResource":
            (member,) = (key for key in answer if key != "nextToken")
            assert answer[member], name


def describe_batch_jobs(world, version):
    """Create jobs on a solution version; give the requests that describe them."""
    job = {
        "jobName": "batch",
        "jobInput": {"s3DataSource": {"path": "s3://bucket/in.json", "kmsKeyArn": "arn:aws:kms:r:123456789012:key/x"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://bucket/out/"}},
        "roleArn": "arn:aws:iam::123456789012:role/x",
        "solutionVersionArn": version,
    }
    config = {"itemExplorationConfig": {"explorationWeight": "0.3"}}
    inference = world.personalize.create_batch_inference_job(**job, batchInferenceJobConfig=config)
    items = world.personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    recipe = "arn:aws:personalize:::recipe/aws-item-affinity"
    affinity = world.add_version(world.create_solution(items, "affinity", recipeArn=recipe), "two")
    segment = world.personalize.create_batch_segment_job(**job | {"solutionVersionArn": affinity})
    return {
        "DescribeBatchInferenceJob": {"batchInferenceJobArn": inference["batchInferenceJobArn"]},
        "DescribeBatchSegmentJob": {"batchSegmentJobArn": segment["batchSegmentJobArn"]},
    }


def describe_data_jobs(world, dataset):
    """Create jobs on a dataset; give the requests that describe them."""
    output = {"s3DataDestination": {"path": "s3://bucket/out/", "kmsKeyArn": "arn:aws:kms:r:123456789012:key/x"}}
    role = "arn:aws:iam::123456789012:role/x"
    export = world.personalize.create_dataset_export_job(
        jobName="export", datasetArn=dataset, jobOutput=output, roleArn=role
    )
    deletion = world.personalize.create_data_deletion_job(
        jobName="deletion",
        datasetGroupArn=world.personalize.describe_dataset(datasetArn=dataset)["dataset"]["datasetGroupArn"],
        dataSource={"dataLocation": "s3://bucket/users.csv"},
        roleArn=role,
    )
    return {
        "DescribeDatasetExportJob": {"datasetExportJobArn": export["datasetExportJobArn"]},
        "DescribeDataDeletionJob": {"dataDeletionJobArn": deletion["dataDeletionJobArn"]},
    }


SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request, x"}


@behaviour("Protocol", "The first ARN of a list element is its own", EXACT, source="observed, contract §9.5")
def test_the_own_arn_comes_first_among_the_arns_of_a_list_element(world, everything):
    """Source: contract §9.5, one client takes the first key that ends in Arn."""
    for name, own in (("ListSolutions", "solutionArn"), ("ListFilters", "filterArn"), ("ListDatasets", "datasetArn")):
        _, _, body = world.post("/", {}, {**SIGNED, "X-Amz-Target": f"AmazonPersonalize.{name}"})
        (elements,) = json.loads(body).values()
        assert next(key for key in elements[0] if key.endswith("Arn")) == own


def test_list_filters_has_a_capital_letter(world):
    _, _, body = world.post("/", {}, {"X-Amz-Target": "AmazonPersonalize.ListFilters"})
    assert json.loads(body) == {"Filters": []}
