"""Batch inference: recommendations for every line of the input files, in a worker process.

The answers are the runtime's own: bulk data and the events streamed so far, the recipe's scores, filters, exploration.
Exploration draws from a generator seeded by the job and the place of a chunk of lines: a job that was interrupted
writes the same again, on any number of cores.

Source: contract §3.10.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from personalize_local.jobs.batch_lines import (
    Answered,
    Batch,
    InputLimits,
    Line,
    filter_values_of,
    one_by_one,
    text_of,
)
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.s3_source import make_client
from personalize_local.runtime.deployment import BoundFilter
from personalize_local.runtime.exploration import Exploration, exploration_of
from personalize_local.runtime.get_personalized_ranking import rank_list
from personalize_local.runtime.get_recommendations import RANKING
from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.masks import CompiledFilter, compile_filter
from personalize_local.runtime.recommend import Question
from personalize_local.runtime.recommend_all import Recommended, recommend_all
from personalize_local.runtime.served_model import ServedModel
from personalize_local.runtime.shared_filter import SharedFilter
from personalize_local.spread.settings import spread_of
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_local.training.artifact import Artifact, load_artifact
from personalize_spec.errors import InvalidInputException, PersonalizeException
from personalize_spec.filters import parse_filter
from personalize_spec.limits import (
    BATCH_INFERENCE_MAX_LINES,
    BATCH_MAX_BYTES,
    BATCH_MAX_FILES,
    MAX_RANKING_ITEMS,
)
from personalize_spec.recipes import Recipe, get_recipe

LIMITS = InputLimits(BATCH_MAX_FILES, BATCH_MAX_BYTES, BATCH_INFERENCE_MAX_LINES)


def run(context: JobContext) -> dict[str, Any]:
    """Answer the job's input as the account that it is in."""
    payload = context.payload
    return run_with(context, make_client(payload["account_id"], payload["region"], os.environ))


def run_with(context: JobContext, client: Any, load: Callable[[Path], Artifact] = load_artifact) -> dict[str, Any]:
    """Answer every line and upload the answers.

    The counts of lines stay with the job's resource as `line_counts`; AWS's API has no member for them.
    Errors: JobFailedError with the failureReason.
    """
    job = existing(context.workspace, context.job.resource_arn)
    context.report("Reading the data", 0.0)
    answerer = prepare(context.workspace, job, context.payload["now_epoch_s"], load)
    paths = (job.body["job_input"]["s3_data_source"]["path"], job.body["job_output"]["s3_data_destination"]["path"])
    counts = Batch(context, client, *paths, LIMITS, answerer.answer_chunk, spread_of(os.environ)).run()
    return {"resource": {"line_counts": {"answered": counts.answered, "failed": counts.failed}}}


@dataclass(frozen=True)
class Answerer:
    """Answers lines with one solution version."""

    recipe: Recipe
    model: ServedModel
    data: GroupData
    count: int
    now_epoch_s: int
    filter: SharedFilter | None
    exploration: Exploration | None
    seed: int

    def answer_chunk(self, place: int, lines: Sequence[Line]) -> Iterable[Answered]:
        """Give the output of each line of a chunk, or why it cannot be served."""
        if self.recipe.recipe_type == RANKING:
            return one_by_one(self._rank)(place, lines)
        asked = list(one_by_one(self._question)(place, lines))
        rng = np.random.default_rng((self.seed, place))
        questions = [each for each in asked if isinstance(each, Question)]
        found = recommend_all(self.model, self.data, questions, rng)
        return [self._described(next(found)) if isinstance(each, Question) else each for each in asked]

    def _question(self, given: Line) -> Question:
        recipe = self.recipe
        return Question(
            user_id=text_of(given, "userId", required=recipe.needs_user_id),
            item_id=text_of(given, "itemId") if recipe.needs_item_id else None,
            count=self.count,
            now_epoch_s=self.now_epoch_s,
            filter=self._bound(given),
            exploration=self.exploration,
            gives_reasons=recipe.supports_exploration and not recipe.supports_exploration_config,
        )

    def _bound(self, given: Line) -> BoundFilter | None:
        return None if self.filter is None else self.filter.bound(filter_values_of(given))

    def _described(self, ranked: Recommended) -> Answered:
        if isinstance(ranked, PersonalizeException):
            return ranked
        ids = self.data.items.ids
        output: dict[str, Any] = {"recommendedItems": [ids[each.row] for each in ranked]}
        if self.recipe.supports_scores:
            output["scores"] = [each.score for each in ranked]
        if any(each.reason for each in ranked):
            output["reason"] = [[each.reason] if each.reason else [] for each in ranked]
        return output

    def _rank(self, given: Line) -> dict[str, Any]:
        bound, user_id = self._bound(given), str(text_of(given, "userId"))
        ranked = rank_list(self.model, self.data, user_id, _item_list(given), bound, self.now_epoch_s)
        return {"recommendedItems": [item_id for item_id, _ in ranked], "scores": [score for _, score in ranked]}


def prepare(
    workspace: Workspace, job: Resource, now_epoch_s: int, load: Callable[[Path], Artifact] = load_artifact
) -> Answerer:
    """Load what a job's answers stand on."""
    version = existing(workspace, job.body["solution_version_arn"])
    recipe = get_recipe(version.body["recipe_arn"])
    datasets = workspace.resources.list("dataset", parent_arn=version.body["dataset_group_arn"])
    data = GroupData(workspace, datasets)
    exploration = exploration_of(recipe, job.body.get("batch_inference_job_config") or {})
    filter_arn, compiled = job.body.get("filter_arn"), compiled_filter(workspace, job.body.get("filter_arn"))
    return Answerer(
        recipe=recipe,
        model=data.serve(load(workspace.artifacts.folder(version.arn)), version.body),
        data=data,
        count=job.body["num_results"],
        now_epoch_s=now_epoch_s,
        filter=None if compiled is None else SharedFilter(compiled, str(filter_arn), data),
        exploration=None if exploration is None else replace(exploration, tells_chances=False),
        seed=zlib.crc32(job.arn.encode()),
    )


def compiled_filter(workspace: Workspace, filter_arn: str | None) -> CompiledFilter | None:
    """Compile a job's filter; None when it has none."""
    if filter_arn is None:
        return None
    return compile_filter(parse_filter(existing(workspace, filter_arn).body["filter_expression"]))


def existing(workspace: Workspace, arn: str) -> Resource:
    """Give a resource that the job needs.

    Errors: JobFailedError when it was deleted in the meantime.
    """
    resource = workspace.resources.get(arn)
    if resource is None:
        raise JobFailedError(f"Resource Arn {arn} does not exist.")
    return resource


def _item_list(given: Mapping[str, Any]) -> list[str]:
    """Give a line's itemList without repeats.

    Errors: InvalidInputException when it is none, empty or too long.
    """
    items = given.get("itemList")
    if not isinstance(items, list) or not items:
        raise InvalidInputException("The line has no itemList: give the items to rank.")
    if len(items) > MAX_RANKING_ITEMS:
        raise InvalidInputException(f"itemList has {len(items)} items; {MAX_RANKING_ITEMS} are allowed.")
    return list(dict.fromkeys(str(text_of({"itemList": item}, "itemList")) for item in items))
