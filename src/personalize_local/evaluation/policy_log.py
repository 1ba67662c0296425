"""The log of what was recommended, how likely that was, and what came of it: JSON lines, one per recommended item.

    {"recommendation_id": "r1", "item_id": "a", "rank": 1, "propensity": 0.25, "reward": 1.0,
     "user_id": "u1", "shown_at_epoch_s": 1700000000, "target_propensity": 0.5}

recommendation_id joins the items of one answer, and the events that carry it; rank counts from 1; propensity is the
chance, when the list was made, that this item would stand at this rank. The other members may be absent: reward is what
came of it, 0 for nothing, without it the events that carry the recommendation's id say so; user_id and shown_at_epoch_s
are needed to judge a trained recipe, target_propensity to judge any other policy, whose chance of the same item at the
same rank it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.store.tables import InteractionTable

REQUIRED = ("recommendation_id", "item_id", "rank", "propensity")
RECOMMENDATION_ID = "RECOMMENDATION_ID"


@dataclass(frozen=True)
class LoggedItem:
    """One recommended item; reward None when the events say what came of it.

    Units: shown_at_epoch_s in seconds; both propensities are chances, the own above 0.
    """

    recommendation_id: str
    item_id: str
    rank: int
    propensity: float
    reward: float | None = None
    user_id: str | None = None
    shown_at_epoch_s: int | None = None
    target_propensity: float | None = None

    def to_line(self) -> str:
        """Write the line, without a newline; absent members are left out."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})


def write_policy_log(path: Path, items: Iterable[LoggedItem]) -> None:
    """Write a log; what the file held before is gone."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{item.to_line()}\n" for item in items)


def read_policy_log(path: Path) -> list[LoggedItem]:
    """Read a log. Errors: EvaluationError that names the line and what is wrong with it."""
    try:
        with path.open(encoding="utf-8") as file:
            items = list(_items(path.name, file))
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}.") from error
    if not items:
        raise EvaluationError(f"{path.name} has no line: there is nothing to judge a policy by.")
    return items


def with_rewards(items: Sequence[LoggedItem], interactions: InteractionTable) -> list[LoggedItem]:
    """Fill in rewards that the log leaves to the events: 1 for an item with an event that carries the answer's id.

    Errors: EvaluationError when some are left to the events, and no event carries an id.
    """
    if all(item.reward is not None for item in items):
        return list(items)
    carried = interactions.columns.get(RECOMMENDATION_ID)
    if carried is None:
        raise EvaluationError(
            "The policy log has lines without a reward, and the interactions have no column RECOMMENDATION_ID to take "
            "it from: write one of the two."
        )
    ids = interactions.item_ids[interactions.item_row]
    rewarded = {(str(answer), str(item)) for answer, item in zip(carried, ids, strict=True) if answer is not None}
    return [
        item
        if item.reward is not None
        else replace(item, reward=float((item.recommendation_id, item.item_id) in rewarded))
        for item in items
    ]


def _items(name: str, lines: Iterable[str]) -> Iterator[LoggedItem]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _item(json.loads(line))
            except (ValueError, TypeError) as error:
                raise EvaluationError(f"{name}, line {number}: {error}") from error


def _item(content: Any) -> LoggedItem:
    """Check one line. Errors: ValueError, TypeError."""
    if not isinstance(content, Mapping):
        raise TypeError("a line is a JSON object with " + ", ".join(REQUIRED))
    missing = [member for member in REQUIRED if content.get(member) is None]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing; a line needs {', '.join(REQUIRED)}")
    item = LoggedItem(
        recommendation_id=str(content["recommendation_id"]),
        item_id=str(content["item_id"]),
        rank=int(content["rank"]),
        propensity=float(content["propensity"]),
        reward=None if content.get("reward") is None else float(content["reward"]),
        user_id=None if content.get("user_id") is None else str(content["user_id"]),
        shown_at_epoch_s=None if content.get("shown_at_epoch_s") is None else int(content["shown_at_epoch_s"]),
        target_propensity=None if content.get("target_propensity") is None else float(content["target_propensity"]),
    )
    if not 0.0 < item.propensity <= 1.0:
        raise ValueError(f"propensity {item.propensity} is no chance above 0: what was shown had one")
    if item.target_propensity is not None and not 0.0 <= item.target_propensity <= 1.0:
        raise ValueError(f"target_propensity {item.target_propensity} is no chance from 0 to 1")
    if item.rank < 1 or not math.isfinite(item.reward or 0.0):
        raise ValueError("rank counts from 1, and reward is a number")
    return item
