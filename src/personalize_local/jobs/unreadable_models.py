"""Models that another release wrote and this one cannot read: found when the service starts, and trained again.

The data and the configuration of a solution version are there, so that the training that made it can be repeated. It
stays ACTIVE meanwhile; what is asked of it is answered with ServiceUnavailable, on which AWS's clients try again.
Source: inferred; on AWS a model is always readable.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from personalize_local.jobs.recommender_model import TRAINING_ID, model_arn_of
from personalize_local.jobs.standing import SILENT
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.store.resources import Resource
from personalize_spec.recipes import get_recipe

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

VERSION, RECOMMENDER = "solution-version", "recommender"

logger = logging.getLogger(__name__)


def begin_to_look(service: Service) -> threading.Thread:
    """Look in a thread of its own: what reads models takes long to import."""
    thread = threading.Thread(target=retrain_unreadable, args=(service,), name="personalize-models", daemon=True)
    thread.start()
    return thread


def retrain_unreadable(service: Service) -> None:
    """Queue the training of every model that cannot be read, and say so in the log."""
    try:
        for resource, model_arn in _models(service):
            fault = _fault(service.workspace.artifacts.folder(model_arn), resource)
            if fault is not None:
                logger.warning("the model of %s cannot be read and is trained again: %s", resource.arn, fault)
                _queue(service, resource)
    except Exception:
        logger.exception("the models could not be looked through")


def _models(service: Service) -> Iterator[tuple[Resource, str]]:
    """Give everything that answers from a model, with the model's name."""
    resources = service.workspace.resources
    for version in resources.list(VERSION):
        if version.status == ACTIVE:
            yield version, version.arn
    for recommender in resources.list(RECOMMENDER):
        if recommender.status == ACTIVE and TRAINING_ID in recommender.body:
            yield recommender, model_arn_of(recommender.arn, recommender.body[TRAINING_ID])


def _fault(folder: Path, resource: Resource) -> Exception | None:
    """Say why the model of a resource cannot be read; None when it can."""
    # First what whoever needs a model imports first, so that threads wait for each other here and nowhere within SciPy.
    importlib.import_module("personalize_local.models.storage")
    from personalize_local.training.artifact import load_artifact
    from personalize_local.training.user_affinity import load_user_affinity

    is_segment = get_recipe(resource.body["recipe_arn"]).batch == "segment"
    try:
        (load_user_affinity if is_segment else load_artifact)(folder)
    except Exception as error:  # whatever another release may have written
        return error
    return None


def _queue(service: Service, resource: Resource) -> None:
    """Queue the training that made the model, unless it is queued already."""
    payload = {"solution_version_arn": resource.arn}
    if resource.kind == RECOMMENDER:
        payload = {"recommender_arn": resource.arn, "recommender_config": resource.body["recommender_config"]}
    with service.transaction() as connection:
        present = service.workspace.resources.get(resource.arn, connection)
        if present is None or present.status != ACTIVE or service.workspace.jobs.of_resource(resource.arn) is not None:
            return
        service.queue.add(connection, resource.kind, resource.arn, payload | {SILENT: True})
