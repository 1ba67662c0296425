"""Check the names of a parameter file as Personalize will see them: with their prefix, and each used once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from personalize_spec.limits import NAME_MAX_LENGTH
from personalize_spec.names import check_name
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.resource_names import SCHEMA_NAME_ROOM, ResourceNames

Place = tuple[str, str]


def check_names(data: object) -> Iterator[Finding]:
    """List the names that are too long once prefixed, and those given twice."""
    group = at(data, str, "datasetGroup", "name")
    for places in (_named(data, "solutions"), _named(data, "campaigns"), _filters(data), _tracker(data)):
        yield from _repeated(places)
        yield from (finding for place in places if (finding := _too_long(place, group)))
    yield from _schema_names(data)


def _named(data: object, section: str) -> list[Place]:
    entries = object_at(data, section)
    return [(f"{section}.{key}.name", name) for key in entries if (name := at(entries, str, key, "name"))]


def _filters(data: object) -> list[Place]:
    filters = at(data, list, "filters") or []
    return [(f"filters[{index}].name", name) for index, each in enumerate(filters) if (name := at(each, str, "name"))]


def _tracker(data: object) -> list[Place]:
    name = at(data, str, "eventTracker", "name")
    return [("eventTracker.name", name)] if name else []


def _too_long(place: Place, group: str | None) -> Finding | None:
    path, name = place
    if not group or check_name(name) or check_name(group):
        return None
    full = ResourceNames(group).solution(name)
    excess = len(full) - NAME_MAX_LENGTH
    if excess <= 0:
        return None
    return Finding(
        path,
        f"On Personalize this is called '{full}', which has {len(full)} characters: "
        f"shorten it, or the dataset group's name, by {excess}.",
    )


def _repeated(places: Iterable[Place]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for path, name in places:
        if name in first:
            yield Finding(path, f"'{name}' is the name at {first[name]} already: choose another.")
        first.setdefault(name, path)


def _schema_names(data: object) -> Iterator[Finding]:
    datasets = object_at(data, "datasets")
    places = [
        (f"datasets.{key}.schema.name", name) for key in datasets if (name := at(datasets, str, key, "schema", "name"))
    ]
    yield from _repeated(places)
    for path, name in places:
        if problem := check_name(name):
            yield Finding(path, f"The schema takes this name on Personalize. {problem}")
        elif len(name) > SCHEMA_NAME_ROOM:
            text = f"A changed schema needs 9 more characters for its name: shorten it to {SCHEMA_NAME_ROOM} in time."
            yield warning(path, text)
