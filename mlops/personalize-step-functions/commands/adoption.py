"""Write a parameter file from a dataset group's inventory, such that a run of it changes nothing; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commands.batch_templates import batch_templates
from commands.inventory import Inventory
from commands.pruning import prune
from personalize_spec.errors import PersonalizeException
from personalize_spec.filters import parse_filter, placeholders
from personalize_spec.parameters import DATASET_TYPE_OF, second_slot
from personalize_spec.parameters.entries import known_recipe
from personalize_spec.parameters.format import SOLUTION_ARGUMENTS
from personalize_spec.parameters.solutions import RECIPE_TYPES

Members = Mapping[str, Any]
File = dict[str, Any]

_GROUP_KEYS = ("name", "domain", "roleArn", "kmsKeyArn")
_KEY_OF_TYPE = {dataset_type: key for key, dataset_type in DATASET_TYPE_OF.items()}
_NAMED = ("userPersonalization", "similarItems", "personalizedRanking")
_UNLESS_TRUE = ("performHPO", "performAutoML", "performAutoTraining")


@dataclass(frozen=True)
class Adopted:
    """The parameter file, and what a reader of it should know."""

    file: File
    notes: tuple[str, ...]


def adopt(found: Inventory) -> Adopted:
    """Write the file. What it cannot say, or the check refuses, is left out and noted."""
    writer = _Writer(found)
    file = writer.file()
    notes = [*found.notes, *writer.notes, *prune(file)]
    return Adopted(file, tuple(notes))


class _Writer:
    def __init__(self, found: Inventory) -> None:
        self._found = found
        self.notes: list[str] = []
        self._prefix = _common_prefix(found)

    def file(self) -> File:
        """Put the sections together; those with nothing in them are left out."""
        sections = {
            "solutions": self._solutions(),
            "recommenders": self._recommenders(),
            "eventTracker": self._event_tracker(),
            "filters": [self._filter(each) for each in self._found.filters],
        }
        group = _picked(self._found.group, _GROUP_KEYS)
        prefix = {} if self._prefix else {"namePrefix": ""}
        head = {"datasetGroup": self._tagged(group, self._found.group["datasetGroupArn"]), **prefix}
        datasets = {_KEY_OF_TYPE[each["datasetType"].upper()]: self._dataset(each) for each in self._found.datasets}
        return {**head, "datasets": datasets, **{key: value for key, value in sections.items() if value}}

    def _name(self, members: Members) -> str:
        return str(members["name"]).removeprefix(self._prefix)

    def _tagged(self, entry: File, arn: str) -> File:
        tags = self._found.tags.get(arn)
        return {**entry, "tags": tags} if tags else entry

    def _dataset(self, dataset: Members) -> File:
        arn = dataset["datasetArn"]
        described = self._found.schemas.get(arn)
        schema = json.loads(described["schema"]) if described else {}
        entry = {"name": dataset["name"], "schema": schema}
        if described and described["name"] != schema.get("name"):
            entry["schemaName"] = described["name"]
        if self._found.import_modes.get(arn, "FULL") != "FULL":
            entry["importMode"] = self._found.import_modes[arn]
        return self._tagged(entry, arn)

    def _solutions(self) -> File:
        """One that chose its recipe itself cannot be said in a new file."""
        keys = _solution_keys(self._found, self._name)
        for each in self._found.solutions:
            if each.get("performAutoML"):
                self.notes.append(f"The solution {each['name']} chose its recipe itself (performAutoML): left out.")
        kept = [each for each in self._found.solutions if not each.get("performAutoML")]
        return {keys[each["solutionArn"]]: self._solution(each) for each in kept}

    def _solution(self, solution: Members) -> File:
        arn = solution["solutionArn"]
        entry = {"name": self._name(solution), **_solution_settings(solution)}
        campaigns = [self._campaign(each, arn) for each in self._without_slots(self._found.campaigns.get(arn, []))]
        entry = self._tagged(entry, arn) | {"campaigns": campaigns}
        for key, templates in batch_templates(self._found, arn, self._name).items():
            entry |= {key: templates.entries} if templates.entries else {}
            self.notes += templates.notes
        return entry

    def _campaign(self, campaign: Members, solution_arn: str) -> File:
        newest = self._found.newest_versions.get(solution_arn)
        if newest and newest != campaign["solutionVersionArn"]:
            text = f"The campaign {campaign['name']} serves an older version than the newest, {newest}"
            self.notes.append(f"{text}: a run will release the newest.")
        entry = {"name": self._name(campaign), **_picked(campaign, ("minProvisionedTPS", "campaignConfig"))}
        return self._tagged(entry, campaign["campaignArn"])

    def _without_slots(self, campaigns: Iterable[Members]) -> list[Members]:
        """Of a campaign and its second slot, which a release has filled, the file names the first."""
        campaigns = list(campaigns)
        slots = {second_slot(each["name"]) for each in campaigns}
        for each in campaigns:
            if each["name"] in slots:
                self.notes.append(f"The campaign {each['name']} is the second slot of another: left out.")
        return [each for each in campaigns if each["name"] not in slots]

    def _recommenders(self) -> File:
        entries = {}
        for recommender in self._found.recommenders:
            entry = {"name": self._name(recommender), **_picked(recommender, ("recipeArn", "recommenderConfig"))}
            key = _own_key(entry["name"], entries)
            entries[key] = self._tagged(entry, recommender["recommenderArn"])
        return entries

    def _filter(self, found: Members) -> File:
        """No hints for the API: an age limit would change the expression."""
        expression = found["filterExpression"]
        entry = {"name": self._name(found), "filterExpression": expression, "limit_time_range": False}
        try:
            values = sorted(placeholders(parse_filter(expression)))
        except PersonalizeException:
            values = []
        entry |= {"filter_values": values} if values else {}
        return self._tagged(entry, found["filterArn"])

    def _event_tracker(self) -> File:
        if not self._found.event_trackers:
            return {}
        tracker = self._found.event_trackers[0]
        return self._tagged({"name": self._name(tracker)}, tracker["eventTrackerArn"])


def _common_prefix(found: Inventory) -> str:
    """The dataset group's name and '-' where all names start so; none else, so that names are whole in the file."""
    campaigns = [campaign for each in found.campaigns.values() for campaign in each]
    parts = (found.solutions, campaigns, found.recommenders, found.filters, found.event_trackers)
    prefix = f"{found.group['name']}-"
    names = [each["name"] for part in parts for each in part]
    return prefix if all(re.fullmatch(rf"{re.escape(prefix)}[a-zA-Z0-9].*", name) for name in names) else ""


