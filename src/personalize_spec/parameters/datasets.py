"""Check the datasets of a parameter file: their Avro schemas, and what each type of dataset needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from personalize_spec.limits import AVRO_SCHEMA_MAX_LENGTH
from personalize_spec.parameters.entries import recipe_of, solution_entries
from personalize_spec.parameters.finding import ERROR, WARNING, Finding, at, join, object_at, warning
from personalize_spec.parameters.format import DATASET_TYPE_OF
from personalize_spec.recipes import DOMAINS
from personalize_spec.schemas import DatasetSchema, check_schema, find_schema_problems, schema_from_data

DATASET_TYPES = tuple(DATASET_TYPE_OF)
_NEEDED = "INTERACTIONS"  # counts as declared: where it is needed and missing, that is a finding of its own


@dataclass(frozen=True)
class Datasets:
    """What other checks need to know of the datasets.

    `schemas` holds the readable ones by upper-case type. `declared` also names those whose schema cannot be read, about
    which nothing more can be said.
    """

    schemas: Mapping[str, DatasetSchema]
    declared: frozenset[str]

    def is_unreadable(self, dataset_type: str) -> bool:
        """Tell whether the dataset is there with a schema that cannot be read."""
        return dataset_type in self.declared and dataset_type not in self.schemas


def read_datasets(data: object) -> Datasets:
    """Read the schemas that can be read."""
    datasets = object_at(data, "datasets")
    declared = [name for name in DATASET_TYPES if name in datasets]
    schemas = {}
    for name in declared:
        schema = at(datasets, dict, name, "schema")
        if schema is not None and not _errors(schema):
            schemas[DATASET_TYPE_OF[name]] = schema_from_data(schema)
    return Datasets(schemas, frozenset({_NEEDED, *(DATASET_TYPE_OF[name] for name in declared)}))


def check_datasets(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the schemas."""
    domain = at(data, str, "datasetGroup", "domain")
    yield from _check_needed(data)
    for name in DATASET_TYPES:
        schema = at(data, dict, "datasets", name, "schema")
        if schema is None:
            continue
        path = f"datasets.{name}.schema"
        yield from _schema_findings(path, schema)
        readable = datasets.schemas.get(DATASET_TYPE_OF[name])
        if readable is not None:
            for message in check_schema(readable, DATASET_TYPE_OF[name], domain if domain in DOMAINS else None):
                yield Finding(f"{path}.fields", message)


def _check_needed(data: object) -> Iterator[Finding]:
    """Nearly everything is learnt from interactions."""
    path = "datasets.Interactions"
    if at(data, dict, "datasets") is None or path.rsplit(".", 1)[-1] in object_at(data, "datasets"):
        return
    recipes = [recipe_of(data, key) for key, _ in solution_entries(data)]
    if object_at(data, "recommenders") or any(
        recipe is None or _NEEDED in recipe.required_datasets for recipe in recipes
    ):
        yield Finding(path, "The key 'Interactions' is missing: add the Interactions dataset.")
    elif at(data, str, "eventTracker", "name"):
        yield warning(path, "Events go into the Interactions dataset, and there is none: add it.")


def _schema_findings(path: str, schema: dict[str, object]) -> Iterator[Finding]:
    length = len(json.dumps(schema))
    if length > AVRO_SCHEMA_MAX_LENGTH:
        yield Finding(path, f"The schema has {length} characters: shorten it to {AVRO_SCHEMA_MAX_LENGTH} or fewer.")
    for problem in find_schema_problems(schema):
        place = join(path, problem.path) if problem.path else path
        yield Finding(place, problem.message, WARNING if problem.warning else ERROR)


def _errors(schema: dict[str, object]) -> bool:
    return any(not problem.warning for problem in find_schema_problems(schema))
