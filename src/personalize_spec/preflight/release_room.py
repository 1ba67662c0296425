"""Which campaigns of a parameter file are released beside the live ones, and which are updated in place.

A campaign has two slots where a row of the API's settings table names it: then a new version is tried beside the live
one. Where a quota leaves no room for the second slot, and for campaigns that no row names, the live one is updated.

Source: contract §8.1 (five campaigns of a dataset group); the order is that of the release: the front page's first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from personalize_spec import limits
from personalize_spec.parameters.entries import campaign_entries, solution_entries
from personalize_spec.parameters.finding import Finding, at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.resource_names import ResourceNames, second_slot

BESIDE, NO_ROOM, NO_ROW = "beside the live one", "in place, for want of room", "in place, as no row names it"
MAIN = "userPersonalization"
MOST = limits.CAMPAIGNS_PER_DATASET_GROUP


@dataclass(frozen=True)
class Way:
    """How a new version of a campaign is released. `solution` is the solution's key in the file."""

    solution: str
    name: str
    how: str


def release_ways(data: object, existing: Collection[str]) -> list[Way]:
    """Give the way of each campaign, in the order of the release; `existing` are the campaigns of the dataset group."""
    named, others = _campaigns(data)
    room = MOST - campaigns_after(data, existing)
    ways = []
    for solution, name in named:
        needs_room = not {name, second_slot(name)} <= set(existing)
        ways.append(Way(solution, name, NO_ROOM if needs_room and room < 1 else BESIDE))
        room -= needs_room
    return [*ways, *(Way(solution, name, NO_ROW) for solution, name in others)]


def campaigns_after(data: object, existing: Collection[str]) -> int:
    """Count the campaigns of the dataset group when the file's are there; one in its second slot is there."""
    named, others = _campaigns(data)
    new = [name for _, name in (*named, *others) if not {name, second_slot(name)} & set(existing)]
    return len({*existing, *new})


def check_release_room(data: object, existing: Collection[str]) -> Iterator[Finding]:
    """Yield a warning that names the campaigns for whose next version the default quota leaves no room."""
    ways, count = release_ways(data, existing), campaigns_after(data, existing)
    late = [way for way in ways if way.how == NO_ROOM]
    if late and count <= MOST:
        beside = [way.name for way in ways if way.how == BESIDE]
        lead = (
            f"With {count} campaigns, and the {MOST} that AWS allows in a dataset group unless it has raised the quota,"
        )
        good = f" new versions of {' and '.join(beside)} are tried beside the live ones;" if beside else ""
        bad = ", ".join(_without_room(way) for way in late)
        cure = f"Ask AWS for {count + len(beside) + len(late)}."
        yield warning("campaigns", f"{lead}{good} {bad}. {cure}")


def _without_room(way: Way) -> str:
    if way.solution == MAIN:
        return f"a release of {way.name} fails"
    return f"{way.name} is updated in place, for all readers at once"


def _campaigns(data: object) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The campaigns that a row names and the others: each with its solution's key, by the names on Personalize."""
    prefixed = ResourceNames(at(data, str, "datasetGroup", "name") or "", at(data, str, "namePrefix")).prefixed
    found = {
        key: [prefixed(name) for _, entry in campaign_entries(data, key) if (name := at(entry, str, "name"))]
        for key, _ in solution_entries(data)
    }
    routed = [key for key in CAMPAIGN_OF_SOLUTION if found.get(key)] if found.get(MAIN) else []
    named = [(key, found[key][0]) for key in sorted(routed, key=lambda key: key != MAIN)]
    others = [(key, name) for key, names in found.items() for name in names if (key, name) not in named]
    return named, others
