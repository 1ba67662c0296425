"""What live resources cost a day on AWS, by the price table, whether anybody asks them or not."""

from __future__ import annotations

from typing import Any

from personalize_local.console.inventory import Group
from personalize_local.console.words import BUSY, GOOD, tone
from personalize_spec.prices import PriceTable, tiered_cost

HOURS_PER_DAY, DAYS_PER_MONTH = 24.0, 30.0


def dollars_per_day(groups: list[Group], prices: PriceTable) -> dict[str, Any]:
    """Give `total` and by the ARN of what is live; requests beyond the minimum, trainings and imports come on top.

    A recommender is taken for one of up to 100,000 users: the API does not tell how many there are.
    """
    campaigns = [one for group in groups for one in _running(group.campaigns)]
    tps = {one["campaignArn"]: float(one.get("minProvisionedTPS") or 1) for one in campaigns}
    recommenders = [one["recommenderArn"] for group in groups for one in _running(group.parts["recommenders"])]
    total_tps = sum(tps.values())
    month = tiered_cost(prices.tps_hour, total_tps * HOURS_PER_DAY * DAYS_PER_MONTH)
    each_tps = month / DAYS_PER_MONTH / total_tps if total_tps else 0.0
    by_arn = {arn: count * each_tps for arn, count in tps.items()}
    by_arn |= dict.fromkeys(recommenders, prices.recommender_hour * HOURS_PER_DAY)
    return {"total": sum(by_arn.values()), "by_arn": by_arn, "as_of": prices.as_of}


def _running(summaries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in summaries if tone(one["status"]) in (GOOD, BUSY)]
