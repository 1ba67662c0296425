"""A backend: one campaign with its filters, as a row of the settings table or the stack's parameters name it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_spec.api_settings import DEFAULT_CONTEXT, DEFAULT_LIMIT_TIME_RANGE, is_arn

CATEGORY_CONTEXT = "art_same_section_mostpopular"
CAMPAIGN_KIND = ":campaign/"
TIME_PARAMETER = "minTimestamp"  # a filter that has it gets the age limit from the API


@dataclass(frozen=True)
class FilterRule:
    """A filter by name, the `$parameters` that it needs, and how old its articles may be."""

    name: str
    parameters: tuple[str, ...] = ()
    recent_only: bool = False
    recent_sections: frozenset[str] = frozenset()
    days: float | None = None  # what recent means; None leaves it to the API

    def wants_recent(self, categories: tuple[str, ...]) -> bool:
        """Tell whether articles must be recent for these categories."""
        return self.recent_only or not self.recent_sections.isdisjoint(categories)


@dataclass(frozen=True)
class Backend:
    """Where recommendations come from; `weight` is its share of the visitors, 0 is none."""

    name: str
    campaign_arn: str
    weight: float
    filters: Mapping[str, FilterRule]  # API context → filter
    related_arn: str = ""
    ranking_arn: str = ""
    tracker_id: str = ""
    dataset_arn: str = ""

    def filter_arn(self, rule: FilterRule) -> str:
        """Return the filter's ARN: filters live beside their campaign."""
        return self.campaign_arn.partition(CAMPAIGN_KIND)[0] + f":filter/{rule.name}"

    def filter_chain(self, context: str) -> tuple[FilterRule, ...]:
        """Return the filters to ask in turn: the context's, then the default one."""
        default = self.filters.get(DEFAULT_CONTEXT)
        rules = (self.filters.get(context, default), default)
        return tuple(dict.fromkeys(rule for rule in rules if rule))


def backend_from_row(row: Mapping[str, Any]) -> Backend | None:
    """Read a row of the settings table; None if it cannot serve.

    What is wrong in a column that is not needed to serve is left out; `personalize_spec.api_settings` has them all.
    """
    campaign_arn = row.get("campaignArn")
    if not is_arn(campaign_arn, "campaign"):
        return None
    contexts = row.get("context")
    rules = {
        context: rule
        for context, entry in (contexts.items() if isinstance(contexts, Mapping) else ())
        if (rule := rule_from_entry(entry))
    }
    return Backend(
        name=str(row.get("name")),
        campaign_arn=campaign_arn,
        weight=weight_of(row.get("trafficRatio")),
        filters=rules,
        related_arn=arn_or_none(row.get("relatedCampaignArn"), "campaign"),
        ranking_arn=arn_or_none(row.get("rankingCampaignArn"), "campaign"),
        tracker_id=str(row.get("eventTrackerId") or ""),
        dataset_arn=arn_or_none(row.get("datasetArn"), "dataset"),
    )


def rule_from_entry(entry: Any) -> FilterRule | None:
    """Read one entry of a row's context map."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("filter_name"), str):
        return None
    named = tuple(map(str, entry.get("filter_values") or ()))
    written = tuple(re.findall(r"\$(\w+)", str(entry.get("filterExpression", ""))))
    return FilterRule(
        name=entry["filter_name"],
        parameters=tuple(dict.fromkeys((*named, *written))),
        recent_only=entry.get("limit_time_range", DEFAULT_LIMIT_TIME_RANGE) is not False,
        recent_sections=frozenset(map(str, entry.get("include_time_range_for_sections") or ())),
        days=weight_of(entry["filter_days_limit"]) if entry.get("filter_days_limit") else None,
    )


def weight_of(value: Any) -> float:
    """Read a traffic ratio; 1 when none is given, and no traffic for what is not a positive number."""
    if value is None:
        return 1.0
    try:
        weight = float(value)
    except (TypeError, ValueError):
        return 0.0
    return weight if 0 < weight < float("inf") else 0.0


def arn_or_none(value: Any, kind: str) -> str:
    """Give an ARN of this kind, "" for anything else."""
    return value if is_arn(value, kind) else ""


@dataclass(frozen=True)
class NamedResources:
    """What the stack's five parameters name; empty for what they do not."""

    campaign: str = ""
    filters_prefix: str = ""
    tracker_id: str = ""
    dataset: str = ""
    related_campaign: str = ""
    ranking_campaign: str = ""


def backend_from_parameters(named: NamedResources, arn_prefix: str) -> Backend | None:
    """Return the backend that the stack's parameters name, below `arn:…:personalize:region:account`."""
    if not named.campaign:
        return None

    def arn(kind: str, name: str) -> str:
        return f"{arn_prefix}:{kind}/{name}" if name else ""

    prefix = named.filters_prefix
    filters = {
        CATEGORY_CONTEXT: FilterRule(f"{prefix}-category", ("category",)),
        DEFAULT_CONTEXT: FilterRule(f"{prefix}-unread"),
    }
    group = named.dataset.partition("/")[0]
    return Backend(
        name=named.campaign,
        campaign_arn=arn("campaign", named.campaign),
        weight=1.0,
        filters=filters if prefix else {},
        related_arn=arn("campaign", named.related_campaign),
        ranking_arn=arn("campaign", named.ranking_campaign),
        tracker_id=named.tracker_id,
        dataset_arn=arn("dataset", f"{group}/ITEMS") if group else "",
    )
