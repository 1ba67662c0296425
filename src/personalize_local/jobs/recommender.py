"""Train a recommender: its first model, or the next one when an update changes what it trains on.

A model lies under the recommender's ARN and the id of its job: the present one answers until the next is taken over,
in the transaction that makes the recommender, or its update, ACTIVE. The models before these two are removed here.
Result: `training_id`, and `model_metrics` for DescribeRecommender, as members of the resource.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.recommender_model import MODEL_METRICS, TRAINING_ID, model_arn_of, trained_like
from personalize_local.jobs.solution_version import (
    context_columns,
    find_sources,
    item_fields,
    make_request,
    read_tables,
    read_users,
)
from personalize_local.jobs.standing import FOR_UPDATE
from personalize_local.spread.settings import spread_of
from personalize_local.store.resources import Resource
from personalize_local.training.train import TrainingFailedError, train_solution_version
from personalize_spec.errors import PersonalizeException
from personalize_spec.recipes import get_recipe

COLUMNS_CHOSEN_AT = "columns_chosen_at_s"  # a member that the service keeps for itself


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
        like = trained_like(recipe, context.payload["recommender_config"])
        chosen_at_s = columns_chosen_at_s(recommender, context.payload)
        fields = item_fields(sources, like["solution_config"], chosen_at_s)
        contexts = context_columns(recipe, sources, like["solution_config"], chosen_at_s)
        interactions, items = read_tables(workspace, recipe, sources, fields, contexts)
        request = make_request(recipe, like, fields, contexts)
        users = read_users(workspace, recipe, sources, like["solution_config"], chosen_at_s)
        folder = workspace.artifacts.stage(model_arn)
        result = train_solution_version(
            request, interactions, items, folder, context.report, users, spread=spread_of(os.environ)
        )
    except TrainingFailedError as error:
        raise JobFailedError(error.reason) from error
    except PersonalizeException as error:
        raise JobFailedError(error.message) from error
    workspace.artifacts.publish(model_arn)
    members = {TRAINING_ID: training_id, MODEL_METRICS: result.metrics, COLUMNS_CHOSEN_AT: chosen_at_s}
    return {"resource": members}


def columns_chosen_at_s(recommender: Resource, payload: Mapping[str, Any]) -> float:
    """Give when the columns of a training were chosen: at the creation, or by the last update of the columns."""
    if payload.get(FOR_UPDATE):
        return float(recommender.body["latest_recommender_update"]["creation_date_time"])
    return float(recommender.body.get(COLUMNS_CHOSEN_AT, recommender.created_at.timestamp()))
