"""`python api/capacity.py 5 50 200`: what so many requests a second need, and cost a month.

The assumptions are the options; those about the API (calls, reads, bytes of log per request) are what its code does.
Prices are api/prices.toml and, of Personalize, those that the monitor has; --prices replaces some. --plot writes the
costs as a picture.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prices import Prices, read_prices

from personalize_spec.prices import tiered_cost

HOURS_A_MONTH = 30 * 24
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
PEAK_RATIO = 3.0  # the busiest minute ÷ the mean
BYTES_PER_UNIT = 4096  # of an eventually consistent read: half a unit each
LOG_BYTES = 1400  # of one request: the line of what was answered, the two of metrics, the gateway's
OWN_METRICS, METRICS_PER_ARM = 16, 5
ARMS = 2
FIREWALL_RULES = 5


@dataclass(frozen=True)
class Load:
    """What is asked, and what one request takes. Units: in the names; `rate` is the mean of requests per second."""

    rate: float
    articles: int = 10
    article_bytes: int = 1500
    picture_bytes: int = 400
    kept_ratio: float = 0.8  # of the articles are remembered from requests before
    topped_up_ratio: float = 0.1  # of the requests ask Personalize twice
    handler_ms: float = 60.0
    memory_gb: float = 1.0
    v2_recipe: bool = False  # billed by the call; whether a minimum counts is not known
    minimum_tps: float = 1.0  # of all campaigns together: paid whether they are asked or not
    provisioned: int = 0
    events_per_request: float = 0.5
    firewall: bool = True

    @property
    def peak_rate(self) -> float:
        return self.rate * PEAK_RATIO

    @property
    def requests(self) -> float:
        """Requests of a month."""
        return self.rate * SECONDS_A_MONTH

    @property
    def tps(self) -> float:
        """Transactions per second of Personalize, mean of the month."""
        return self.rate * (1 + self.topped_up_ratio)

    @property
    def read_units(self) -> float:
        """Units that one request reads: half a unit for each 4 KB of a row."""
        rows = (self.article_bytes, self.picture_bytes)
        units = sum(math.ceil(size / BYTES_PER_UNIT) * 0.5 for size in rows)
        return units * self.articles * (1 - self.kept_ratio)


def capacity(load: Load) -> dict[str, float]:
    """Give what must be there at the peak."""
    calls = load.peak_rate * (1 + load.topped_up_ratio)
    return {
        "requests a second, mean": load.rate,
        "requests a second, peak": load.peak_rate,
        "Lambda instances at once": math.ceil(load.peak_rate * load.handler_ms / 1000),
        "Personalize TPS": math.ceil(calls),
        "DynamoDB read units a second": round(load.peak_rate * load.read_units, 1),
        "DynamoDB write units a second": round(load.peak_rate * (1 + load.events_per_request), 1),
        "Kinesis shards": max(1, math.ceil(load.peak_rate * load.events_per_request / 1000)),
    }


def month(load: Load, prices: Prices) -> dict[str, float]:
    """Give the dollars of a month, by service."""
    millions = load.requests / 1e6
    events = millions * load.events_per_request
    gb_s = load.requests * load.handler_ms / 1000 * load.memory_gb
    kept_gb_s = load.provisioned * load.memory_gb * SECONDS_A_MONTH
    computing = prices["lambda"]["provisioned_use_per_gb_second" if load.provisioned else "per_gb_second"]
    table, stream = prices["dynamodb"], prices["kinesis"]
    written = (millions + events) * table["per_million_write_units"]
    shards = capacity(load)["Kinesis shards"]
    metrics = OWN_METRICS + METRICS_PER_ARM * ARMS
    return {
        "Personalize": personalize_month(load, prices),
        "Lambda": millions * prices["lambda"]["per_million_requests"]
        + gb_s * computing
        + kept_gb_s * prices["lambda"]["provisioned_per_gb_second"],
        "API Gateway": millions * prices["api_gateway"]["per_million_requests"],
        "DynamoDB": millions * load.read_units * table["per_million_read_units"] + written,
        "CloudWatch": millions * LOG_BYTES / 1000 * prices["cloudwatch"]["per_gb_logs"]
        + metrics * prices["cloudwatch"]["per_metric_month"],
        "WAF": firewall_month(millions, prices) if load.firewall else 0.0,
        "Kinesis": shards * HOURS_A_MONTH * stream["per_shard_hour"] + events * stream["per_million_puts"],
    }


def personalize_month(load: Load, prices: Prices) -> float:
    """Give the dollars of a month of answers: trainings come on top."""
    if load.v2_recipe:
        return load.tps * SECONDS_A_MONTH / 1000 * prices.personalize.v2_per_1000
    return tiered_cost(prices.personalize.tps_hour, max(load.minimum_tps, load.tps) * HOURS_A_MONTH)


def firewall_month(millions: float, prices: Prices) -> float:
    """Give the dollars of a month of the firewall."""
    kept = prices["waf"]["per_acl_month"] + FIREWALL_RULES * prices["waf"]["per_rule_month"]
    return kept + millions * prices["waf"]["per_million_requests"]


def report(loads: list[Load], prices: Prices) -> str:
    """Write both tables."""
    needed = [capacity(load) for load in loads]
    dollars = [month(load, prices) for load in loads]
    head = "| at the peak of three times the mean | " + " | ".join(f"{load.rate:g}/s" for load in loads) + " |"
    lines = [head, "|---|" + "---:|" * len(loads)]
    lines += [f"| {name} | " + " | ".join(f"{entry[name]:,g}" for entry in needed) + " |" for name in needed[0]]
    head = f"| dollars a month, prices of {prices.as_of}, {prices.region} | "
    lines += ["", head + " | ".join(f"{load.rate:g}/s" for load in loads) + " |", "|---|" + "---:|" * len(loads)]
    lines += [f"| {name} | " + " | ".join(f"{entry[name]:,.0f}" for entry in dollars) + " |" for name in dollars[0]]
    lines.append("| together | " + " | ".join(f"{sum(entry.values()):,.0f}" for entry in dollars) + " |")
    return "\n".join(lines)


def plot(path: Path, prices: Prices, **options: Any) -> None:
    """Draw the dollars of a month over the requests per second, by service."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rates = [2.0**power for power in range(9)]
    months = [month(Load(rate, **options), prices) for rate in rates]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name in sorted(months[0], key=lambda service: -months[-1][service]):
        axes.plot(rates, [entry[name] for entry in months], marker=".", label=name)
    axes.plot(rates, [sum(entry.values()) for entry in months], color="black", linewidth=2, label="together")
    axes.set(xscale="log", yscale="log", xlabel="requests per second, mean", ylabel="US dollars a month")
    axes.set_title(f"Cost by load, list prices of {prices.as_of}")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Parse the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "rates", type=float, nargs="*", default=[5, 50, 200], help="requests per second, mean of the month"
    )
    parser.add_argument("--articles", type=int, default=Load.articles)
    parser.add_argument("--handler-ms", type=float, default=Load.handler_ms)
    parser.add_argument("--kept-ratio", type=float, default=Load.kept_ratio, help="of the articles are remembered")
    parser.add_argument("--provisioned", type=int, default=Load.provisioned, help="instances kept warm")
    parser.add_argument("--v2-recipe", action="store_true", help="the campaign's recipe is one of version 2")
    parser.add_argument("--minimum-tps", type=float, default=Load.minimum_tps, help="of all campaigns together")
    parser.add_argument(
        "--prices", default="", help='prices to replace, as JSON: {"lambda": {"per_gb_second": 0.00001}}'
    )
    parser.add_argument("--plot", type=Path, help="write the picture to this file")
    given = parser.parse_args()
    names = ("articles", "handler_ms", "kept_ratio", "provisioned", "v2_recipe", "minimum_tps")
    options = {name: getattr(given, name) for name in names}
    try:
        prices = read_prices(given.prices)
    except ValueError as error:
        parser.error(str(error))
    print(report([Load(rate, **options) for rate in given.rates], prices))  # noqa: T201
    if given.plot:
        plot(given.plot, prices, **options)


if __name__ == "__main__":
    main()
