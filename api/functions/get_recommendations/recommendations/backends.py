"""A backend: one campaign with its filters, as a row of the settings table or the stack's parameters name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_CONTEXT = "default"
CATEGORY_CONTEXT = "art_same_section_mostpopular"
CAMPAIGN_KIND = ":campaign/"


@dataclass(frozen=True)
class FilterRule:
    """A filter by name and the `$parameters` that it needs."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backend:
    """Where recommendations come from; `weight` is its share of the visitors, 0 is none."""

    name: str
    campaign_arn: str
    weight: float
    filters: Mapping[str, FilterRule]  # API context → filter

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

    Source: the table that the mlops stack writes: name, campaignArn, trafficRatio, context {name: {filter_name, …}}.
    """
    campaign_arn = row.get("campaignArn")
    if not isinstance(campaign_arn, str) or CAMPAIGN_KIND not in campaign_arn:
        return None
    contexts = row.get("context")
    rules = {
        context: rule
        for context, entry in (contexts.items() if isinstance(contexts, Mapping) else ())
        if (rule := rule_from_entry(entry))
    }
    return Backend(str(row.get("name")), campaign_arn, weight_of(row.get("trafficRatio")), rules)


def rule_from_entry(entry: Any) -> FilterRule | None:
    """Read one entry of a row's context map."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("filter_name"), str):
        return None
    return FilterRule(entry["filter_name"], tuple(map(str, entry.get("filter_values") or ())))


def weight_of(value: Any) -> float:
    """Read a traffic ratio; 1 when none is given, and no traffic for what is not a positive number."""
    if value is None:
        return 1.0
    try:
        weight = float(value)
    except (TypeError, ValueError):
        return 0.0
    return weight if 0 < weight < float("inf") else 0.0


def backend_from_parameters(campaign_name: str, filters_prefix: str, function_arn: str) -> Backend | None:
    """Return the backend that the stack's parameters name, in the function's own account and region."""
    if not campaign_name:
        return None
    _, partition, _, region, account_id, *_ = function_arn.split(":")
    return Backend(
        name=campaign_name,
        campaign_arn=f"arn:{partition}:personalize:{region}:{account_id}:campaign/{campaign_name}",
        weight=1.0,
        filters={
            CATEGORY_CONTEXT: FilterRule(f"{filters_prefix}-category", ("category",)),
            DEFAULT_CONTEXT: FilterRule(f"{filters_prefix}-unread"),
        }
        if filters_prefix
        else {},
    )
