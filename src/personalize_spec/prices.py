"""What Amazon Personalize costs: the one dated table, and how parts of it are replaced.

Tiers are (units of a month that cost this much, US dollars per unit); None is all the rest. All is for us-east-1.

Source: what is charged, and how it is measured, is documented (the price page: per GB, per training hour of
4 virtual CPUs and 8 GiB, per TPS-hour, the greater of provisioned and used in each five minutes; the developer guide on
recommenders: the greater of the least and the real number of requests of each hour). The amounts are notes of third
parties of 2024 to 2026 (contract §8.4), as AWS's page does not give them in its text: `STANDING` says how sure each is.
Override what you pay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace

Tiers = tuple[tuple[float | None, float], ...]


@dataclass(frozen=True)
class PriceTable:
    """Prices in US dollars; `as_of` says when they were noted.

    Units: a TPS-hour is one provisioned or used transaction per second during an hour; a recommender's hour is charged
    for each started 100,000 users and holds `recommender_free_per_hour` recommendations. Recipes of version 2 train by
    interactions and answer by requests. A batch job answers one request per line.
    What is stored is the input bucket's, at S3's price: Personalize charges for data when they come in.
    """

    as_of: str = "2025-11-30"
    tps_hour: Tiers = ((20_000, 0.20), (180_000, 0.10), (None, 0.05))
    recommender_hour: float = 0.375
    recommender_users: float = 100_000
    recommender_free_per_hour: float = 4_000
    recommender_per_1000: float = 0.0833
    training_hour: float = 0.24
    ingested_gb: float = 0.05
    v2_training_per_million: float = 2.0
    v2_per_1000: float = 0.15
    batch_per_1000: float = 0.067
    stored_gb_month: float = 0.023


SEVERAL, ONE = "several third parties agree", "one third party, not verified"
STANDING = {
    "tps_hour": SEVERAL,
    "recommender_hour": ONE,
    "recommender_users": ONE,
    "recommender_free_per_hour": ONE,
    "recommender_per_1000": ONE,
    "training_hour": SEVERAL,
    "ingested_gb": SEVERAL,
    "v2_training_per_million": ONE,
    "v2_per_1000": ONE,
    "batch_per_1000": ONE,
    "stored_gb_month": SEVERAL,
}


def override_prices(text: str, table: PriceTable | None = None) -> PriceTable:
    """Replace prices by a JSON object's, such as `{"as_of": "2026-10-01", "training_hour": 0.3}`; all others stay.

    A number for `tps_hour` is one price for any amount.
    Errors: ValueError for anything that is no such object.
    """
    table = table or PriceTable()
    try:
        changes = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise ValueError(f"The prices are not JSON: {error}.") from error
    if not isinstance(changes, dict):
        raise ValueError("The prices must be a JSON object of prices by name.")
    unknown = sorted(changes.keys() - {field.name for field in fields(PriceTable)})
    if unknown:
        names = ", ".join(field.name for field in fields(PriceTable))
        raise ValueError(f"There is no price {', '.join(unknown)}; there are {names}.")
    return replace(table, **{name: _checked(name, value) for name, value in changes.items()})


def tiered_cost(tiers: Tiers, units: float) -> float:
    """Give the dollars of so many units in one month.

    Source: contract §8.4: each tier's price is for the units within it.
    """
    cost, rest = 0.0, units
    for size, price in tiers:
        taken = rest if size is None else min(rest, size)
        cost, rest = cost + taken * price, rest - taken
    return cost


def _checked(name: str, value: object) -> str | float | Tiers:
    if name == "as_of" and isinstance(value, str):
        return value
    if name == "tps_hour" and isinstance(value, list):
        return _tiers(value)
    if name == "as_of" or not _is_price(value):
        raise ValueError(f"The price {name} must be {'a date' if name == 'as_of' else 'a number, 0 or more'}.")
    return ((None, float(value)),) if name == "tps_hour" else float(value)  # type: ignore[arg-type]


def _tiers(value: list[object]) -> Tiers:
    is_tier = all(
        isinstance(tier, list) and len(tier) == 2 and (tier[0] is None or _is_price(tier[0])) and _is_price(tier[1])
        for tier in value
    )
    if not value or not is_tier or value[-1][0] is not None:  # type: ignore[index]
        raise ValueError("The price tps_hour must be a number, or tiers such as [[20000, 0.2], [null, 0.1]].")
    return tuple((size, float(price)) for size, price in value)  # type: ignore[misc]


def _is_price(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
