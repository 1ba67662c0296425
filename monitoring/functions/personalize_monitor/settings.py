"""What one installation is told: template parameters as environment variables; members of an event win over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_spec.prices import PriceTable, override_prices

ALL = "all"
NO, REPORT, YES = "No", "Report", "Yes"
# CloudWatch evaluates at most a week of periods of an hour: contract of PutMetricAlarm, documented.
IDLE_HOURS_MAX = 48


class SettingError(ValueError):
    """A parameter or a member of the event that cannot be understood; the message says what it may be."""


@dataclass(frozen=True)
class Settings:
    """The parameters, read.

    Units: idle_hours, grace_hours, no_events_hours and model_max_age_hours in hours; utilization_bound in percent;
    latency_ms in milliseconds; monthly_spend_limit in dollars, 0 for none.
    """

    installation: str
    home_region: str
    topic_arn: str = ""
    namespace: str = "PersonalizeMonitor"
    campaign_arns: tuple[str, ...] = (ALL,)
    recommender_arns: tuple[str, ...] = (ALL,)
    regions: tuple[str, ...] = ()
    utilization_alarms: bool = True
    utilization_bound: float = 100
    adjust_min_tps: str = REPORT
    idle_alarms: bool = True
    idle_hours: int = 24
    delete_idle: str = REPORT
    grace_hours: int = 24
    service_alarms: bool = True
    latency_ms: float = 500
    no_events_hours: int = 6
    model_max_age_hours: int = 192
    monthly_spend_limit: float = 0
    settings_tables: tuple[str, ...] = (ALL,)
    state_machine_arns: tuple[str, ...] = (ALL,)
    api_names: tuple[str, ...] = (ALL,)
    endpoint: str = ""
    prices: PriceTable = field(default_factory=PriceTable)

    @property
    def prefix(self) -> str:
        """What every name of this installation begins with.

        No stack's name holds an underscore, so no other installation's names begin with it.
        """
        return f"{self.installation}_"


def read_settings(environment: Mapping[str, str], event: Mapping[str, Any] | None = None) -> Settings:
    """Read the parameters; a member of the event counts instead of the variable of the same name, false ones too.

    Errors: SettingError.
    """
    values = _Values(environment, event or {})
    return Settings(
        installation=environment["INSTALLATION"],
        home_region=environment["AWS_REGION"],
        topic_arn=environment.get("TOPIC_ARN", ""),
        namespace=environment.get("METRICS_NAMESPACE", "PersonalizeMonitor"),
        campaign_arns=values.names("CampaignARNs", (ALL,)),
        recommender_arns=values.names("RecommenderARNs", (ALL,)),
        regions=values.names("Regions", ()) or (environment["AWS_REGION"],),
        utilization_alarms=values.switch("AutoCreateUtilizationAlarms", YES) == YES,
        utilization_bound=values.number("UtilizationThresholdAlarmLowerBound", 100, 0, 1000),
        adjust_min_tps=values.switch("AutoAdjustMinTPS", REPORT),
        idle_alarms=values.switch("AutoCreateIdleAlarms", YES) == YES,
        idle_hours=int(values.number("IdleThresholdHours", 24, 2, IDLE_HOURS_MAX)),
        delete_idle=values.switch("AutoDeleteOrStopIdleResources", REPORT),
        grace_hours=int(values.number("GracePeriodHours", 24, 1, 720)),
        service_alarms=values.switch("AutoCreateServiceAlarms", YES) == YES,
        latency_ms=values.number("LatencyThresholdMs", 500, 1, 60_000),
        no_events_hours=int(values.number("NoEventsThresholdHours", 6, 1, 168)),
        model_max_age_hours=int(values.number("ModelMaxAgeHours", 192, 1, 24 * 365)),
        monthly_spend_limit=values.number("MonthlySpendLimit", 0, 0, 1e9),
        settings_tables=values.names("ApiSettingsTables", (ALL,)),
        state_machine_arns=values.names("StateMachineARNs", (ALL,)),
        api_names=values.names("ApiNames", (ALL,)),
        endpoint=str(values.get("NotificationEndpoint") or ""),
        prices=_prices(str(values.get("Prices") or "")),
    )


class _Values:
    def __init__(self, environment: Mapping[str, str], event: Mapping[str, Any]) -> None:
        self._environment, self._event = environment, event

    def get(self, name: str) -> Any:
        """An event's member counts when it is there, whatever it says; empty is the default."""
        value = self._event[name] if name in self._event else self._environment.get(name)
        return None if value is None or value == "" else value

    def names(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, str | list):
            raise SettingError(f"{name} must be a list, or a text with commas.")
        parts = value.split(",") if isinstance(value, str) else [str(part) for part in value]
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip())) or default

    def switch(self, name: str, default: str) -> str:
        value = self.get(name)
        if value is None:
            return default
        word = ({True: YES, False: NO}[value] if isinstance(value, bool) else str(value)).strip().casefold()
        known = {"yes": YES, "true": YES, "no": NO, "false": NO, "report": REPORT}
        if word not in known:
            raise SettingError(f"{name} must be Yes, No or Report, not {value!r}.")
        return known[word]

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.get(name)
        try:
            number = default if value is None else float(value)
        except (TypeError, ValueError):
            raise SettingError(f"{name} must be a number, not {value!r}.") from None
        if not low <= number <= high:
            raise SettingError(f"{name} must be from {low:g} to {high:g}, not {number:g}.")
        return number


def _prices(text: str) -> PriceTable:
    try:
        return override_prices(text)
    except ValueError as error:
        raise SettingError(f"Prices: {error}") from error
