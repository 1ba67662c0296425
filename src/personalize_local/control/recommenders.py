"""Recommenders: a use case of a domain dataset group, trained and answering as one resource.

Source: contract §2.1, §2.2, §2.4, §4.5. That recommenders of every status count for the quota, and that an update
keeps the members of the configuration that it does not name: inferred.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.group_schemas import group_schemas
from personalize_local.control.pages import list_page
from personalize_local.control.recipe_datasets import require_datasets
from personalize_local.control.recommender_config import DEFAULTS, check_recommender, trains_differently
from personalize_local.control.resources import (
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_active,
    require_below,
    require_settled,
)
from personalize_local.control.tags import read_tags
from personalize_local.control.updates import require_no_update, write_update
from personalize_local.jobs.lifecycle import DELETE, START, STOP, UPDATE
from personalize_local.jobs.recommender_model import MODEL_METRICS
from personalize_local.jobs.service import Service
from personalize_local.jobs.standing import FOR_UPDATE
from personalize_local.jobs.statuses import DELETING, INACTIVE
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, ResourceInUseException
from personalize_spec.limits import RECOMMENDERS_PER_DATASET_GROUP
from personalize_spec.recipes import Recipe, get_recipe

KIND = "recommender"
JOB_KIND = "recommender"
CONFIG = "recommender_config"
TOO_MANY = f"More than {RECOMMENDERS_PER_DATASET_GROUP} recommenders in the dataset group."


def create_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to train a use case; too little data shows as CREATE FAILED."""
    tags = read_tags(request.get("tags"))
    recipe = _domain_recipe(request["recipe_arn"])
    config = {**DEFAULTS, **request.get(CONFIG, {})}
    arn = scope.arn(KIND, request["name"])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        _check_domain(recipe, group)
        require_datasets(service, recipe, group, connection)
        check_recommender(recipe, config, group_schemas(service, group.arn, connection))
        require_absent(service, scope, KIND, request["name"], connection)
        require_active(group)
        existing = remaining(service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection))
        require_below(RECOMMENDERS_PER_DATASET_GROUP, existing, TOO_MANY)
        body = {**picked(request, "recipe_arn"), CONFIG: config}
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags, parent_arn=group.arn)
        _train(service, connection, arn, config)
    return {"recommender_arn": arn}


def describe_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a recommender; with the metrics of its model, once it has one and until it is deleted."""
    recommender = require(service, scope, KIND, request["recommender_arn"])
    members = description(recommender)
    if recommender.status in DELETING:
        members.pop(MODEL_METRICS, None)
    return {"recommender": members}


def list_recommenders(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the recommenders, of one dataset group or of all."""
    return list_page(service, scope, request, KIND, "recommenders", parent_member="dataset_group_arn")


def update_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to change a recommender's configuration; other columns to train on mean another training.

    It answers as before until the update is ACTIVE.
    """
    if not request[CONFIG]:
        raise InvalidInputException("Nothing to update: give a member of recommenderConfig.")
    with service.transaction() as connection:
        recommender = require(service, scope, KIND, request["recommender_arn"], connection)
        config = recommender.body[CONFIG] | request[CONFIG]
        recipe = get_recipe(recommender.body["recipe_arn"])
        check_recommender(recipe, config, group_schemas(service, str(recommender.parent_arn), connection))
        require_active(recommender)
        require_no_update(recommender)
        write_update(service, connection, recommender, {CONFIG: config}, service.clock.now())
        if trains_differently(recommender.body[CONFIG], config):
            _train(service, connection, recommender.arn, config, for_update=True)
        else:
            service.lifecycle.begin(connection, recommender.arn, UPDATE)
    return {"recommender_arn": recommender.arn}


def delete_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a recommender and its model."""
    with service.transaction() as connection:
        recommender = require(service, scope, KIND, request["recommender_arn"], connection)
        require_settled(recommender)
        require_no_update(recommender)
        service.lifecycle.begin(connection, recommender.arn, DELETE)


def stop_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Stop an ACTIVE recommender: it keeps its model and answers no more."""
    with service.transaction() as connection:
        recommender = require(service, scope, KIND, request["recommender_arn"], connection)
        require_active(recommender)
        require_no_update(recommender)
        service.lifecycle.begin(connection, recommender.arn, STOP)
    return {"recommender_arn": recommender.arn}


def start_recommender(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Start an INACTIVE recommender again, with the model it has."""
    with service.transaction() as connection:
        recommender = require(service, scope, KIND, request["recommender_arn"], connection)
        if recommender.status != INACTIVE:
            raise ResourceInUseException(
                f"The recommender {recommender.arn} must be INACTIVE to be started; its status is {recommender.status}."
            )
        service.lifecycle.begin(connection, recommender.arn, START)
    return {"recommender_arn": recommender.arn}


def _domain_recipe(recipe_arn: str) -> Recipe:
    recipe = get_recipe(recipe_arn)
    if recipe.domain is None:
        raise InvalidInputException(
            f"The recipe {recipe.name} is a custom one: it is for solutions, and recommenders have a domain's recipes. "
            "ListRecipes with a domain names them."
        )
    return recipe


def _check_domain(recipe: Recipe, group: Resource) -> None:
    domain = group.body.get("domain")
    if domain != recipe.domain:
        has = f"the domain {domain}" if domain else "no domain"
        raise InvalidInputException(
            f"The recipe {recipe.name} is of the domain {recipe.domain}; the dataset group {group.arn} has {has}."
        )


def _train(
    service: Service,
    connection: sqlite3.Connection,
    arn: str,
    config: Mapping[str, Any],
    *,
    for_update: bool = False,
) -> None:
    payload = {"recommender_arn": arn, CONFIG: dict(config), FOR_UPDATE: for_update}
    service.queue.add(connection, JOB_KIND, arn, payload)
