"""What the services behind the API cost: a dated table, and how parts of it are replaced.

Amazon Personalize's prices are those that the monitor reckons with (`personalize_spec.prices`).
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "functions"))

from personalize_spec.prices import PriceTable, override_prices

TABLE = Path(__file__).with_name("prices.toml")
PERSONALIZE = "personalize"


@dataclass(frozen=True)
class Prices:
    """Dollars, by service and price; `as_of` says when they were noted."""

    as_of: str
    region: str
    services: Mapping[str, Mapping[str, float]]
    personalize: PriceTable

    def __getitem__(self, service: str) -> Mapping[str, float]:
        return self.services[service]


def read_prices(overrides: str = "") -> Prices:
    """Read the table; a JSON object of services replaces prices, such as `{"lambda": {"per_gb_second": 0.00001}}`.

    `personalize` takes what the monitor's parameter takes.
    Errors: ValueError for what is no such object, or no price of the table.
    """
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    as_of, region = str(table.pop("as_of")), table.pop("region")
    changes = read_overrides(overrides)
    personalize = override_prices(json.dumps(changes.pop(PERSONALIZE, {})))
    services = {name: numbers(section) for name, section in table.items()}
    if unknown := sorted(changes.keys() - services.keys()):
        raise ValueError(
            f"There are no prices of {', '.join(unknown)}; there are of {', '.join((PERSONALIZE, *services))}."
        )
    for name, change in changes.items():
        services[name] = replaced(name, services[name], change)
    return Prices(as_of, region, services, personalize)


def numbers(section: Mapping[str, Any]) -> dict[str, float]:
    """Give a service's prices, without the notes on where they are from."""
    return {name: value for name, value in section.items() if isinstance(value, int | float)}


def read_overrides(text: str) -> dict[str, Any]:
    """Parse what is to be replaced.

    Errors: ValueError for what is no JSON object.
    """
    try:
        changes = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise ValueError(f"The prices are not JSON: {error}.") from error
    if not isinstance(changes, dict):
        raise ValueError("The prices must be a JSON object of services.")
    return changes


def replaced(service: str, prices: Mapping[str, float], change: Any) -> dict[str, float]:
    """Replace a service's prices.

    Errors: ValueError for a price that there is not, or one that is no number.
    """
    if not isinstance(change, dict):
        raise ValueError(f"The prices of {service} must be a JSON object of prices by name.")
    if unknown := sorted(change.keys() - prices.keys()):
        raise ValueError(f"{service} has no price {', '.join(unknown)}; there are {', '.join(prices)}.")
    if wrong := [name for name, value in change.items() if not is_price(value)]:
        raise ValueError(f"The price {service}.{wrong[0]} must be a number, 0 or more.")
    return {**prices, **change}


def is_price(value: Any) -> bool:
    """Tell a number of dollars from anything else."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
