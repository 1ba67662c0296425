"""Check the batch jobs of a parameter file: their places, filters, themes.

Source: contract §3.10, §3.11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from personalize_spec.errors import PersonalizeException
from personalize_spec.filters import Filter, fields_of, parse_filter
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.entries import INFERENCE, SEGMENT, filter_entries, job_entries, recipe_of
from personalize_spec.parameters.finding import Finding, at, object_at
from personalize_spec.recipes import Recipe

_TARGETS = {INFERENCE: "ItemID", SEGMENT: "UserID"}
_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.*")
_THEMES = "THEME_GENERATION"
_THEME_RECIPE = "aws-similar-items"


def check_batch_jobs(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the batch jobs beyond their shape."""
    filters = dict(_filters(data))
    for kind in (INFERENCE, SEGMENT):
        for key, path, job in job_entries(data, kind):
            recipe = recipe_of(data, key)
            yield from _check_places(path, job)
            yield from _check_filter(path, job, kind, filters, recipe)
            if recipe is not None and kind == INFERENCE:
                yield from _check_config(f"{path}.batchInferenceJobConfig", job, recipe)
                yield from _check_themes(path, job, recipe, datasets)


def _filters(data: object) -> Iterator[tuple[str, Filter | None]]:
    """Each filter by name; None where its expression cannot be read, about which there is a finding already."""
    for _, entry in filter_entries(data):
        name, expression = at(entry, str, "name"), at(entry, str, "filterExpression")
        if name is None:
            continue
        try:
            yield name, parse_filter(expression or "")
        except PersonalizeException:
            yield name, None


def _check_places(path: str, job: dict[str, object]) -> Iterator[Finding]:
    source, target = at(job, str, "input"), at(job, str, "output")
    for key, place in (("input", source), ("output", target)):
        if place and (place.startswith("/") or ("://" in place and not _ADDRESS.fullmatch(place))):
            text = f"'{place}' is no place in S3: write a key of the input bucket, or s3://bucket/key."
            yield Finding(f"{path}.{key}", text)
    if source and not source.endswith(("/", ".json", ".jsonl")):
        text = "The requests are lines of JSON: name a file that ends in .json or .jsonl, or a folder that ends in '/'."
        yield Finding(f"{path}.input", text)
    if target and not target.endswith("/"):
        yield Finding(f"{path}.output", f"Results go into a folder: end it with '/', as in {target}/.")
    elif target and source and (target == source or source.rsplit("/", 1)[0] + "/" == target):
        yield Finding(f"{path}.output", "The results would lie among the requests: choose another folder.")


def _check_filter(
    path: str, job: dict[str, object], kind: str, filters: dict[str, Filter | None], recipe: Recipe | None
) -> Iterator[Finding]:
    name = at(job, str, "filter")
    if name is None:
        return
    if name not in filters:
        known = f" There are: {', '.join(filters)}." if filters else " The file has no filters."
        yield Finding(f"{path}.filter", f"There is no filter '{name}'.{did_you_mean(name, filters) or known}")
        return
    tree = filters[name]
    if tree is None:
        return
    wanted = _TARGETS[kind]
    if any(expression.target != wanted for expression in tree.expressions):
        text = f"The filter '{name}' does not choose by {wanted}, as {kind} need: write {wanted} in it."
        yield Finding(f"{path}.filter", text)
    by_events = any(field.dataset_type == "INTERACTIONS" for field in fields_of(tree))
    if by_events and recipe is not None and recipe.name == "aws-item-attribute-affinity":
        text = f"{recipe.name} takes no filter on Interactions: choose a filter on Users."
        yield Finding(f"{path}.filter", text)


def _check_config(path: str, job: dict[str, object], recipe: Recipe) -> Iterator[Finding]:
    config = object_at(job, "batchInferenceJobConfig")
    if config.get("itemExplorationConfig") and not recipe.supports_exploration_config:
        yield Finding(f"{path}.itemExplorationConfig", f"{recipe.name} takes no exploration settings: remove them.")
    if config.get("rankingInfluence") and not recipe.supports_ranking_influence:
        yield Finding(f"{path}.rankingInfluence", f"{recipe.name} has no rankingInfluence: remove it.")


def _check_themes(path: str, job: dict[str, object], recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    wants = at(job, str, "batchInferenceJobMode") == _THEMES
    config = at(job, dict, "themeGenerationConfig")
    if wants and recipe.name != _THEME_RECIPE:
        text = f"Only {_THEME_RECIPE} finds themes: write BATCH_INFERENCE, or remove batchInferenceJobMode."
        yield Finding(f"{path}.batchInferenceJobMode", text)
    elif wants and config is None:
        text = 'Themes need the column with the items\' names: add {"fieldsForThemeGeneration": {"itemName": "…"}}.'
        yield Finding(f"{path}.themeGenerationConfig", text)
    elif config is not None and not wants:
        text = f'This has no effect on a plain job: add "batchInferenceJobMode": "{_THEMES}", or remove it.'
        yield Finding(f"{path}.themeGenerationConfig", text)
    elif config is not None:
        yield from _check_theme_columns(f"{path}.themeGenerationConfig.fieldsForThemeGeneration", config, datasets)


def _check_theme_columns(path: str, config: dict[str, object], datasets: Datasets) -> Iterator[Finding]:
    schema = datasets.schemas.get("ITEMS")
    name = at(config, str, "fieldsForThemeGeneration", "itemName")
    if schema is None or name is None:
        return
    if schema.field(name) is None:
        yield Finding(
            f"{path}.itemName", f"The Items schema has no column '{name}'.{did_you_mean(name, schema.columns)}"
        )
    if not any(field.textual for field in schema.fields):
        yield Finding(path, 'Themes are made of texts: Items needs a column with "textual": true.')
