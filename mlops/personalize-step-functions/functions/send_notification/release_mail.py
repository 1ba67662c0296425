"""The mails about releases, rollbacks and teardowns; pure.

Each gives the subject's title, the lines of the body, and the error and cause with which the execution ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from failures import failure_lines

Event = Mapping[str, Any]
Composed = tuple[str, list[str], str, str]

RELEASE_REFUSED = "ReleaseRefused"
RELEASE_FAILED = "ReleaseFailed"
ROLLBACK_FAILED = "RollbackFailed"
RETIREMENT_FAILED = "RetirementFailed"
TEARDOWN_FAILED = "TeardownFailed"
RELEASE_ERRORS = frozenset({RELEASE_REFUSED, RELEASE_FAILED, ROLLBACK_FAILED, RETIREMENT_FAILED, TEARDOWN_FAILED})
_REFUSALS = frozenset({"GateClosedError", "SmokeTestFailedError"})


def _started(event: Event) -> Composed:
    pace = event["plan"]["pace"]
    steps = ", ".join(f"{step:g} %" for step in pace["steps"])
    body = [
        f"A new version of {event['dataset_group']} has passed the gate and answers.",
        f"Its part of the readers grows: {steps}, each held for {pace['step_s'] / 60:g} minutes.",
        f"Alarms that take it back: {', '.join(pace['alarms']) or 'none named'}.",
        *_version_lines(event),
        *_in_place_lines(event),
    ]
    return f"Release of {event['dataset_group']} begins", body, "", ""


def _released(event: Event) -> Composed:
    plan, group = event["plan"], event["dataset_group"]
    hours = f"{plan['pace']['soak_s'] / 3600:g} hours"
    soak = f"What was served before is kept for {hours}; `rollback.py {group}` serves it again."
    body = [
        f"The recommendations of {group} are served as the parameter file says.",
        *_version_lines(event),
        *([soak] if plan["moves"] else []),
        *_list("Worth knowing:", [*plan["warnings"], *(text for each in event["results"] for text in _warnings(each))]),
    ]
    return f"{group} is released", body, "", ""


def _release_failed(event: Event) -> Composed:
    errors = {failure["error"]["Error"] for failure in event["failures"]}
    refused = errors <= _REFUSALS
    lead = (
        "The new version was not good enough. What was served before is served on."
        if refused
        else "The release failed. What was served before is served on, or will be with the next release."
    )
    title = f"Release of {event['dataset_group']} {'refused' if refused else 'failed'}"
    return _failed(event, title, lead, RELEASE_REFUSED if refused else RELEASE_FAILED)


def _rolled_back(event: Event) -> Composed:
    group = event["dataset_group"]
    body = [
        f"The version before is served again for {group}.",
        *_version_lines(event),
        "The versions that were taken back are not released again by themselves: train new ones.",
    ]
    return f"{group} is rolled back", body, "", ""


def _rollback_failed(event: Event) -> Composed:
    lead = "The version before could not be served again. What was served before the rollback is served on."
    return _failed(event, f"Rollback of {event['dataset_group']} failed", lead, ROLLBACK_FAILED)


def _retired(event: Event) -> Composed:
    group, gone = event["dataset_group"], event["retirement"]["old"]["campaigns"]
    body = [
        f"The soak time of {group}'s release is over, and nothing has alarmed. Deleted:",
        *(f"  - {arn}" for arn in gone),
    ]
    return f"The version before of {group} is retired", body, "", ""


def _retirement_failed(event: Event) -> Composed:
    alarmed = any(failure["error"]["Error"] == "AlarmRings" for failure in event["failures"])
    lead = (
        "An alarm rang in the soak time: the version before is served again."
        if alarmed
        else "The version before could not be retired. It serves nobody, but its campaigns go on costing."
    )
    moved = event["retirement"]["in_place"] if alarmed else []
    back = f" Put back by an update: {', '.join(each['name'] for each in moved)}." if moved else ""
    return _failed(event, f"After the release of {event['dataset_group']}", f"{lead}{back}", RETIREMENT_FAILED)


def _teardown_planned(event: Event) -> Composed:
    body = [
        f"This is all there is of {event['dataset_group']}. Nothing was deleted: it was a dry run.",
        *_stage_lines(event),
        *_job_lines(event),
    ]
    return f"What a teardown of {event['dataset_group']} would delete", body, "", ""


def _torn_down(event: Event) -> Composed:
    body = [f"Everything of {event['dataset_group']} is deleted:", *_stage_lines(event), *_job_lines(event)]
    return f"{event['dataset_group']} is deleted", body, "", ""


def _teardown_failed(event: Event) -> Composed:
    lead = "Something could not be deleted. What is gone is gone; start the teardown again when the cause is removed."
    return _failed(event, f"Teardown of {event['dataset_group']} failed", lead, TEARDOWN_FAILED)


def _failed(event: Event, title: str, lead: str, error: str) -> Composed:
    failures = [failure_lines(failure) for failure in event["failures"]]
    body = [lead]
    for lines in failures:
        body += ["", *lines]
    return title, body, error, "\n\n".join("\n".join(lines) for lines in failures)


def _version_lines(event: Event) -> list[str]:
    prepared = _prepared(event)
    lines = (
        f"Campaign {each['definition']['name']}: {each['version']} ({_how(each, prepared)})"
        for each in event["plan"]["candidates"]
    )
    return ["", *lines, ""]


def _how(candidate: Event, prepared: Mapping[str, str]) -> str:
    """How a campaign has come to its version."""
    arn = prepared.get(candidate["name"])
    if candidate["mode"] == "KEPT":
        return "as it was"
    if arn is None:
        return "failed"
    if not candidate["live_version"]:
        return "the first"
    return "updated in place" if arn == candidate["live_campaign"] else "beside the live one"


def _in_place_lines(event: Event) -> list[str]:
    prepared = _prepared(event)
    if not any(_how(each, prepared) == "updated in place" for each in event["plan"]["candidates"]):
        return []
    text = (
        "A campaign that is updated in place changes for all readers at once, as there is no room for another beside "
        "it, or no row of the settings table names it. An alarm updates it to its version before."
    )
    return [text]


def _prepared(event: Event) -> dict[str, str]:
    """The campaigns that were prepared well, by name, with their ARNs."""
    return {each["name"]: each["campaign"]["arn"] for each in event["results"] if each["outcome"] == "SUCCEEDED"}


def _stage_lines(event: Event) -> list[str]:
    lines = []
    for stage in event["stages"]:
        lines += ["", f"{stage['name']}:"]
        lines += [f"  - {each['arn'] or each['name']} ({each['status']})" for each in stage["resources"]]
    return lines


def _job_lines(event: Event) -> list[str]:
    """Jobs cannot be deleted: they go on being listed, cost nothing, and what they wrote is in its bucket."""
    jobs = [f"{count} {kind.replace('-', ' ')}(s)" for kind, count in event["jobs_that_stay"].items()]
    return ["", f"Personalize cannot delete jobs, so these stay as history: {', '.join(jobs)}."] if jobs else []


def _warnings(result: Event) -> Sequence[str]:
    return result.get("warnings", ())


def _list(title: str, entries: Sequence[str]) -> list[str]:
    return ["", title, *(f"  - {entry}" for entry in entries)] if entries else []


COMPOSERS: Mapping[str, Callable[[Event], Composed]] = {
    "RELEASE_STARTED": _started,
    "RELEASED": _released,
    "RELEASE_FAILED": _release_failed,
    "ROLLED_BACK": _rolled_back,
    "ROLLBACK_FAILED": _rollback_failed,
    "RETIRED": _retired,
    "RETIREMENT_FAILED": _retirement_failed,
    "TEARDOWN_PLANNED": _teardown_planned,
    "TORN_DOWN": _torn_down,
    "TEARDOWN_FAILED": _teardown_failed,
}
