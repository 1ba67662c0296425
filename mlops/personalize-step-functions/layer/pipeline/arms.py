"""The two arms of a dataset group: rows of the settings table that share the API's traffic; pure.

Rule 1: an arm is called as its dataset group, or that with `-b`. A campaign has two slots in the same way.
Rule 2: the live arm is the one that was released last. A row that has never had all the traffic is a candidate.
Rule 3: rows of the time before releases have no `releasedAt`: they are live when they have traffic.

Source: personalize_spec.api_settings; the attributes below are the pipeline's own, and the API leaves them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personalize_spec.parameters.resource_names import SLOT_SUFFIX
from pipeline.errors import ResourceConflictError

Row = Mapping[str, Any]

COLUMNS: Mapping[str, str] = {  # kind of solution → the column that names its campaign
    "userPersonalization": "campaignArn",
    "similarItems": "relatedCampaignArn",
    "personalizedRanking": "rankingCampaignArn",
}
MAIN_COLUMN = COLUMNS["userPersonalization"]  # its campaign is never updated in place while a row names it
MAX_WITHDRAWN = 20


def arm_names(group: str) -> tuple[str, str]:
    """Name both arms of a dataset group."""
    return group, f"{group}{SLOT_SUFFIX}"


def other_arm(group: str, name: str) -> str:
    """Name the arm beside this one."""
    first, second = arm_names(group)
    return second if name == first else first


def own_rows(group: str, rows: Sequence[Row]) -> list[Row]:
    """Give the rows that are arms of this dataset group.

    Errors: ResourceConflictError when another dataset group has a row under the second arm's name.
    """
    for row in rows:
        owner = row.get("datasetGroup", row["name"])
        if owner != group:
            raise ResourceConflictError(
                f"The row {row['name']} of the settings table belongs to the dataset group {owner}, and {group} needs "
                "the name for its second arm: give one of the two dataset groups another name."
            )
    return list(rows)


def live_row(group: str, rows: Sequence[Row]) -> Row | None:
    """Give the row that serves, or that should serve again after an interruption; None when there is none."""
    first = arm_names(group)[0]
    released = [row for row in rows if row.get("releasedAt")]
    if released:
        return max(released, key=lambda row: (row["releasedAt"], row["name"] == first))
    serving = [row for row in rows if weight_of(row) > 0]
    return max(serving, key=lambda row: row["name"] == first, default=None)


def row_named(rows: Sequence[Row], name: str) -> Row | None:
    """Give the row of that name."""
    return next((row for row in rows if row["name"] == name), None)


def weight_of(row: Row | None) -> float:
    """Give a row's weight, as the API reads it: 1 where the row says nothing, 0 without a row."""
    return 0.0 if row is None else float(row.get("trafficRatio", 1))


def share_of(candidate: Row | None, live: Row | None) -> float:
    """Give the candidate's share of the two arms' traffic, in percent."""
    total = weight_of(candidate) + weight_of(live)
    return 100 * weight_of(candidate) / total if total else 0.0


def campaigns_of(row: Row | None) -> list[str]:
    """Give the ARNs of the campaigns that a row names."""
    return [row[column] for column in COLUMNS.values() if row.get(column)] if row else []


def version_known(known: Mapping[str, Any], campaign: str) -> str:
    """Give the version that a campaign has by what a row, or the memory of a group without one, says; "" for none."""
    return known.get("campaigns", {}).get(campaign, {}).get("version", "")


def with_withdrawn(row: Row, versions: Sequence[str]) -> list[str]:
    """Give the versions that are not to be released by themselves again: those of the row, and these."""
    return list(dict.fromkeys((*row.get("withdrawn", []), *versions)))[-MAX_WITHDRAWN:]


def snapshot(row: Row) -> dict[str, Any]:
    """Give by what a row is known again later: its name, when it was released, and its campaigns."""
    return {"name": row["name"], "releasedAt": row.get("releasedAt", ""), "campaigns": campaigns_of(row)}