def _solution_settings(solution: Members) -> File:
    """The arguments that were given: flags that are off are the pipeline's defaults."""
    settings = {key: solution[key] for key in SOLUTION_ARGUMENTS if key in solution and key != "name"}
    for key in _UNLESS_TRUE:
        if not settings.get(key):
            settings.pop(key, None)
    recipe = known_recipe(settings.get("recipeArn"))
    if recipe is not None and not recipe.supports_incremental_update:
        settings.pop("performIncrementalUpdate", None)
    if not settings.get("solutionConfig"):
        settings.pop("solutionConfig", None)
    return settings


def _solution_keys(found: Inventory, name_of: Any) -> dict[str, str]:
    """The newspaper's key for the only solution of its kind that has a campaign; else the solution's name."""
    keys: dict[str, str] = {}
    for named in _NAMED:
        fitting = [
            each["solutionArn"]
            for each in found.solutions
            if (recipe := known_recipe(each.get("recipeArn"))) is not None
            and recipe.recipe_type in RECIPE_TYPES[named]
            and found.campaigns.get(each["solutionArn"])
        ]
        if len(fitting) == 1:
            keys[fitting[0]] = named
    for each in found.solutions:
        keys.setdefault(each["solutionArn"], _own_key(name_of(each), {*keys.values(), *_NAMED, "sims"}))
    return keys


def _own_key(name: str, taken: Iterable[str]) -> str:
    """A key of the file made of a name."""
    key = name if name[:1].isalpha() else f"a{name}"[:63]
    number, taken = 2, set(taken)
    while key in taken:
        key, number = f"{name[:58]}-{number}", number + 1
    return key


def _picked(members: Members, keys: Iterable[str]) -> File:
    return {key: members[key] for key in keys if members.get(key) not in (None, {}, [])}
