"""Every decision in words: an event for machines, a mail for people, each with how to undo it; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from personalize_monitor.guard import Action, Decision, Memory
from personalize_monitor.money import cost_of, monthly
from personalize_monitor.resources import CAMPAIGN, RECOMMENDER, Server
from personalize_monitor.settings import Settings

SOURCE = "personalize.monitor"
SUBJECT_MAX_LENGTH = 100  # SNS, documented


@dataclass(frozen=True)
class Notice:
    """An event and the mail that says the same."""

    detail_type: str
    detail: dict[str, Any]
    subject: str
    text: str

    def entry(self) -> dict[str, Any]:
        """Give the event as PutEvents takes it."""
        return {
            "Source": SOURCE,
            "DetailType": self.detail_type,
            "Detail": json.dumps(self.detail),
            "Resources": [self.detail["ARN"]],
        }


_COMMANDS = {
    (Action.UPDATE, CAMPAIGN): "UpdatePersonalizeCampaignMinProvisionedTPS",
    (Action.UPDATE, RECOMMENDER): "UpdatePersonalizeRecommenderMinRecommendationRPS",
    (Action.REMOVE, CAMPAIGN): "DeletePersonalizeCampaign",
    (Action.REMOVE, RECOMMENDER): "StopPersonalizeRecommender",
}
_DONE = {
    (Action.UPDATE, CAMPAIGN): "PersonalizeCampaignMinProvisionedTPSUpdated",
    (Action.UPDATE, RECOMMENDER): "PersonalizeRecommenderMinRecommendationRPSUpdated",
    (Action.REMOVE, CAMPAIGN): "PersonalizeCampaignDeleted",
    (Action.REMOVE, RECOMMENDER): "PersonalizeRecommenderStopped",
}


def detail_of(server: Server, decision: Decision, memory: Memory, settings: Settings) -> dict[str, Any]:
    """Give what machines are told: the decision, its reason, what it costs or spares, and how to undo it."""
    detail: dict[str, Any] = {
        "Installation": settings.installation,
        "ARN": server.arn,
        "Action": str(decision.action),
        "Reason": decision.reason,
        "CurrentMinTPS": server.min_tps,
        "Undo": how_to_undo(server, decision),
        "PipelineSetting": pipeline_note(server, decision, memory),
    }
    if decision.new_min_tps is not None:
        detail |= {"NewMinTPS": decision.new_min_tps, "FoundMinTPS": _found(server, memory)}
        detail["DollarsPerMonthDifference"] = _difference(server, decision.new_min_tps, settings)
    if decision.due_at is not None:
        detail["DueAt"] = decision.due_at.isoformat()
    return detail


def command(server: Server, decision: Decision, memory: Memory, settings: Settings) -> dict[str, Any]:
    """Give the event that has a decision carried out."""
    detail_type = _COMMANDS[decision.action, server.kind]
    return Notice(detail_type, detail_of(server, decision, memory, settings), "", "").entry()


def proposal(server: Server, decision: Decision, memory: Memory, settings: Settings) -> Notice:
    """Say what would be done, or that it will be."""
    is_warning = decision.action is Action.WARN and decision.acts
    verb = _verb(server, decision)
    headline = f"{server.name} will be {verb}" if is_warning else f"{server.name} could be {verb}"
    leave = "" if is_warning else "Nothing was changed: the parameter " + _parameter(decision) + " is not Yes."
    return _notice(
        "PersonalizeIdleWarning" if is_warning else "PersonalizeProposal",
        server,
        decision,
        memory,
        settings,
        headline,
        leave,
    )


def outcome(server: Server, decision: Decision, memory: Memory, settings: Settings) -> Notice:
    """Say what was done."""
    headline = f"{server.name} was {_verb(server, decision)}"
    return _notice(_DONE[decision.action, server.kind], server, decision, memory, settings, headline, "")


def how_to_undo(server: Server, decision: Decision) -> str:
    """Give the command that brings the former state back, or that keeps what would go."""
    if decision.action is Action.WARN:
        return "Send it one request, update it, or set AutoDeleteOrStopIdleResources to No: then it stays."
    verb = "update" if decision.action is Action.UPDATE else "create" if server.kind == CAMPAIGN else "start"
    options = {
        ("update", CAMPAIGN): f"--campaign-arn {server.arn} --min-provisioned-tps {server.min_tps}",
        ("update", RECOMMENDER): f"--recommender-arn {server.arn} --recommender-config "
        f"minRecommendationRequestsPerSecond={server.min_tps}",
        ("create", CAMPAIGN): f"--name {server.name} --solution-version-arn {server.solution_version_arn} "
        f"--min-provisioned-tps {server.min_tps}",
        ("start", RECOMMENDER): f"--recommender-arn {server.arn}",
    }
    return f"aws personalize {verb}-{server.kind} {options[verb, server.kind]} --region {server.region}"


def pipeline_note(server: Server, decision: Decision, memory: Memory) -> str:
    """Say whose setting this goes against; empty when it goes against nobody's."""
    if decision.action is not Action.UPDATE or memory.set_tps == server.min_tps:
        return ""
    return (
        f"The minimum of {server.min_tps} TPS was not set here: the pipeline or somebody else did. "
        f"Its next run brings it back unless its parameter file says minProvisionedTPS {decision.new_min_tps}."
    )


def _notice(
    detail_type: str, server: Server, decision: Decision, memory: Memory, settings: Settings, headline: str, leave: str
) -> Notice:
    detail = detail_of(server, decision, memory, settings)
    undo = "To keep it" if decision.action is Action.WARN else "To undo it"
    lines = [
        f"{headline}.",
        f"Why: {decision.reason}.",
        leave,
        _dollars(server, decision, settings),
        detail["PipelineSetting"],
        f"{undo}: {detail['Undo']}",
        f"Resource: {server.arn}",
        f"Prices of {settings.prices.as_of}. Installation: {settings.installation}.",
    ]
    return Notice(detail_type, detail, headline[:SUBJECT_MAX_LENGTH], "\n\n".join(line for line in lines if line))


def _verb(server: Server, decision: Decision) -> str:
    if decision.action is Action.UPDATE:
        direction = "lowered" if (decision.new_min_tps or 0) < server.min_tps else "raised"
        return f"{direction} from {server.min_tps} to {decision.new_min_tps} TPS"
    return "deleted" if server.kind == CAMPAIGN else "stopped"


def _parameter(decision: Decision) -> str:
    return "AutoAdjustMinTPS" if decision.action is Action.UPDATE else "AutoDeleteOrStopIdleResources"


def _found(server: Server, memory: Memory) -> int:
    """The minimum that the guard found: its own former setting does not count as found."""
    is_ours = memory.set_tps == server.min_tps and memory.found_tps is not None
    return memory.found_tps if is_ours and memory.found_tps is not None else server.min_tps


def _difference(server: Server, new_min_tps: int, settings: Settings) -> float:
    """Dollars per month at no use: more when positive."""
    after = cost_of(replace(server, min_tps=new_min_tps), 0, settings.prices).charged
    return round(monthly(after - cost_of(server, 0, settings.prices).charged), 2)


def _dollars(server: Server, decision: Decision, settings: Settings) -> str:
    if decision.new_min_tps is None:
        return f"In dollars: {monthly(cost_of(server, 0, settings.prices).charged):.2f} less a month."
    dollars = _difference(server, decision.new_min_tps, settings)
    return f"In dollars: up to {abs(dollars):.2f} {'less' if dollars < 0 else 'more'} a month."
