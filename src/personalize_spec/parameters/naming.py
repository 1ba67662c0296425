"""Check the names of a parameter file as Personalize will see them: with their prefix, and each used once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from personalize_spec.limits import NAME_MAX_LENGTH
from personalize_spec.names import check_name
from personalize_spec.parameters.entries import (
    INFERENCE,
    SEGMENT,
    Entry,
    campaign_entries,
    filter_entries,
    job_entries,
    recommender_entries,
    solution_entries,
)
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.resource_names import SCHEMA_NAME_ROOM, ResourceNames, second_slot

Place = tuple[str, str]


def check_names(data: object) -> Iterator[Finding]:
    """List the names that are too long once prefixed, and those given twice."""
    names = ResourceNames(at(data, str, "datasetGroup", "name") or "", at(data, str, "namePrefix"))
    campaigns = _named(_campaigns(data))
    kinds = (
        _named((f"solutions.{key}", solution) for key, solution in solution_entries(data)),
        campaigns,
        _named(recommender_entries(data)),
        _named(filter_entries(data)),
        _named([("eventTracker", object_at(data, "eventTracker"))]),
        *(_named((path, job) for _, path, job in job_entries(data, kind)) for kind in (INFERENCE, SEGMENT)),
    )
    for places in kinds:
        yield from _repeated(places)
        yield from (finding for place in places if (finding := _too_long(place, names)))
    yield from _slots(campaigns, names)
    yield from _schema_names(data)


def _campaigns(data: object) -> Iterator[Entry]:
    """All campaigns, those without a solution too."""
    campaigns = object_at(data, "campaigns")
    solved = [key for key, _ in solution_entries(data)]
    for key in solved:
        yield from campaign_entries(data, key)
    for key, campaign in CAMPAIGN_OF_SOLUTION.items():
        if key not in solved and (entry := at(campaigns, dict, campaign)) is not None:
            yield f"campaigns.{campaign}", entry


def _named(entries: Iterable[Entry]) -> list[Place]:
    return [(f"{path}.name", name) for path, entry in entries if (name := at(entry, str, "name"))]


def _slots(campaigns: list[Place], names: ResourceNames) -> Iterator[Finding]:
    """A campaign and the other slot of another one cannot have one name."""
    slots = {second_slot(names.campaign(name)): path for path, name in campaigns}
    for path, name in campaigns:
        if (other := slots.get(names.campaign(name))) and other != path:
            text = f"New versions of the campaign at {other} take turns with a campaign of this name: choose another."
            yield Finding(path, text)


def _too_long(place: Place, names: ResourceNames) -> Finding | None:
    path, name = place
    if check_name(name) or (names.prefix is None and check_name(names.group)):
        return None
    full = names.prefixed(name)
    beginning = "namePrefix" if names.prefix else "the dataset group's name"
    excess = len(full) - NAME_MAX_LENGTH
    if excess <= 0:
        return None
    return Finding(
        path,
        f"On Personalize this is called '{full}', which has {len(full)} characters: "
        f"shorten it, or {beginning}, by {excess}.",
    )


def _repeated(places: Iterable[Place]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for path, name in places:
        if name in first:
            yield Finding(path, f"'{name}' is the name at {first[name]} already: choose another.")
        first.setdefault(name, path)


def _schema_names(data: object) -> Iterator[Finding]:
    datasets = object_at(data, "datasets")
    places = [(path, name) for key in datasets for path, name in [_schema_place(datasets, key)] if name]
    yield from _repeated(places)
    for path, name in places:
        if problem := check_name(name):
            yield Finding(path, f"The schema takes this name on Personalize. {problem}")
        elif len(name) > SCHEMA_NAME_ROOM:
            text = f"A changed schema needs 9 more characters for its name: shorten it to {SCHEMA_NAME_ROOM} in time."
            yield warning(path, text)


def _schema_place(datasets: dict[str, object], key: str) -> tuple[str, str | None]:
    """Where the name of a dataset's schema stands, and the name."""
    own = at(datasets, str, key, "schemaName")
    path = f"datasets.{key}"
    return (f"{path}.schemaName", own) if own else (f"{path}.schema.name", at(datasets, str, key, "schema", "name"))
