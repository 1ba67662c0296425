"""Batch segments: the users most interested in an item, or in items with given attributes, in a worker process.

A filter about UserID is judged by the same code as one about ItemID, with users as the records: see `ItemAudience`.
Users whose data was deleted since the training are left out.

Source: contract §3.11. Users stand under two names: `recommendedUsers` is documented, `usersList` is what the service
was seen to write and its samples read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from personalize_local.jobs.batch_lines import Batch, InputLimits, filter_values_of, one_by_one, text_of
from personalize_local.jobs.context import JobContext
from personalize_local.jobs.s3_source import make_client
from personalize_local.runtime.batch_inference import compiled_filter, existing
from personalize_local.runtime.catalogue import Catalogue, catalogue_of
from personalize_local.runtime.column_tests import compares
from personalize_local.runtime.deployment import bind_filter
from personalize_local.runtime.histories import History
from personalize_local.runtime.masks import CompiledFilter, FilterQuestion
from personalize_local.spread.settings import spread_of
from personalize_local.store.resources import Resource
from personalize_local.store.tables import InteractionTable, empty_interactions
from personalize_local.store.workspace import Workspace
from personalize_local.training.metrics import ranking
from personalize_local.training.segment_training import ITEM_AFFINITY
from personalize_local.training.user_affinity import UserAffinity, load_user_affinity
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Comparison, parse_filter
from personalize_spec.limits import (
    BATCH_MAX_BYTES,
    BATCH_MAX_FILES,
    FILTER_RECENT_INTERACTIONS,
    ITEM_AFFINITY_MAX_LINES,
    ITEM_ATTRIBUTE_AFFINITY_MAX_LINES,
)
from personalize_spec.recipes import get_recipe
from personalize_spec.schemas import parse_schema

EXAMPLE = 'ITEMS.GENRE = "crime" AND ITEMS.YEAR = 1999'


def run(context: JobContext) -> dict[str, Any]:
    """Answer the job's input as the account that it is in."""
    payload = context.payload
    return run_with(context, make_client(payload["account_id"], payload["region"], os.environ))


def run_with(context: JobContext, client: Any) -> dict[str, Any]:
    """Answer every line and upload the answers; the counts of lines stay with the job's resource as `line_counts`.

    Errors: JobFailedError with the failureReason.
    """
    job = existing(context.workspace, context.job.resource_arn)
    context.report("Reading the data", 0.0)
    segments = prepare(context.workspace, job)
    lines = ITEM_AFFINITY_MAX_LINES if segments.is_about_items else ITEM_ATTRIBUTE_AFFINITY_MAX_LINES
    paths = (job.body["job_input"]["s3_data_source"]["path"], job.body["job_output"]["s3_data_destination"]["path"])
    limits = InputLimits(BATCH_MAX_FILES, BATCH_MAX_BYTES, lines)
    counts = Batch(context, client, *paths, limits, one_by_one(segments.answer), spread_of(os.environ)).run()
    return {"resource": {"line_counts": {"answered": counts.answered, "failed": counts.failed}}}


@dataclass(frozen=True)
class ItemAudience:
    """Who touched an item: stands in a filter's question where a reader's history stands otherwise.

    Shapes: user_row_of [users of the table], the users' rows among the records.
    """

    table: InteractionTable
    recent: np.ndarray  # [events] bool
    user_row_of: np.ndarray
    item_row: int  # of the table; -1 for an item without events

    def touched(self, types: Collection[str] | None, *, negated: bool = False) -> np.ndarray:
        """Give the rows of users with an event of the types on the item, None for any; negated, of another type."""
        here = self.recent & (self.table.item_row == self.item_row)
        if types is not None:
            wanted = {each.lower() for each in types}
            codes = [code for code, name in enumerate(self.table.event_types) if name.lower() in wanted]
            of_types = np.isin(self.table.event_type, codes)
            here &= ~of_types if negated else of_types
        elif negated:
            here[:] = False
        return np.unique(self.user_row_of[self.table.user_row[here]])


