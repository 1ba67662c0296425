"""Filters and schemas that a successor has replaced, and that nothing uses any more.

Only names of the plan count, with or without a successor's hash: what others have made is left alone. Personalize
itself refuses to delete what is in use, which then is left for the next run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.errors import ResourceBusyError
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS
from pipeline.planning.definitions import GROUP, fit

SETTLED = timedelta(hours=1)  # a younger schema may be one that another run is about to use

Resource = dict[str, str]


def find_unused(
    gateway: PersonalizeGateway, replaceable: Sequence[Resource], made: Mapping[str, Any], now: datetime
) -> list[Resource]:
    """List them, each as {kind, arn}; `replaceable` are the filters and schemas of the plan, by kind and name.

    Errors: all of pipeline.errors.
    """
    group_arn = made[GROUP]["arn"]
    filters = gateway.summaries(KINDS["filter"], datasetGroupArn=group_arn)
    found = [*_replaced("filter", _planned(replaceable, "filter"), made, filters)]
    old = (each for each in gateway.summaries(KINDS["schema"]) if now - each["creationDateTime"] >= SETTLED)
    return [*found, *_replaced("schema", _planned(replaceable, "schema"), made, old)]


def remove(gateway: PersonalizeGateway, resources: Iterable[Resource]) -> list[str]:
    """Delete them; give the ARNs of those that were."""
    return [each["arn"] for each in resources if _remove(gateway, each)]


def _remove(gateway: PersonalizeGateway, resource: Resource) -> bool:
    try:
        gateway.delete(KINDS[resource["kind"]], resource["arn"])
    except ResourceBusyError:
        return False
    return True


def _planned(replaceable: Sequence[Resource], kind: str) -> list[str]:
    return [each["name"] for each in replaceable if each["kind"] == kind]


def _replaced(
    kind: str, planned: Iterable[str], made: Mapping[str, Any], summaries: Iterable[Mapping[str, Any]]
) -> Iterator[Resource]:
    used = {entry["arn"] for entry in made.values()}
    patterns = [re.compile(f"{re.escape(name)}|{_successors_of(name)}") for name in planned]
    for summary in summaries:
        arn = summary[KINDS[kind].arn_member]
        if arn not in used and any(pattern.fullmatch(summary["name"]) for pattern in patterns):
            yield {"kind": kind, "arn": arn}


def _successors_of(name: str) -> str:
    return re.escape(fit(name, "0" * 8)[:-8]) + "[0-9a-f]{8}"
