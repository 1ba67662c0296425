"""Train a recommender: its first model, or the next one when an update changes what it trains on.

A model lies under the recommender's ARN and the id of its job: the present one answers until the next is taken over,
in the transaction that makes the recommender, or its update, ACTIVE. The models before these two are removed here.
Result: `training_id`, and `model_metrics` for DescribeRecommender, as members of the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.recommender_model import MODEL_METRICS, TRAINING_ID, model_arn_of, trained_like
from personalize_local.jobs.solution_version import ITEMS, find_sources, make_request, read_tables
from personalize_local.training.train import TrainingFailedError, train_solution_version
from personalize_local.training.training_request import TrainingRequest
from personalize_spec.errors import PersonalizeException
from personalize_spec.recipes import Recipe, get_recipe


def run(context: JobContext) -> dict[str, Any]:
    """Train the recommender that the payload names, with the payload's configuration.

    Errors: JobFailedError with the failureReason.
    """
    workspace, training_id = context.workspace, context.job.job_id
    recommender = workspace.resources.get(context.payload["recommender_arn"])
    if recommender is None:
        raise JobFailedError(f"Resource Arn {context.payload['recommender_arn']} does not exist.")
    workspace.artifacts.remove_others(recommender.arn, recommender.body.get(TRAINING_ID))
    model_arn = model_arn_of(recommender.arn, training_id)
    try:
        recipe = get_recipe(recommender.body["recipe_arn"])
        sources = find_sources(workspace, recommender.body["dataset_group_arn"])
        context.report("Reading the data", 0.0)
        interactions, items = read_tables(workspace, recipe, sources)
        request = _request(recipe, context.payload["recommender_config"], sources)
        folder = workspace.artifacts.stage(model_arn)
        result = train_solution_version(request, interactions, items, folder, context.report)
    except TrainingFailedError as error:
        raise JobFailedError(error.reason) from error
    except PersonalizeException as error:
        raise JobFailedError(error.message) from error
    workspace.artifacts.publish(model_arn)
    return {"resource": {TRAINING_ID: training_id, MODEL_METRICS: result.metrics}}


def _request(recipe: Recipe, config: Mapping[str, Any], sources: Mapping[str, Any]) -> TrainingRequest:
    return make_request(recipe, trained_like(recipe, config), sources.get(ITEMS))