@dataclass(frozen=True)
class Segments:
    """Answers lines with one solution version.

    Shapes: user_ids [users], item_ids [items] of the model; present [users] bool, those who were not deleted.
    """

    is_about_items: bool
    model: UserAffinity
    user_ids: np.ndarray
    item_ids: np.ndarray
    present: np.ndarray
    count: int
    items: Catalogue
    users: Catalogue
    table: InteractionTable
    filter_arn: str | None
    compiled: CompiledFilter | None

    def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give the output of a line.

        Errors: InvalidInputException for a line that cannot be served.
        """
        if self.is_about_items:
            item_id = str(text_of(given, "itemId"))
            if item_id not in self._item_row:
                raise InvalidInputException(f"The item {item_id} is not in the data the solution version is made of.")
            scores = self.model.for_item(self._item_row[item_id])
        else:
            item_id = ""
            scores = self.model.for_items(self._items_with(str(text_of(given, "itemAttributes"))))
        allowed = self.present & np.isfinite(scores) & self._mask(given, item_id)
        rows = np.flatnonzero(allowed)
        best = rows[ranking(scores[rows], self.count)]
        users = self.user_ids[best].tolist()
        return {"recommendedUsers": users, "usersList": users}

    def _items_with(self, text: str) -> np.ndarray:
        """Mark the model's items [items] bool that have the attributes.

        Errors: InvalidInputException when the text cannot be read, names an unknown column, or no item has them.
        """
        rows = self.items.rows(self.item_ids)
        mask = np.ones(len(rows), dtype=bool)
        for each in attributes_of(text):
            if self.items.column(each.field.column) is None:
                raise InvalidInputException(f"The Items dataset has no column '{each.field.column}'.")
            mask &= compares(self.items, each.field.column, rows, "=", [cast("str | float", each.value)])
        if not mask.any():
            raise InvalidInputException(f"No item has {text}.")
        return mask

    def _mask(self, given: Mapping[str, Any], item_id: str) -> np.ndarray:
        """Mark the users [users] bool that the filter lets pass."""
        if self.compiled is None:
            return np.ones(len(self.user_ids), dtype=bool)
        bound = bind_filter(self.compiled, str(self.filter_arn), filter_values_of(given))
        place = int(np.searchsorted(self.table.item_ids, item_id)) if len(self.table.item_ids) else 0
        known = place < len(self.table.item_ids) and self.table.item_ids[place] == item_id
        audience = ItemAudience(self.table, self._recent, self._table_users, place if known else -1)
        question = FilterQuestion(
            self.users, self.users, cast(History, audience), values=bound.values, rows=self._user_rows
        )
        return self.compiled.mask(question)

    @cached_property
    def _item_row(self) -> dict[str, int]:
        return {item_id: row for row, item_id in enumerate(self.item_ids)}

    @cached_property
    def _user_rows(self) -> np.ndarray:
        return self.users.ensure(self.user_ids)

    @cached_property
    def _table_users(self) -> np.ndarray:
        return self.users.ensure(self.table.user_ids)

    @cached_property
    def _recent(self) -> np.ndarray:
        return recent_events(self.table)


def prepare(workspace: Workspace, job: Resource) -> Segments:
    """Load what a job's answers stand on."""
    version = existing(workspace, job.body["solution_version_arn"])
    group_arn = version.body["dataset_group_arn"]
    model, user_ids, item_ids = load_user_affinity(workspace.artifacts.folder(version.arn))
    deleted = workspace.user_deletion.deleted_since(group_arn, version.created_at)
    datasets = {
        dataset.body["dataset_type"]: (
            dataset.arn,
            parse_schema(existing(workspace, dataset.body["schema_arn"]).body["schema"]),
        )
        for dataset in workspace.resources.list("dataset", parent_arn=group_arn)
    }
    filter_arn = job.body.get("filter_arn")
    table = empty_interactions()
    if filter_arn is not None and "INTERACTIONS" in datasets:
        table = workspace.datasets.read_interactions(*datasets["INTERACTIONS"])
    return Segments(
        is_about_items=get_recipe(version.body["recipe_arn"]).name == ITEM_AFFINITY,
        model=model,
        user_ids=user_ids,
        item_ids=item_ids,
        present=np.array([user_id not in deleted for user_id in user_ids], dtype=bool),
        count=job.body["num_results"],
        items=_catalogue(workspace, datasets, "ITEMS"),
        users=_catalogue(workspace, datasets, "USERS"),
        table=table,
        filter_arn=filter_arn,
        compiled=compiled_filter(workspace, filter_arn),
    )


def attributes_of(text: str) -> list[Comparison]:
    """Read itemAttributes: comparisons of item columns with `=`, joined by AND.

    Errors: InvalidInputException.
    """
    problem = f"itemAttributes '{text}' cannot be read: it should look like {EXAMPLE}, with = and AND only."
    try:
        expressions = parse_filter(f"INCLUDE ItemID WHERE {text}").expressions
    except InvalidInputException as error:
        raise InvalidInputException(problem) from error
    first = expressions[0]
    found = [each for alternative in first.alternatives for each in alternative if _is_attribute(each)]
    if len(expressions) > 1 or first.user_conditions or [tuple(found)] != list(first.alternatives):
        raise InvalidInputException(problem)
    return cast("list[Comparison]", found)


def _is_attribute(predicate: object) -> bool:
    return (
        isinstance(predicate, Comparison)
        and predicate.field.dataset == "Items"
        and predicate.operator == "="
        and isinstance(predicate.value, str | int | float)
    )


def recent_events(table: InteractionTable) -> np.ndarray:
    """Mark the last 100 events of each user and type: [events] bool. Source: contract §6.6."""
    order = np.lexsort((np.arange(len(table)), table.event_type, table.user_row))
    user, kind = table.user_row[order], table.event_type[order]
    starts = np.ones(len(table), dtype=bool)
    starts[1:] = (user[1:] != user[:-1]) | (kind[1:] != kind[:-1])
    places = np.flatnonzero(starts)
    ends = np.append(places, len(table))[1:]
    recent = np.zeros(len(table), dtype=bool)
    recent[order] = np.repeat(ends, ends - places) - np.arange(len(table)) <= FILTER_RECENT_INTERACTIONS
    return recent


def _catalogue(workspace: Workspace, datasets: Mapping[str, tuple[str, Any]], dataset_type: str) -> Catalogue:
    if dataset_type not in datasets:
        return catalogue_of(None, None)
    arn, schema = datasets[dataset_type]
    read = workspace.datasets.read_items if dataset_type == "ITEMS" else workspace.datasets.read_users
    return catalogue_of(schema, read(arn, schema))
